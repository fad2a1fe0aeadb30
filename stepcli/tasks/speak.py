"""Text to one sound."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from time import monotonic

from stepcli.sound import Sink


@dataclass(frozen=True, slots=True)
class Delivery:
    """What came: bytes, and milliseconds from asking to the first of them."""

    size: int
    first_audio_ms: int | None


def deliver(sound: Iterable[bytes], sink: Sink) -> Delivery:
    """Hand every block of ``sound`` on as it comes."""
    started, first, size = monotonic(), None, 0
    for block in sound:
        if first is None:
            first = round(1000 * (monotonic() - started))
        sink.write(block)
        size += len(block)
    return Delivery(size, first)
