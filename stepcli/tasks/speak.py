"""Text to one sound: which requests it takes, and what came of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from time import monotonic

from stepcli.api.models import SPEECH_LIMITS
from stepcli.api.speech import SpeechRequest
from stepcli.sound import Sink

FIRST_PIECE = 120
"""Characters of a long text's first request: short, so that the first sound is early."""


def requests_for(request: SpeechRequest) -> list[SpeechRequest]:
    """The requests that ``request`` takes: itself, or one a piece where its text is too long.

    A model without known limits gets its text whole.
    """
    limits = SPEECH_LIMITS.get(request.model)
    if limits is None or len(request.text) <= limits.input:
        return [request]
    from stepcli.tasks.cutting import cut

    pieces = cut(request.text, limits.input, FIRST_PIECE)
    return [replace(request, text=piece) for piece in pieces if piece.strip()]


@dataclass(frozen=True, slots=True)
class Delivery:
    """What came: bytes, milliseconds from asking to the first of them, gaps in the playing."""

    size: int
    first_audio_ms: int | None
    underruns: int = 0


def deliver(
    sound: Iterable[bytes],
    sinks: Sequence[Sink],
    asked: float,
    arrived: Callable[[int], None] = lambda _: None,
) -> Delivery:
    """Hand every block of ``sound`` to all ``sinks``; ``arrived`` hears the bytes so far.

    ``asked`` is the moment of asking, by ``time.monotonic``.
    """
    first, size = None, 0
    for block in sound:
        if first is None:
            first = round(1000 * (monotonic() - asked))
        for sink in sinks:
            sink.write(block)
        size += len(block)
        arrived(size)
    return Delivery(size, first)
