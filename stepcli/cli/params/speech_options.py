"""Options that describe speech: text, voice and style, and batches."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from stepcli.api.catalog import (
    DEFAULT_VOICE,
    SPEECH_LIMITS,
    SPEECH_MODEL,
    SpeechLimits,
    TextNormalization,
)
from stepcli.cli.params._click import get_current_context
from stepcli.cli.params.options import flag, option
from stepcli.cli.params.values import VOICE, Choices, Directories, Files
from stepcli.cli.params.voice_names import voice_id
from stepcli.errors import UsageError

if TYPE_CHECKING:
    from stepcli.api.speech import SpeechRequest
    from stepcli.text.preparation import Preparation

VOICE_AND_STYLE = "Voice and style"
BATCH = "Batch"
_LIMITS = SpeechLimits()


def _voice_id(name: str) -> str:
    return voice_id(name, get_current_context().find_root().obj.environ)


TextFile = Annotated[
    Path | None,
    option(
        "--file", "-f", metavar="FILE", kind=Files(), once=True, help="Read the text from FILE."
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


@dataclass(frozen=True, slots=True)
class SpeechOptions:
    """The options of ``speak`` and ``stream`` about the speech."""

    voice: Annotated[
        str,
        option(
            "--voice",
            "-v",
            metavar="VOICE",
            kind=VOICE,
            rich_help_panel=VOICE_AND_STYLE,
            help="Voice to use: an official voice, the id of a cloned voice, or an alias; '?' "
            "lists them.",
            parser=_voice_id,
        ),
    ] = DEFAULT_VOICE
    instruction: Annotated[
        str | None,
        option(
            "--instruction",
            "-i",
            metavar="TEXT",
            rich_help_panel=VOICE_AND_STYLE,
            help="How to speak, such as 'whispering, out of breath'. At most 200 characters.",
        ),
    ] = None
    speed: Annotated[
        float | None,
        option(
            "--speed",
            metavar="X",
            rich_help_panel=VOICE_AND_STYLE,
            help="Speed factor.",
            limits=_LIMITS.speed,
            default_text="1.0",
        ),
    ] = None
    volume: Annotated[
        float | None,
        option(
            "--volume",
            metavar="X",
            rich_help_panel=VOICE_AND_STYLE,
            help="Volume factor.",
            limits=_LIMITS.volume,
            default_text="1.0",
        ),
    ] = None
    pronounce: Annotated[
        list[str] | None,
        option(
            "--pronounce",
            metavar="A/B|@FILE",
            repeatable=True,
            reads_files=True,
            rich_help_panel=VOICE_AND_STYLE,
            help="Pronounce A as B, such as 'LOL/laugh out loudly' or '阿胶/e1胶'. Repeatable."
            " @FILE reads one per line.",
        ),
    ] = None
    literal: Annotated[
        bool,
        flag(
            "--literal",
            rich_help_panel=VOICE_AND_STYLE,
            help="Speak text in ( ) instead of following it as a stage direction.",
        ),
    ] = False
    verbatim: Annotated[
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
    ] = False
    markdown: Annotated[
        bool,
        flag(
            "--markdown",
            rich_help_panel=VOICE_AND_STYLE,
            help="Remove Markdown formatting before speaking.",
        ),
    ] = False
    text_normalization: Annotated[
        TextNormalization | None,
        option(
            "--text-normalization",
            metavar="NAME",
            rich_help_panel=VOICE_AND_STYLE,
            advanced=True,
            help="How to read numbers, units and symbols: standard, or enhanced (in full, slower).",
            default_text="standard",
        ),
    ] = None
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
class BatchOptions:
    """The options of ``speak`` about a batch."""

    batch: Annotated[
        Path | None,
        option(
            "--batch",
            metavar="FILE",
            kind=Files(("txt", "jsonl")),
            rich_help_panel=BATCH,
            help=(
                "Speak each line of FILE into its own file. All lines are text, or all are "
                "JSON objects with text, id and options; '-' is stdin."
            ),
        ),
    ] = None
    output_dir: Annotated[
        Path | None,
        option(
            "--output-dir",
            metavar="DIR",
            kind=Directories(),
            rich_help_panel=BATCH,
            help="Directory for the files of a batch.",
        ),
    ] = None
    skip_existing: Annotated[
        bool,
        flag(
            "--skip-existing",
            rich_help_panel=BATCH,
            help="Skip lines whose file already exists in DIR.",
        ),
    ] = False

    def applies(self, given: frozenset[str]) -> bool:
        """Return whether a batch is to be spoken; a default gives way to a text.

        Raise UsageError if the options conflict with others.
        """
        if not self.batch or ("batch" not in given and "text" in given):
            if {"output_dir", "skip_existing"} & given:
                raise UsageError("--output-dir and --skip-existing require --batch")
            return False
        for name in ("text", "file", "output", "play", "device", "follow", "script", "timed"):
            if name in given:
                what = "TEXT" if name == "text" else f"--{name}"
                raise UsageError(f"--batch cannot be combined with {what}")
        return True
