"""Options of ``transcribe`` that describe recognition and the transcript."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stepcli.api.catalog import RECOGNITION_MODEL
from stepcli.cli.params.options import flag, option, option_group
from stepcli.cli.params.values import TRANSCRIPT, Choices, Directories
from stepcli.errors import UsageError
from stepcli.settings import REPLACE, own_names, prefers_chinese
from stepcli.tasks.transcription.transcript import TranscriptFormat

if TYPE_CHECKING:
    from stepcli.api.recognition import RecognitionRequest
    from stepcli.audio_types import Recording
    from stepcli.text.replacements import Replacements

LANGUAGES = ("zh", "en")
AUTO = "auto"
"""The value of `--language` that leaves the language to the service."""

_LANGUAGE_CODE = re.compile(r"([a-z]{2,8})((?:[-_][a-z0-9]+)*)", re.IGNORECASE)


def normalized_language(code: str) -> str:
    """Return `code` as the service knows it: `zh` for `zh-CN`; other regions are kept.

    Raise UsageError for anything but a language code.
    """
    found = _LANGUAGE_CODE.fullmatch(code)
    if not found:
        raise UsageError(
            f"--language takes a language code such as zh or en, or auto, not {code!r}"
        )
    language, region = found[1].lower(), found[2]
    return language if language in LANGUAGES else language + region


def languages_to_try(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return zh and en: first zh for a Chinese locale, else en."""
    return LANGUAGES if prefers_chinese(environ) else LANGUAGES[::-1]


@dataclass(frozen=True, slots=True)
class RecognitionSettings:
    """How to recognize: the language code, the model, words to expect, number formatting.

    The service chooses the language if it is None. Then `languages_if_empty` are tried for a piece
    in which it recognizes no words.
    """

    language: str | None
    model: str
    hotwords: tuple[str, ...]
    itn: bool
    languages_if_empty: tuple[str, ...] = ()

    def request(self, recording: Recording) -> RecognitionRequest:
        """Return the request that recognizes `recording`."""
        from stepcli.api.recognition import RecognitionRequest

        return RecognitionRequest(
            recording, self.language, self.model, hotwords=self.hotwords, itn=self.itn
        )

    def to_json(self) -> dict[str, Any]:
        """Return the fields about the options in the JSON of a transcript."""
        return {"language": self.language or AUTO, "model": self.model}


def _check_replacement(written: str) -> None:
    """Raise UsageError unless `written` is a replacement."""
    from stepcli.text.replacements import Replacements

    Replacements.parse([written])


@option_group()
class RecognitionOptions:
    """The options about what is recognized, and how."""

    language: str = option(
        "--language, -l CODE",
        default=AUTO,
        kind=Choices((AUTO, *LANGUAGES)),
        check=normalized_language,
        help="Spoken language: zh, en or another code. With auto, a piece in which no words"
        " are recognized is sent again as zh and en.",
    )
    hotword: list[str] | None = option(
        "--hotword WORD|@FILE",
        repeatable=True,
        reads_files=True,
        help="Word or name that is likely to occur. Repeatable. @FILE reads one per line.",
    )
    no_itn: bool = flag("--no-itn", advanced=True, help="Keep numbers and dates as spoken words.")
    model: str = option(
        "--model NAME",
        default=RECOGNITION_MODEL,
        kind=Choices((RECOGNITION_MODEL,)),
        advanced=True,
        help="Recognition model.",
    )

    def settings(self, environ: Mapping[str, str]) -> RecognitionSettings:
        """Return how to recognize. Raise UsageError for anything but a language code."""
        language = normalized_language(self.language)
        is_auto = language == AUTO
        return RecognitionSettings(
            None if is_auto else language,
            self.model,
            tuple(self.hotword or ()),
            not self.no_itn,
            languages_to_try(environ) if is_auto else (),
        )


@option_group("Transcript output")
class TranscriptOptions:
    """The options about the text, format and files of transcripts."""

    replace: list[str] | None = option(
        "--replace A=B",
        repeatable=True,
        check=_check_replacement,
        help="Print B for the word or phrase A, such as 'step fun=StepFun'. Repeatable."
        " The table [replace] of the config file has more.",
    )
    format: TranscriptFormat | None = option(
        "--format NAME",
        help="Transcript format: text, json, jsonl, srt, vtt, lrc or tsv.",
        default_text="from FILE's extension, else text",
    )
    paragraphs: bool = flag(
        "--paragraphs", help="Begin a paragraph of the text after each pause of more than 1.5 s."
    )
    output: str | None = option(
        "--output, -o FILE", kind=TRANSCRIPT, help="Write the transcript to FILE; '-' is stdout."
    )
    output_dir: Path | None = option(
        "--output-dir DIR",
        kind=Directories(),
        help="Write each transcript to its own file in DIR; those of the files in a directory"
        " keep their sub-directories.",
    )
    skip_existing: bool = flag(
        "--skip-existing", help="Skip inputs whose transcript file exists already."
    )

    def replacements(self, environ: Mapping[str, str]) -> Replacements:
        """Return the replacements of the options and of the config file."""
        from stepcli.text.replacements import Replacements

        return Replacements.parse(self.replace or (), own_names(REPLACE, environ))
