"""Options that describe output: audio and subtitles."""

from __future__ import annotations

from stepcli.api.catalog import SpeechLimits
from stepcli.audio_types import AudioFormat
from stepcli.cli.params.options import flag, option, option_group
from stepcli.cli.params.values import AUDIO, OUTPUT_DEVICE, SUBTITLE_OUTPUT, Choices
from stepcli.subtitles.formats import DEFAULT_STYLE, CueStyle

_AUDIO_OUTPUT = "Audio output"
_SUBTITLES = "Subtitles"
FOLLOW_OPTION = flag(
    "--follow",
    heading=_AUDIO_OUTPUT,
    help="Show the text while it plays, with the current word highlighted; without a terminal "
    "on stderr, write each sentence to it when it begins.",
)


@option_group(_AUDIO_OUTPUT)
class AudioOutputOptions:
    """The options of every command that plays or writes audio."""

    output: str | None = option(
        "--output, -o FILE", kind=AUDIO, help="Write the audio to FILE; '-' is stdout."
    )
    play: bool = flag("--play", help="Play the audio as well as writing FILE.")
    format: AudioFormat | None = option(
        "--format NAME",
        help="Audio format: mp3, wav, flac, opus or pcm.",
        default_text="from FILE's extension, else mp3",
    )
    sample_rate: int | None = option(
        "--sample-rate HZ",
        advanced=True,
        help="Sample rate: 8000, 16000, 22050, 24000 or 48000.",
        kind=Choices(tuple(map(str, SpeechLimits().sample_rates))),
        default_text="24000",
    )
    device: str | None = option(
        "--device NAME|N",
        help="Output device: its number or part of its name.",
        kind=OUTPUT_DEVICE,
        default_text="system default",
    )


SUBTITLES_OPTION = option(
    "--subtitles FILE",
    kind=SUBTITLE_OUTPUT,
    heading=_SUBTITLES,
    help="Write subtitles to FILE, in the format of its extension: .srt, .vtt, .lrc or .json.",
)


@option_group(_SUBTITLES)
class CueOptions:
    """The options of every command that writes subtitles."""

    max_line_width: int = option(
        "--max-line-width N",
        default=DEFAULT_STYLE.line_width,
        min=5,
        max=500,
        advanced=True,
        help="Maximum characters of a subtitle line; a Chinese one counts as 2.1.",
    )
    max_lines: int = option(
        "--max-lines N",
        default=DEFAULT_STYLE.lines,
        min=1,
        max=20,
        advanced=True,
        help="Maximum lines of a subtitle.",
    )
    max_cue_seconds: float = option(
        "--max-cue-seconds S",
        default=DEFAULT_STYLE.seconds,
        min=0.5,
        max=3600,
        advanced=True,
        help="Maximum duration of a subtitle in seconds.",
    )
    word_times: bool = flag(
        "--word-times", advanced=True, help="Add the time of each word to WebVTT."
    )

    @property
    def style(self) -> CueStyle:
        """The style that the options describe."""
        return CueStyle(self.max_line_width, self.max_lines, self.max_cue_seconds, self.word_times)
