"""Word times as the service sends them: items in milliseconds (PROTOCOL.md §3, §4)."""

from __future__ import annotations

import time
from typing import Any

from stepcli.sandbox.tts.alignment import TimedSentence


def wall_clock() -> int:
    """Return the Unix time in milliseconds."""
    return time.time_ns() // 1_000_000


def subtitle(sentence: TimedSentence, offset: float = 0.0) -> dict[str, Any]:
    """Return the text and items of a sentence, with times ``offset`` seconds later."""
    return {
        "text": sentence.text,
        "items": [
            {
                "text": item.text,
                "start_time": round((item.start + offset) * 1000),
                "end_time": round((item.end + offset) * 1000),
            }
            for item in sentence.items
        ],
    }
