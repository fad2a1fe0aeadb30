"""The examples of every command, shown by ``--help`` and the manual and run by a test.

A line has at most 56 characters, so that it fits on a narrow terminal.
"""

from __future__ import annotations

from stepcli.cli.docs.model import Example

EXAMPLES = {
    "": (
        Example("Speak a sentence", 'stepcli speak "Dinner is ready"', runnable=False),
        Example("Transcribe a recording", "stepcli transcribe talk.wav -l en"),
        Example("Try it without an account", "stepcli speak --sandbox Hello -o hello.wav"),
    ),
    "speak": (
        Example("Speak a sentence", 'stepcli speak "Dinner is ready"', runnable=False),
        Example("Read a manual page aloud", "man ls | stepcli speak", runnable=False),
        Example("Write speech to a file", "stepcli speak -f notes.txt -o notes.mp3"),
        Example(
            "Choose a voice and a style",
            "stepcli speak -v vibrant-youth -i whispering Hi -o a.wav",
        ),
        Example(
            "Pipe the audio to another program", "stepcli speak Hello -o - | ffmpeg -i - a.m4a"
        ),
        Example(
            "Make an audiobook whose text appears in music players",
            "stepcli speak -f notes.txt -o a.mp3 --subtitles a.lrc",
        ),
        Example("Read along", "stepcli speak -f notes.txt --follow", runnable=False),
        Example("Estimate the cost", "stepcli speak -f notes.txt --dry-run"),
        Example("Speak a dialogue", "stepcli speak --script play.txt -o play.mp3"),
        Example("Dub a video", "stepcli speak --timed talk.srt -o dub.wav"),
        Example("Write one file per line", "stepcli speak --batch lines.txt --output-dir out"),
    ),
    "stream": (
        Example(
            "Speak text while it is being written", 'llm "a story" | stepcli stream', runnable=False
        ),
        Example("Read along", 'llm "a story" | stepcli stream --follow', runnable=False),
        Example("Listen to a log", "tail -f build.log | stepcli stream", runnable=False),
        Example(
            "Write audio and subtitles",
            "stepcli stream -o a.wav --subtitles a.srt <notes.txt",
        ),
    ),
    "transcribe": (
        Example("Print a transcript", "stepcli transcribe talk.wav -l en"),
        Example("Write subtitles for a recording", "stepcli transcribe talk.wav -l en -o talk.srt"),
        Example("Dictate", "stepcli transcribe --mic -l en", runnable=False),
        Example(
            "Name a word that occurs in the recording",
            "stepcli transcribe talk.wav -l en --hotword StepFun",
        ),
        Example(
            "Transcribe a directory, a file for each recording",
            "stepcli transcribe talks --recursive --output-dir out",
            runnable=False,
        ),
        Example(
            "Transcribe a call with a speaker on each channel",
            "stepcli transcribe call.wav --channels=Ann,Ben",
            runnable=False,
        ),
        Example("Transcribe continuously", "stepcli transcribe --live", runnable=False),
        Example("Transcribe the last recording again", "stepcli transcribe --last", runnable=False),
    ),
    "voices": (
        Example("List the voices", "stepcli voices list"),
        Example("Listen to a voice", "stepcli voices preview vibrant-youth", runnable=False),
    ),
    "voices list": (
        Example("List the voices", "stepcli voices list"),
        Example("List the voices of another model", "stepcli voices list --model step-tts-mini"),
        Example("Print your cloned voices as JSON", "stepcli voices list --cloned --json"),
    ),
    "voices preview": (
        Example("Listen to a voice", "stepcli voices preview vibrant-youth", runnable=False),
        Example(
            "Preview a clone before you pay for it", "stepcli voices preview me.wav -o clone.wav"
        ),
    ),
    "voices clone": (
        Example("Clone a voice from a recording", "stepcli voices clone me.wav --name me --yes"),
        Example("Speak with the new voice", "stepcli speak -v me Hello", runnable=False),
        Example("Record the sample now", "stepcli voices clone --record 8", runnable=False),
    ),
    "voices uploads": (
        Example("List the samples that are still stored", "stepcli voices uploads"),
        Example("Delete all of them", "stepcli voices uploads --delete --yes"),
    ),
    "auth": (Example("Store an API key", "stepcli auth login", runnable=False),),
    "auth login": (
        Example("Enter the key without echo", "stepcli auth login", runnable=False),
        Example(
            "Read the key from a password manager",
            "pass stepfun | stepcli auth login",
            runnable=False,
        ),
    ),
    "auth status": (Example("Check the key", "stepcli auth status"),),
    "auth logout": (Example("Remove the key", "stepcli auth logout"),),
    "config": (Example("Set the default voice", "stepcli config set voice vibrant-youth"),),
    "config path": (
        Example("Open the file in an editor", '$EDITOR "$(stepcli config path)"', runnable=False),
    ),
    "config list": (Example("List the settings", "stepcli config list"),),
    "config get": (Example("Print a setting", "stepcli config get voice || true"),),
    "config set": (
        Example("Set the default voice", "stepcli config set voice vibrant-youth"),
        Example("Set an option of one command", "stepcli config set speak.speed 1.2"),
    ),
    "config unset": (Example("Restore the default", "stepcli config unset voice"),),
    "devices": (
        Example("List the devices", "stepcli devices", runnable=False),
        Example("Play on a device", "stepcli speak --device 3 Hello", runnable=False),
    ),
    "doctor": (
        Example("Check the setup", "stepcli doctor", runnable=False),
        Example("Check with the sandbox", "stepcli doctor --sandbox", runnable=False),
    ),
    "clean": (
        Example("Show what is kept, and how much", "stepcli clean"),
        Example("Delete the parts of long texts", "stepcli clean speech"),
    ),
    "sandbox": (
        Example("Run until interrupted", "stepcli sandbox --port 8080", runnable=False),
        Example(
            "Return 429 for the second request",
            "stepcli sandbox --fault speech:2:429",
            runnable=False,
        ),
    ),
    "help": (
        Example("Read the help of a command", "stepcli help voices clone"),
        Example("Describe a command to a program", "stepcli help --json speak"),
        Example("Teach a coding agent", "stepcli help --skill"),
    ),
}
