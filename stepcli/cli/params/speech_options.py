"""Options that describe speech: text, voice and style, and batches."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from stepcli.api.catalog import (
    DEFAULT_VOICE,
    SPEECH_LIMITS,
    SPEECH_MODEL,
    SpeechLimits,
    TextNormalization,
)
from stepcli.cli.params._click import get_current_context
from stepcli.cli.params.options import flag, option, option_group
from stepcli.cli.params.values import VOICE, Choices, Directories, Files
from stepcli.cli.params.voice_names import voice_id
from stepcli.errors import UsageError

if TYPE_CHECKING:
    from stepcli.api.speech import SpeechRequest
    from stepcli.text.preparation import Preparation

_VOICE_AND_STYLE = "Voice and style"
_LIMITS = SpeechLimits()


def _voice_id(name: str) -> str:
    return voice_id(name, get_current_context().find_root().obj.environ)


FILE_OPTION = option("--file, -f FILE", kind=Files(), once=True, help="Read the text from FILE.")
MODEL_OPTION = option(
    "--model NAME",
    default=SPEECH_MODEL,
    heading=_VOICE_AND_STYLE,
    advanced=True,
    help="Speech model.",
    kind=Choices(tuple(SPEECH_LIMITS)),
)


@option_group(_VOICE_AND_STYLE)
class SpeechOptions:
    """The options of ``speak`` and ``stream`` about the speech."""

    voice: str = option(
        "--voice, -v VOICE",
        default=DEFAULT_VOICE,
        kind=VOICE,
        help="Voice to use: an official voice, the id of a cloned voice, or an alias; '?' "
        "lists them.",
        parser=_voice_id,
    )
    instruction: str | None = option(
        "--instruction, -i TEXT",
        help="How to speak, such as 'whispering, out of breath'. At most 200 characters.",
    )
    speed: float | None = option(
        "--speed X", help="Speed factor.", limits=_LIMITS.speed, default_text="1.0"
    )
    volume: float | None = option(
        "--volume X", help="Volume factor.", limits=_LIMITS.volume, default_text="1.0"
    )
    pronounce: list[str] | None = option(
        "--pronounce A/B|@FILE",
        repeatable=True,
        reads_files=True,
        help="Pronounce A as B, such as 'LOL/laugh out loudly' or '阿胶/e1胶'. Repeatable."
        " @FILE reads one per line.",
    )
    literal: bool = flag(
        "--literal", help="Speak text in ( ) instead of following it as a stage direction."
    )
    verbatim: bool = flag(
        "--verbatim",
        advanced=True,
        help="Send the text unchanged, including repeated blanks, hyphens at line ends and "
        "terminal sequences.",
    )
    markdown: bool = flag("--markdown", help="Remove Markdown formatting before speaking.")
    text_normalization: TextNormalization | None = option(
        "--text-normalization NAME",
        advanced=True,
        help="How to read numbers, units and symbols: standard, or enhanced (in full, slower).",
        default_text="standard",
    )
    model: str = MODEL_OPTION

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


_WITHOUT_BATCH = ("text", "file", "output", "play", "device", "follow", "script", "timed")
"""The parameters of ``speak`` that a batch cannot be combined with."""


@option_group("Batch")
class BatchOptions:
    """The options of ``speak`` about a batch."""

    batch: Path | None = option(
        "--batch FILE",
        kind=Files(("txt", "jsonl")),
        help="Speak each line of FILE into its own file. All lines are text, or all are "
        "JSON objects with text, id and options; '-' is stdin.",
    )
    output_dir: Path | None = option(
        "--output-dir DIR", kind=Directories(), help="Directory for the files of a batch."
    )
    skip_existing: bool = flag(
        "--skip-existing", help="Skip lines whose file already exists in DIR."
    )

    def applies(self, given: frozenset[str]) -> bool:
        """Return whether a batch is to be spoken; a default gives way to options that exclude it.

        Raise UsageError if the options conflict with others.
        """
        excluded = next((name for name in _WITHOUT_BATCH if name in given), None)
        if not self.batch or (excluded and "batch" not in given):
            if {"output_dir", "skip_existing"} & given:
                raise UsageError("--output-dir and --skip-existing require --batch")
            return False
        if excluded:
            what = "TEXT" if excluded == "text" else f"--{excluded}"
            raise UsageError(f"--batch cannot be combined with {what}")
        return True
