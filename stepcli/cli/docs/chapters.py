"""Chapters of the manual: what the options of a command cannot explain in a line."""

from __future__ import annotations

from dataclasses import dataclass

from stepcli.tasks.transcription.interim import extra_share


@dataclass(frozen=True, slots=True)
class Chapter:
    """A section of a manual page: paragraphs, then an example that is printed as it is.

    Without a title, it continues the section before it.
    """

    title: str
    paragraphs: tuple[str, ...]
    example: str = ""


CHAPTERS = {
    "": (
        Chapter(
            "Prices",
            (
                "`--dry-run` of speak and transcribe estimates the cost without sending anything. "
                "The prices are those of autumn 2026: yuan with a base URL at stepfun.com, dollars "
                "with any other. A Step Plan pays from its credit.",
                "Speech costs ¥5.80 or $0.85 for 10,000 characters. A Chinese character counts as "
                "one, and two Latin letters or two punctuation marks count as one. Recognition "
                "costs ¥0.15 or $0.022 an hour, a cloned voice ¥9.90 or $1.50.",
                "On a terminal, speak and transcribe ask before they spend more than --ask-above, "
                "10 yuan or dollars by default. A command that failed and is run again does not "
                "pay for its finished parts.",
            ),
        ),
    ),
    "transcribe": (
        Chapter(
            "Cost of interim words",
            (
                "An utterance is sent at each pause of 0.4 s, so that its text is there when "
                "--silence has passed. If you go on speaking, less than five seconds are sent "
                "again with what follows; anything longer is kept. With interim words, what "
                "follows the last pause is also sent every --interim seconds. When reading aloud, "
                f"{1 + extra_share(0.0):.1f} times the speech is sent, and "
                f"{1 + extra_share(1.0):.1f} times with interim words every second. `--dry-run` "
                "shows the estimate; --interim 0 saves most of it.",
                "See `stepcli-recipes`(7) for keys of the desktop that dictate.",
            ),
        ),
    ),
    "sandbox": (
        Chapter(
            "Other clients",
            (
                "Any HTTP or WebSocket client works with the sandbox. Run the two lines that it "
                "prints, which are like the first two of these:",
            ),
            """\
export STEPCLI_BASE_URL=http://127.0.0.1:41207/step_plan/v1
export STEP_API_KEY=sandbox-key
curl -sf "$STEPCLI_BASE_URL/audio/speech" -o hello.mp3 \\
  -H "Authorization: Bearer $STEP_API_KEY" \\
  -H "Content-Type: application/json" \\
  -d '{"model": "stepaudio-2.5-tts", "voice": "lively-girl", "input": "Hello"}'
curl -sf "${STEPCLI_BASE_URL/step_plan\\/}/audio/system_voices?model=step-tts-2" \\
  -H "Authorization: Bearer $STEP_API_KEY"
""",
        ),
    ),
    "speak": (
        Chapter(
            "Scripts",
            (
                "With --script, one file is spoken by several voices. A line `NAME: text` gives "
                "the turn to NAME, and the lines after it continue the turn until the next name. "
                "Only names of the cast change the voice, so `At 10:30: lunch` stays text. The "
                "colon may be the Chinese one. Text before the first name is spoken by --voice.",
                "The cast comes from --cast and from the table `[cast]` of the config file. After "
                "the voice, an entry may have `instruction`, `speed`, `volume` and `model`: "
                "`Ben=zixinnansheng, instruction=tired, speed=0.9`. The voices are brought to the "
                "loudness of the first one, unless --no-level is given; `volume` is kept.",
                "`[pause S]` on a line of its own is S seconds of silence, 0 to 600. A line that "
                "begins with `#` is a comment. Blank lines are part of the text.",
                "A script that failed is resumed by the same command, as any long text.",
            ),
            """\
# podcast.txt
Anna: Good morning, Ben.
Did you sleep well?
Ben: (yawning) Not at all.
[pause 1.5]
Anna: Then let us have some coffee.

stepcli speak --script podcast.txt --cast Anna=lively-girl \\
  --cast 'Ben=zixinnansheng, speed=0.9' -o podcast.mp3""",
        ),
        Chapter(
            "Timed subtitles",
            (
                "With --timed, each cue of a SubRip or WebVTT file is spoken at its own time, for "
                "example to dub a video. Markup is not spoken. A cue that begins with a name of "
                "the cast, or with the WebVTT voice `<v NAME>`, is spoken by that voice.",
                "Each cue has time until the next one begins, the last one until its own end. With "
                "--fit speed, speech that takes longer is requested once more with a higher "
                "--speed, at most 2.0, which costs a second request. With --fit stretch, ffmpeg "
                "changes its tempo without changing its pitch. With --fit none, it is left alone. "
                "Speech that is still too long is reported and moves later cues only as far as "
                "needed. With --json, `late` lists these cues and the seconds by which they run "
                "over.",
            ),
            """\
stepcli transcribe talk.mp4 --format srt > talk.srt
stepcli speak --timed talk.srt -o dub.wav
ffmpeg -i talk.mp4 -i dub.wav -map 0:v -map 1:a -c:v copy dubbed.mp4""",
        ),
    ),
}
"""The chapters by the name of the command."""
