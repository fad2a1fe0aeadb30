"""Options that describe output: audio and subtitles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from stepcli.api.catalog import SpeechLimits
from stepcli.audio_types import AudioFormat
from stepcli.cli.params.options import flag, option
from stepcli.cli.params.values import AUDIO, OUTPUT_DEVICE, SUBTITLE_OUTPUT, Choices
from stepcli.subtitles.formats import DEFAULT_STYLE, CueStyle

AUDIO_OUTPUT = "Audio output"
SUBTITLES = "Subtitles"
Follow = Annotated[
    bool,
    flag(
        "--follow",
        rich_help_panel=AUDIO_OUTPUT,
        help=(
            "Show the text while it plays, with the current word highlighted; without a terminal "
            "on stderr, write each sentence to it when it begins."
        ),
    ),
]


@dataclass(frozen=True, slots=True)
class AudioOutputOptions:
    """The options of every command that plays or writes audio."""

    output: Annotated[
        str | None,
        option(
            "--output",
            "-o",
            metavar="FILE",
            kind=AUDIO,
            rich_help_panel=AUDIO_OUTPUT,
            help="Write the audio to FILE; '-' is stdout.",
        ),
    ] = None
    play: Annotated[
        bool,
        flag(
            "--play", rich_help_panel=AUDIO_OUTPUT, help="Play the audio as well as writing FILE."
        ),
    ] = False
    format: Annotated[
        AudioFormat | None,
        option(
            "--format",
            metavar="NAME",
            rich_help_panel=AUDIO_OUTPUT,
            help="Audio format: mp3, wav, flac, opus or pcm.",
            default_text="from FILE's extension, else mp3",
        ),
    ] = None
    sample_rate: Annotated[
        int | None,
        option(
            "--sample-rate",
            metavar="HZ",
            rich_help_panel=AUDIO_OUTPUT,
            advanced=True,
            help="Sample rate: 8000, 16000, 22050, 24000 or 48000.",
            kind=Choices(tuple(map(str, SpeechLimits().sample_rates))),
            default_text="24000",
        ),
    ] = None
    device: Annotated[
        str | None,
        option(
            "--device",
            metavar="NAME|N",
            rich_help_panel=AUDIO_OUTPUT,
            help="Output device: its number or part of its name.",
            kind=OUTPUT_DEVICE,
            default_text="system default",
        ),
    ] = None


Subtitles = Annotated[
    str | None,
    option(
        "--subtitles",
        metavar="FILE",
        kind=SUBTITLE_OUTPUT,
        rich_help_panel=SUBTITLES,
        help="Write subtitles to FILE, in the format of its extension: .srt, .vtt, .lrc or .json.",
    ),
]


@dataclass(frozen=True, slots=True)
class CueOptions:
    """The options of every command that writes subtitles."""

    max_line_width: Annotated[
        int,
        option(
            "--max-line-width",
            metavar="N",
            min=5,
            max=500,
            rich_help_panel=SUBTITLES,
            advanced=True,
            help="Maximum characters of a subtitle line; a Chinese one counts as 2.1.",
        ),
    ] = DEFAULT_STYLE.line_width
    max_lines: Annotated[
        int,
        option(
            "--max-lines",
            metavar="N",
            min=1,
            max=20,
            rich_help_panel=SUBTITLES,
            advanced=True,
            help="Maximum lines of a subtitle.",
        ),
    ] = DEFAULT_STYLE.lines
    max_cue_seconds: Annotated[
        float,
        option(
            "--max-cue-seconds",
            metavar="S",
            min=0.5,
            max=3600,
            rich_help_panel=SUBTITLES,
            advanced=True,
            help="Maximum duration of a subtitle in seconds.",
        ),
    ] = DEFAULT_STYLE.seconds
    word_times: Annotated[
        bool,
        flag(
            "--word-times",
            rich_help_panel=SUBTITLES,
            advanced=True,
            help="Add the time of each word to WebVTT.",
        ),
    ] = False

    @property
    def style(self) -> CueStyle:
        """The style that the options describe."""
        return CueStyle(self.max_line_width, self.max_lines, self.max_cue_seconds, self.word_times)
