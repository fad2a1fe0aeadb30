"""JSON of the service, of which any field may be missing or have another type than documented.

What is parsed here cannot fail later: it is valid Unicode with finite numbers and limited nesting.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

_DEEPEST = 64
_LATEST = 1e12
"""Milliseconds from which a number cannot be a time in a recording."""
_HALF_PAIR = re.compile(
    r"\\\\"
    r"|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    r"|(\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
)


def parsed(data: bytes | str) -> Any:
    """Return the value of `data`; raise ValueError if it is not JSON or nested too deeply.

    Half a surrogate pair becomes U+FFFD; infinity, NaN and overflowing numbers become None.
    """
    text = data if isinstance(data, str) else data.decode(json.detect_encoding(data))
    if "\\" in text:
        text = _HALF_PAIR.sub(lambda match: "\\ufffd" if match[1] else match[0], text)
    try:
        value = _DECODER.decode(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if text.count("[") + text.count("{") > _DEEPEST and _is_deep(value):
        raise ValueError("nested too deeply")
    return value


def parsed_object(data: bytes | str) -> dict[str, Any] | None:
    """Return the object that `data` is, None if it is anything else."""
    try:
        value = parsed(data)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def as_text(value: object) -> str:
    """Return a string or a number, which ids may be, as text; anything else as empty text."""
    if isinstance(value, bool):
        return ""
    return str(value) if isinstance(value, str | int) else ""


def as_seconds(value: object) -> float | None:
    """Return a time in milliseconds as seconds; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value / 1000 if 0 <= value < _LATEST else None


def _number(digits: str) -> float | None:
    number = float(digits)
    return number if math.isfinite(number) else None


# Created once: that takes longer than decoding a frame of audio.
_DECODER = json.JSONDecoder(parse_float=_number, parse_constant=lambda _: None)


def _is_deep(value: Any) -> bool:
    level = [value]
    for _ in range(_DEEPEST):
        level = [inner for one in level for inner in _inside(one)]
        if not level:
            return False
    return True


def _inside(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []
