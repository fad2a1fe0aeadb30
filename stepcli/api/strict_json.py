"""JSON parsing that cannot fail later: valid Unicode, finite numbers and limited nesting."""

from __future__ import annotations

import json
import math
import re
from typing import Any

_DEEPEST = 64
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
