"""A speaker with a service in memory."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager

from stepcli.audio.stream_decoder import RawDecoder
from stepcli.audio_types import PCM
from stepcli.tasks.streaming.sentence_output import SentenceOutput
from stepcli.tasks.streaming.stream import StreamResult, StreamSettings, StreamSpeaker
from tests.support.fake_realtime import FakeRealtimeService, FakeSession
from tests.support.memory_sink import MemorySink

TEXT = "One is here. Two is there! Is three anywhere? The end."


class Stage:
    """A speaker with a service in memory, a file and a live sink."""

    def __init__(self, *cuts: int | None) -> None:
        self.service = FakeRealtimeService(*cuts)
        self.kept, self.heard = MemorySink(), MemorySink()
        self.output = SentenceOutput(PCM(1000), (), [self.kept], RawDecoder)
        self.result = StreamResult()
        self.notes: list[str] = []

    def speak(
        self,
        texts: Iterable[str],
        *,
        retries: int = 3,
        flush_after: float = 600.0,
        timeout: float = 60.0,
        open_session: Callable[[], AbstractContextManager[FakeSession]] | None = None,
    ) -> None:
        speaker = StreamSpeaker(
            open_session or self.service.open,
            self.output,
            StreamSettings(timeout, retries, flush_after),
            self.notes.append,
        )
        self.result = speaker.result
        speaker.speak(texts, [self.heard])


def words(text: str) -> list[str]:
    """Return `text` in the pieces that a language model writes."""
    return [word + " " for word in text.split(" ")]


def endless() -> Iterator[str]:
    """Text that never begins."""
    threading.Event().wait()
    yield ""
