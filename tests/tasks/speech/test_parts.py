"""One part of a text, read while it is filled: what a listener gets of it, and when."""

from __future__ import annotations

import threading

import pytest

from stepcli.api.speech import SpeechRequest
from stepcli.audio_types import PCM
from stepcli.errors import NetworkError
from stepcli.tasks.speech.parts import LEAD, LivePacing, SpeechPart
from stepcli.tasks.speech.prefetch import Prefetcher
from tests.support.part_store import MemoryStore
from tests.support.varying_speech import SAMPLES, VaryingSpeech, answers_in

PCM_1K = PCM(1000)


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_pacing_keeps_a_listener_supplied_and_no_more() -> None:
    clock = Clock()
    pacing = LivePacing(PCM_1K, clock)
    assert pacing.due_in == 0
    pacing.delivered(2 * 5000)
    assert pacing.due_in == pytest.approx(5 - LEAD)
    clock.now += 4
    assert pacing.due_in == 0
    clock.now += 60  # playback has not started after 59 seconds
    pacing.delivered(2 * 3000)
    assert pacing.due_in == pytest.approx(3 - LEAD)


def test_listener_gets_no_more_of_an_unfinished_answer_than_is_due() -> None:
    """Most truncated parts were not played at all."""
    waiting = threading.Event()
    service = VaryingSpeech({"A": [20_000]}, before_cut=lambda: waiting.wait(20))
    requests = [SpeechRequest("A" * 400)]
    parts = Prefetcher(requests, service.speak, MemoryStore(), PCM_1K, retries=1)
    clock = Clock()
    pacing = LivePacing(PCM_1K, clock)
    pacing.delivered(2 * 10_000)  # of the part before
    iterator = iter(parts)
    part = next(iterator)
    got: list[bytes] = []
    listener = threading.Thread(target=lambda: got.extend(part.live_blocks(pacing)))
    listener.start()
    waiting.set()
    listener.join(20)
    assert answers_in(b"".join(got)) == [(2, SAMPLES * 400)]


def test_part_is_closed_or_removed_once_however_it_was_read() -> None:
    store = MemoryStore()
    part = SpeechPart(0, SpeechRequest("One. Two."), store, PCM_1K)
    answer = part.begin()
    part.add(answer, bytes(2000))
    assert next(part.live_blocks(LivePacing(PCM_1K))) == bytes(2000)
    rest = part.replace(answer, 1.0)
    assert rest.request.text == "Two."
    assert not part.is_whole
    part.complete(rest)
    whole = part.begin_whole()
    part.add(whole, b"\1\0")
    part.complete(whole)
    assert list(part.blocks()) == [b"\1\0"]
    part.close()
    assert [one.state for _, one in store.begun] == ["discarded", "discarded", "closed"]


def test_failure_of_the_worker_is_raised_to_every_reader() -> None:
    part = SpeechPart(0, SpeechRequest("One."), MemoryStore(), PCM_1K)
    part.begin()
    part.fail(NetworkError("gone"))
    for blocks in (part.blocks(), part.live_blocks(LivePacing(PCM_1K))):
        with pytest.raises(NetworkError, match="gone"):
            next(blocks)
