"""The examples of every command: first in its ``--help``, last in its manual, run by a test.

A line has at most 56 characters, so that it fits a narrow terminal unbroken.
"""

from __future__ import annotations

from stepcli.cli.docs.model import Example

EXAMPLES = {
    "": (
        Example("Say something", 'stepcli speak "Dinner is ready"', alone=False),
        Example("Read a recording", "stepcli transcribe talk.wav -l en"),
        Example("Try it without an account", "stepcli speak --sandbox Hello -o hello.wav"),
    ),
    "speak": (
        Example("Say something", 'stepcli speak "Dinner is ready"', alone=False),
        Example("Read a manual page aloud", "man ls | stepcli speak", alone=False),
        Example("Make a sound file of a text", "stepcli speak -f notes.txt -o notes.mp3"),
        Example(
            "Choose voice and manner",
            "stepcli speak -v vibrant-youth -i whispering Hi -o a.wav",
        ),
        Example("Hand the sound to a program", "stepcli speak Hello -o - | ffmpeg -i - a.m4a"),
        Example("See what it would cost", "stepcli speak -f notes.txt --dry-run"),
        Example("Make a file of every line", "stepcli speak --batch lines.txt --output-dir out"),
    ),
    "stream": (
        Example("Hear a text while it is written", 'llm "a story" | stepcli stream', alone=False),
        Example("Follow a log by ear", "tail -f build.log | stepcli stream", alone=False),
        Example(
            "Write the sound and its subtitles",
            "stepcli stream -o a.wav --subtitles a.srt <notes.txt",
        ),
    ),
    "transcribe": (
        Example("Print what is said", "stepcli transcribe talk.wav -l en"),
        Example("Subtitle a recording", "stepcli transcribe talk.wav -l en -o talk.srt"),
        Example("Help it with a name", "stepcli transcribe talk.wav -l en --hotword StepFun"),
        Example("Dictate", "stepcli transcribe --mic -l en", alone=False),
        Example("Write down who speaks, line by line", "stepcli transcribe --live", alone=False),
        Example("Try the last recording again", "stepcli transcribe --last", alone=False),
    ),
    "voices": (
        Example("See which voices there are", "stepcli voices list"),
        Example("Hear one", "stepcli voices preview vibrant-youth", alone=False),
    ),
    "voices list": (
        Example("See which voices there are", "stepcli voices list"),
        Example("Print the ids of your own", "stepcli voices list --cloned --json"),
    ),
    "voices preview": (
        Example("Hear a voice", "stepcli voices preview vibrant-youth", alone=False),
        Example("Hear a clone before you pay", "stepcli voices preview me.wav -o clone.wav"),
    ),
    "voices clone": (
        Example("Make a voice of a recording", "stepcli voices clone me.wav --name me --yes"),
        Example("Speak in it", "stepcli speak -v me Hello", alone=False),
        Example("Record the sample now", "stepcli voices clone --record 8", alone=False),
    ),
    "auth": (Example("Keep a key", "stepcli auth login", alone=False),),
    "auth login": (
        Example("Type the key, unseen", "stepcli auth login", alone=False),
        Example("Take it from a password store", "pass stepfun | stepcli auth login", alone=False),
    ),
    "auth status": (Example("Ask whether the key works", "stepcli auth status"),),
    "auth logout": (Example("Forget the key", "stepcli auth logout"),),
    "config": (Example("Always use one voice", "stepcli config set voice vibrant-youth"),),
    "config path": (
        Example("Open the file in an editor", '$EDITOR "$(stepcli config path)"', alone=False),
    ),
    "config list": (Example("See what is set", "stepcli config list"),),
    "config get": (
        Example("Print a setting, if there is one", "stepcli config get voice || true"),
    ),
    "config set": (
        Example("Always use one voice", "stepcli config set voice vibrant-youth"),
        Example("Only with one command", "stepcli config set speak.speed 1.2"),
    ),
    "config unset": (Example("Go back to the default", "stepcli config unset voice"),),
    "devices": (
        Example("See the devices", "stepcli devices", alone=False),
        Example("Play on one of them", "stepcli speak --device 3 Hello", alone=False),
    ),
    "doctor": (
        Example("Find out what is wrong", "stepcli doctor", alone=False),
        Example("Look at the sandbox only", "stepcli doctor --sandbox", alone=False),
    ),
    "sandbox": (
        Example("Serve until interrupted", "stepcli sandbox --port 8080", alone=False),
        Example("Test a script against a 429", "stepcli sandbox --fault speech:2:429", alone=False),
    ),
}
