"""One thing that can go wrong on the wire, and what it amounts to."""

from __future__ import annotations

from dataclasses import dataclass

from tests.support.stage import Frames, Http

USAGE, AUTH, QUOTA, TIMEOUT, NETWORK, CONTENT = 2, 3, 4, 5, 6, 10
"""Exit codes."""

KEY = "sk-matrix-0123456789/abcdefghijklmnopqrstuvwxyz=="


@dataclass(frozen=True)
class Fault:
    """``code`` is what it amounts to for a command that needs the answer, 0 for no harm.

    ``again`` is who may ask again after it: ``never`` nobody, ``429`` and ``503`` all but cloning,
    ``5xx`` paid calls and reading, ``unanswered`` reading, ``cut`` a part of a long text,
    ``session`` a realtime session.
    """

    name: str
    code: int
    again: str = "never"
    http: Http | None = None
    frames: Frames | None = None
    at: int = 0
    base: str | None = None
    slow: bool = False
    says: str = ""
    """Words that stderr must have where the code is told."""
