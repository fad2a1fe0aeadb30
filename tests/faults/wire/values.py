"""Values of the wrong type, and their places."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any


def error(**fields: Any) -> bytes:
    return json.dumps({"error": fields}).encode()


DEEP = b"[" * 100_000


NESTED = json.loads("[" * 400 + "]" * 400)


VALUES: dict[str, Any] = {
    "null": None, "true": True, "number": 7, "minus": -1, "float": 1.5e308, "blank": "",
    "text": "x!", "array": [], "object": {}, "nested": NESTED, "surrogate": "\ud800\udfff\ud83d",
    "long": "A" * 100_001, "escape": "\x1b[2J\x9b31m\u202e", "two-numbers": [1, {"a": None}],
    "far": 253402300799, "early": -62135596800,
}  # fmt: skip


MISSING = object()


def placed(value: Any, path: str, new: Any) -> Any:
    """Return ``value`` with ``new`` at ``path``, such as ``data.0.id``; MISSING removes it."""
    head, _, rest = path.partition(".")
    copy = list(value) if isinstance(value, list) else dict(value)
    at: Any = int(head) if isinstance(copy, list) else head
    if rest:
        copy[at] = placed(copy[at], rest, new)
    elif new is MISSING:
        del copy[at]
    else:
        copy[at] = new
    return copy


def paths(value: Any, before: str = "") -> Iterator[str]:
    """Return the paths of everything in ``value``."""
    items = enumerate(value) if isinstance(value, list) else value.items()
    for name, inner in items:
        yield f"{before}{name}"
        if isinstance(inner, dict | list):
            yield from paths(inner, f"{before}{name}.")
