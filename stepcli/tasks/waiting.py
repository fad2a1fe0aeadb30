"""Waiting for other threads without being deaf to Ctrl-C."""

from __future__ import annotations

import queue
from typing import TypeVar

T = TypeVar("T")

BLINK = 0.2
"""Seconds after which a wait looks up: some systems deliver Ctrl-C only then."""


def patiently(waiting: queue.SimpleQueue[T]) -> T:
    """The next item, however long it takes."""
    while True:
        try:
            return waiting.get(timeout=BLINK)
        except queue.Empty:
            continue
