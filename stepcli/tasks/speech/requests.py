"""Build the speech requests for a text of any length, and for the lines of a batch."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from difflib import get_close_matches
from enum import StrEnum
from typing import Any

from stepcli.api.catalog import SPEECH_LIMITS, TextNormalization
from stepcli.api.speech import SpeechRequest
from stepcli.audio_types import AudioFormat
from stepcli.errors import UsageError
from stepcli.text.preparation import Preparation

FIRST_PIECE = 120
"""Characters of a long text's first request: short, so that the first sound is early."""


def requests_for(request: SpeechRequest) -> list[SpeechRequest]:
    """Return the requests for `request`: itself, or one per piece if its text is too long.

    The text of a model without known limits is not split.
    """
    limits = SPEECH_LIMITS.get(request.model)
    if limits is None or len(request.text) <= limits.input:
        return [request]
    from stepcli.text.chunking import split_text

    pieces = split_text(request.text, limits.input, FIRST_PIECE)
    return [replace(request, text=piece) for piece in pieces if piece.strip()]


_LONGEST_NAME = 200

# JSON key, with - or _: the request's field, and the types that it may have.
_FIELDS: dict[str, tuple[str, tuple[type, ...]]] = {
    "text": ("text", (str,)),
    "voice": ("voice", (str,)),
    "model": ("model", (str,)),
    "instruction": ("instruction", (str,)),
    "speed": ("speed", (int, float)),
    "volume": ("volume", (int, float)),
    "sample_rate": ("sample_rate", (int,)),
    "format": ("format", (str,)),
    "markdown": ("markdown", (bool,)),
    "text_normalization": ("text_normalization", (str,)),
    "pronounce": ("pronunciations", (list, str)),
}
_OTHERS = {"id": (str, int), "literal": (bool,), "verbatim": (bool,)}
_CHOICES: dict[str, type[StrEnum]] = {
    "format": AudioFormat,
    "text_normalization": TextNormalization,
}


@dataclass(frozen=True, slots=True)
class BatchLine:
    """One line of a batch: the `name` of its file without extension, and its request.

    `preparation` is still to be applied to the text of the request.
    """

    line: int
    name: str
    request: SpeechRequest
    preparation: Preparation


def read_batch(
    text: str, defaults: SpeechRequest, preparation: Preparation | None = None
) -> list[BatchLine]:
    """Return the lines of the batch `text`; `defaults` has the defaults of their options.

    The text is JSON Lines if the first line that is not blank starts with `{`; blank lines are
    skipped. Lines without an id are named by their numbers, padded to equal width. Raise
    UsageError for the first invalid line.
    """
    lines = [(number, line) for number, line in _lines(text) if line.strip()]
    if not lines:
        raise UsageError("the batch is empty")
    as_json = lines[0][1].lstrip().startswith("{")
    width = len(str(lines[-1][0]))
    plain = [
        BatchLine(
            number,
            f"{number:0{width}}",
            replace(defaults, text=line.strip()),
            preparation or Preparation(),
        )
        for number, line in lines
    ]
    read = [_from_json(one) for one in plain] if as_json else plain
    _check_names(read)
    return read


def _lines(text: str) -> Iterator[tuple[int, str]]:
    return enumerate(text.replace("\r\n", "\n").split("\n"), 1)


def _from_json(plain: BatchLine) -> BatchLine:
    """Return the line that the text of ``plain``, a JSON object, describes."""
    number = plain.line
    value = {
        key.replace("-", "_"): given for key, given in _object(number, plain.request.text).items()
    }
    for key, given in value.items():
        _check_field(number, key, given)
    fields = {
        _FIELDS[key][0]: _field(number, key, given)
        for key, given in value.items()
        if key in _FIELDS
    }
    if not fields.get("text", "").strip():
        raise UsageError(f"line {number} has no text")
    return BatchLine(
        number,
        str(value.get("id", plain.name)),
        replace(plain.request, **fields),
        Preparation(
            literal=value.get("literal", plain.preparation.literal),
            verbatim=value.get("verbatim", plain.preparation.verbatim),
        ),
    )


def _object(number: int, text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as exc:
        hint = "the first line is a JSON object, so all lines must be JSON objects"
        raise UsageError(f"line {number} is not JSON: {exc}", hint=hint) from None
    if not isinstance(value, dict):
        raise UsageError(f"line {number} is not a JSON object")
    if re.search("[\ud800-\udfff]", json.dumps(value, ensure_ascii=False)):
        raise UsageError(f"line {number} contains an unpaired surrogate")
    return value


def _check_field(number: int, key: str, given: object) -> None:
    allowed = _FIELDS[key][1] if key in _FIELDS else _OTHERS.get(key)
    if allowed is None:
        near = get_close_matches(key, (*_FIELDS, *_OTHERS), 1)
        hint = f"did you mean {near[0]!r}?" if near else None
        raise UsageError(f"line {number} has an unknown option {key!r}", hint=hint)
    if not isinstance(given, allowed) or (isinstance(given, bool) and bool not in allowed):
        raise UsageError(f"line {number}: {key!r} cannot be {given!r}")


def _field(number: int, key: str, given: Any) -> Any:
    if choices := _CHOICES.get(key):
        try:
            return choices(given.lower())
        except ValueError:
            listed = ", ".join(choices)
            raise UsageError(
                f"line {number}: {key!r} cannot be {given!r}", hint=f"choose from {listed}"
            ) from None
    if key == "pronounce":
        return (given,) if isinstance(given, str) else tuple(map(str, given))
    return given


def _check_names(read: list[BatchLine]) -> None:
    """Raise UsageError unless all names are unique plain file names."""
    seen: dict[str, int] = {}
    for one in read:
        if one.name in (".", "..") or set(one.name) & set("/\\\0:") or not one.name.strip():
            raise UsageError(f"line {one.line}: the id {one.name!r} cannot be a file's name")
        if len(one.name.encode()) > _LONGEST_NAME:
            raise UsageError(f"line {one.line}: the id is too long for a file's name")
        if one.name.lower() in seen:
            raise UsageError(f"lines {seen[one.name.lower()]} and {one.line} have the same id")
        seen[one.name.lower()] = one.line
