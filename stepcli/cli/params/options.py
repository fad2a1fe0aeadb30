"""The options that several commands share; help, completion and manual are derived from them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_args, get_type_hints

import typer

from stepcli.api.catalog import (
    DEFAULT_VOICE,
    SPEECH_LIMITS,
    SPEECH_MODEL,
    SpeechLimits,
    TextNormalization,
)
from stepcli.audio_types import AudioFormat
from stepcli.base_url import BaseURL
from stepcli.cli.io.text_input import listed_values
from stepcli.cli.params._click import StringParamType, get_current_context
from stepcli.cli.params.values import (
    AUDIO,
    OUTPUT_DEVICE,
    SUBTITLE_OUTPUT,
    VOICE,
    Choices,
    Files,
    Kind,
    ValueSpec,
    with_spec,
)
from stepcli.cli.params.voice_names import voice_id
from stepcli.settings import AUTO_JOBS, DEFAULT_RETRIES, DEFAULT_TIMEOUT
from stepcli.subtitles.formats import DEFAULT_STYLE, CueStyle

if TYPE_CHECKING:
    from stepcli.api.speech import SpeechRequest
    from stepcli.text.preparation import Preparation

AUDIO_OUTPUT = "Audio output"
VOICE_AND_STYLE = "Voice and style"
SUBTITLES = "Subtitles"
COMMON = "Common options"
_LIMITS = SpeechLimits()
_AUTO = "auto"
_JOBS = (1, 64)


def option(
    *names: str,
    help: str,
    kind: Kind | tuple[Kind, ...] = (),
    default_text: str = "",
    limits: tuple[float, float] | None = None,
    repeatable: bool = False,
    reads_files: bool = False,
    check: Callable[[str], object] | None = None,
    once: bool = False,
    optional_value: Callable[[str], bool] | None = None,
    advanced: bool = False,
    **more: Any,
) -> Any:
    """Return an option with a value, which ``STEPCLI_<OPTION>`` and the config file can set too.

    The other parameters are those of ``ValueSpec``. If it is ``repeatable``, the environment
    variable has a value per line. If it ``reads_files`` as well, a value ``@FILE`` stands for the
    lines of a file.
    """
    key = _long(names)
    variable = "STEPCLI_" + key.upper().replace("-", "_")
    if repeatable:
        more["click_type"] = _Line()
    if reads_files:
        more["callback"] = _values_with_files
    made = typer.Option(
        *names, help=help, envvar=variable, show_envvar=False, case_sensitive=False, **more
    )
    spec = ValueSpec(_kinds(kind), default_text, limits, key, check, once, optional_value, advanced)
    return with_spec(made, spec)


def flag(*names: str, help: str, advanced: bool = False, **more: Any) -> Any:
    """Return an option without a value, which the config file can set too."""
    made = typer.Option(*names, help=help, **more)
    return with_spec(made, ValueSpec(config_key=_long(names), advanced=advanced))


def argument(*, help: str, kind: Kind | tuple[Kind, ...] = (), **more: Any) -> Any:
    """Return a positional argument."""
    return with_spec(typer.Argument(help=help, **more), ValueSpec(_kinds(kind)))


class _Line(StringParamType):
    """A value of a repeatable option: a line of its environment variable."""

    envvar_list_splitter = "\n"


def _values_with_files(values: list[str] | None) -> list[str]:
    """Return ``values`` with each ``@FILE`` replaced by the values that the file lists."""
    found: list[str] = []
    for value in values or ():
        found += listed_values(Path(value[1:])) if value.startswith("@") else [value]
    return found


def _long(names: tuple[str, ...]) -> str:
    return next(name for name in names if name.startswith("--")).removeprefix("--")


def _kinds(kind: Kind | tuple[Kind, ...]) -> tuple[Kind, ...]:
    return kind if isinstance(kind, tuple) else (kind,)


def _jobs(text: str) -> int | None:
    """Return the number of `--jobs`, None for `auto`."""
    if text.lower() == _AUTO:
        return None
    least, most = _JOBS
    if not (text.isdecimal() and least <= int(text) <= most):
        raise typer.BadParameter(f"{text!r} is neither auto nor a number from {least} to {most}.")
    return int(text)


def _voice_id(name: str) -> str:
    return voice_id(name, get_current_context().find_root().obj.environ)


TextFile = Annotated[
    Path | None,
    option(
        "--file", "-f", metavar="FILE", kind=Files(), once=True, help="Read the text from FILE."
    ),
]
Voice = Annotated[
    str,
    option(
        "--voice",
        "-v",
        metavar="VOICE",
        kind=VOICE,
        rich_help_panel=VOICE_AND_STYLE,
        help="Voice to use: an official voice, the id of a cloned voice, or an alias; '?' lists "
        "them.",
        parser=_voice_id,
    ),
]
Instruction = Annotated[
    str | None,
    option(
        "--instruction",
        "-i",
        metavar="TEXT",
        rich_help_panel=VOICE_AND_STYLE,
        help="How to speak, such as 'whispering, out of breath'. At most 200 characters.",
    ),
]
Speed = Annotated[
    float | None,
    option(
        "--speed",
        metavar="X",
        rich_help_panel=VOICE_AND_STYLE,
        help="Speed factor.",
        limits=_LIMITS.speed,
        default_text="1.0",
    ),
]
Volume = Annotated[
    float | None,
    option(
        "--volume",
        metavar="X",
        rich_help_panel=VOICE_AND_STYLE,
        help="Volume factor.",
        limits=_LIMITS.volume,
        default_text="1.0",
    ),
]
Pronounce = Annotated[
    list[str] | None,
    option(
        "--pronounce",
        metavar="A/B|@FILE",
        repeatable=True,
        reads_files=True,
        rich_help_panel=VOICE_AND_STYLE,
        help="Pronounce A as B, such as 'LOL/laugh out loudly' or '阿胶/e1胶'. Repeatable. @FILE"
        " reads one per line.",
    ),
]
Literal = Annotated[
    bool,
    flag(
        "--literal",
        rich_help_panel=VOICE_AND_STYLE,
        help="Speak text in ( ) instead of following it as a stage direction.",
    ),
]
Verbatim = Annotated[
    bool,
    flag(
        "--verbatim",
        rich_help_panel=VOICE_AND_STYLE,
        advanced=True,
        help=(
            "Send the text unchanged, including repeated blanks, hyphens at line ends and "
            "terminal sequences."
        ),
    ),
]
Markdown = Annotated[
    bool,
    flag(
        "--markdown",
        rich_help_panel=VOICE_AND_STYLE,
        help="Remove Markdown formatting before speaking.",
    ),
]
TextNormalizationOption = Annotated[
    TextNormalization | None,
    option(
        "--text-normalization",
        metavar="NAME",
        rich_help_panel=VOICE_AND_STYLE,
        advanced=True,
        help="How to read numbers, units and symbols: standard, or enhanced (in full, slower).",
        default_text="standard",
    ),
]
Output = Annotated[
    str | None,
    option(
        "--output",
        "-o",
        metavar="FILE",
        kind=AUDIO,
        rich_help_panel=AUDIO_OUTPUT,
        help="Write the audio to FILE; '-' is stdout.",
    ),
]
SampleRate = Annotated[
    int | None,
    option(
        "--sample-rate",
        metavar="HZ",
        rich_help_panel=AUDIO_OUTPUT,
        advanced=True,
        help="Sample rate: 8000, 16000, 22050, 24000 or 48000.",
        kind=Choices(tuple(map(str, _LIMITS.sample_rates))),
        default_text="24000",
    ),
]
SpeechModel = Annotated[
    str,
    option(
        "--model",
        metavar="NAME",
        rich_help_panel=VOICE_AND_STYLE,
        advanced=True,
        help="Speech model.",
        kind=Choices(tuple(SPEECH_LIMITS)),
    ),
]
Format = Annotated[
    AudioFormat | None,
    option(
        "--format",
        metavar="NAME",
        rich_help_panel=AUDIO_OUTPUT,
        help="Audio format: mp3, wav, flac, opus or pcm.",
        default_text="from FILE's extension, else mp3",
    ),
]
Play = Annotated[
    bool,
    flag("--play", rich_help_panel=AUDIO_OUTPUT, help="Play the audio as well as writing FILE."),
]
Follow = Annotated[
    bool,
    flag(
        "--follow",
        rich_help_panel=AUDIO_OUTPUT,
        help="Show the text while it plays, with the current word highlighted.",
    ),
]
OutputDevice = Annotated[
    str | None,
    option(
        "--device",
        metavar="NAME|N",
        rich_help_panel=AUDIO_OUTPUT,
        help="Output device: its number or part of its name.",
        kind=OUTPUT_DEVICE,
        default_text="system default",
    ),
]
Jobs = Annotated[
    int | None,
    option(
        "--jobs",
        metavar="N|auto",
        kind=Choices((_AUTO,)),
        limits=_JOBS,
        default_text=_AUTO,
        parser=_jobs,
        advanced=True,
        help="Maximum number of parallel requests. With auto, as many as the service accepts, up to"
        f" {AUTO_JOBS}.",
    ),
]


@dataclass(frozen=True, slots=True)
class SpeechOptions:
    """What ``speak`` and ``stream`` take about the speech."""

    voice: Voice = DEFAULT_VOICE
    instruction: Instruction = None
    speed: Speed = None
    volume: Volume = None
    pronounce: Pronounce = None
    literal: Literal = False
    verbatim: Verbatim = False
    markdown: Markdown = False
    text_normalization: TextNormalizationOption = None
    model: SpeechModel = SPEECH_MODEL

    @property
    def lists_voices(self) -> bool:
        """Whether the voices are to be listed instead."""
        return self.voice == "?"

    @property
    def preparation(self) -> Preparation:
        """What is done to the text before it is sent."""
        from stepcli.text.preparation import Preparation

        return Preparation(self.literal, self.verbatim)

    def request(self, text: str = "", *, sample_rate: int | None = None) -> SpeechRequest:
        """Return the request that the options describe."""
        from stepcli.api.speech import SpeechRequest

        return SpeechRequest(
            text=text,
            voice=self.voice,
            model=self.model,
            sample_rate=sample_rate,
            speed=self.speed,
            volume=self.volume,
            instruction=self.instruction,
            pronunciations=tuple(self.pronounce or ()),
            markdown=self.markdown,
            text_normalization=self.text_normalization,
        )


@dataclass(frozen=True, slots=True)
class AudioOutputOptions:
    """What every command takes that plays or writes audio."""

    output: Output = None
    play: Play = False
    format: Format = None
    sample_rate: SampleRate = None
    device: OutputDevice = None


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
    """What every command takes that writes subtitles."""

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


@dataclass(frozen=True, slots=True)
class TerminalFlags:
    """What every command takes about its terminal."""

    json: Annotated[
        bool,
        flag(
            "--json",
            rich_help_panel=COMMON,
            help="Print one JSON object to stdout instead of text.",
        ),
    ] = False
    quiet: Annotated[
        bool, flag("--quiet", "-q", rich_help_panel=COMMON, help="Print only results and errors.")
    ] = False
    verbose: Annotated[
        bool,
        flag(
            "--verbose",
            rich_help_panel=COMMON,
            help="Print the model, requests, reused parts, bytes and the time to the first byte.",
        ),
    ] = False
    debug: Annotated[
        bool,
        flag(
            "--debug",
            rich_help_panel=COMMON,
            advanced=True,
            help="Log network traffic with bodies to stderr; keys are masked, sound is summarized.",
        ),
    ] = False


@dataclass(frozen=True, slots=True)
class ConnectionFlags:
    """What every command takes about the service."""

    base_url: Annotated[
        str | None,
        option(
            "--base-url",
            metavar="URL",
            check=BaseURL.parse,
            rich_help_panel=COMMON,
            advanced=True,
            help="Base URL of the service.",
        ),
    ] = None
    sandbox: Annotated[
        bool,
        flag(
            "--sandbox",
            envvar="STEPCLI_SANDBOX",
            show_envvar=False,
            rich_help_panel=COMMON,
            help="Use a private local sandbox; needs no account and no network.",
        ),
    ] = False
    timeout: Annotated[
        float,
        option(
            "--timeout",
            metavar="S",
            min=0.001,
            max=86400,
            rich_help_panel=COMMON,
            advanced=True,
            help="Maximum seconds without receiving data; does not limit the total time.",
        ),
    ] = DEFAULT_TIMEOUT
    retries: Annotated[
        int,
        option(
            "--retries",
            metavar="N",
            min=0,
            rich_help_panel=COMMON,
            advanced=True,
            help=(
                "Maximum retries for failed requests that are safe to repeat and for "
                "truncated parts of a long text."
            ),
        ),
    ] = DEFAULT_RETRIES


def common_options() -> dict[str, bool]:
    """Return the names of the options that every command has, and whether they take a value."""
    found: dict[str, bool] = {}
    for group in (TerminalFlags, ConnectionFlags):
        for annotation in get_type_hints(group, include_extras=True).values():
            kind, made = get_args(annotation)
            # In an annotation, Typer holds the first name in the field for the default value.
            found |= dict.fromkeys((made.default, *made.param_decls), kind is not bool)
    return found
