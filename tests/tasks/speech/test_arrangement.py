"""The places and levels of parts in one sound."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import pytest

from stepcli.api.speech import SpeechRequest
from stepcli.audio_types import PCM
from stepcli.tasks.adaptive_limit import AdaptiveLimit
from stepcli.tasks.speech.arrangement import Arrangement, Composition, Slot
from stepcli.tasks.speech.delivery import deliver_parts
from stepcli.tasks.speech.prefetch import Prefetcher
from tests.support.memory_sink import MemorySink
from tests.support.part_store import MemoryStore
from tests.support.varying_speech import Sound

PCM_1K = PCM(1000)
LEVELS = {"quiet": 1000, "loud": 8000, "silent": 0}


@contextmanager
def speak(request: SpeechRequest) -> Iterator[Sound]:
    """Speak a second for each word, at the level of the voice."""
    level = round(LEVELS.get(request.voice, 4000) * (request.volume or 1.0))
    square = np.resize(np.array([level, -level], "<i2"), 1000 * len(request.text.split()))
    yield Sound([square.tobytes()])


def prepared(slots: Sequence[Slot], *, file: bool = True, level: bool = True) -> Arrangement:
    requests = [slot.request for slot in slots]
    parts = Prefetcher(requests, speak, MemoryStore(), PCM_1K, limit=AdaptiveLimit(2), files=file)
    return Arrangement(parts, Composition(slots, level), PCM_1K)


def arranged(
    slots: Sequence[Slot], *, live: bool = False, file: bool = True, level: bool = True
) -> tuple[Arrangement, list[np.ndarray[tuple[int], np.dtype[np.int16]]]]:
    """Return the arrangement and the samples of its outputs."""
    arrangement = prepared(slots, file=file, level=level)
    sinks = [MemorySink() for _ in range(live + file)]
    deliver_parts(arrangement, PCM_1K, sinks[:live], sinks[live:])
    return arrangement, [np.frombuffer(sink.data, "<i2") for sink in sinks]


def spans(samples: np.ndarray[tuple[int], np.dtype[np.int16]]) -> list[tuple[int, int, int]]:
    """Return the first and last sample of every stretch of one level, and the level."""
    levels = np.abs(samples.astype(int))
    edges = [0, *(np.flatnonzero(np.diff(levels)) + 1).tolist(), len(levels)]
    found = itertools.pairwise(edges)
    return [(first, last, int(levels[first])) for first, last in found if levels[first]]


def slot(text: str, voice: str = "loud", **more: object) -> Slot:
    return Slot(SpeechRequest(text, voice), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(("live", "file"), [(False, True), (True, False), (True, True)])
def test_pauses_are_exact_to_the_sample(live: bool, file: bool) -> None:
    slots = [slot("one", pause=0.25), slot("two", pause=0.123), slot("three", rest=0.5)]
    _, outputs = arranged(slots, live=live, file=file)
    for samples in outputs:
        assert spans(samples) == [(250, 1250, 8000), (1373, 3373, 8000)]
        assert len(samples) == 3873


def test_parts_begin_at_their_times() -> None:
    slots = [slot("one", start=2.0, end=5.0, cue=1), slot("two", start=5.0, end=6.5, cue=2)]
    arrangement, (samples,) = arranged(slots)
    assert spans(samples) == [(2000, 3000, 8000), (5000, 6000, 8000)]
    assert arrangement.late == {}


@pytest.mark.parametrize(("live", "file"), [(False, True), (True, False), (True, True)])
def test_cue_that_runs_over_moves_later_cues_only_as_far_as_needed(live: bool, file: bool) -> None:
    slots = [
        slot("one two three", start=1.0, end=2.5, cue=1),
        slot("four", start=2.5, end=4.5, cue=2),
        slot("five", start=6.0, end=8.0, cue=3),
    ]
    arrangement, outputs = arranged(slots, live=live, file=file)
    assert arrangement.late == {1: 1.5, 2: 0.5}
    for samples in outputs:
        assert spans(samples) == [(1000, 5000, 8000), (6000, 7000, 8000)]


@pytest.mark.parametrize(("live", "file"), [(False, True), (True, False), (True, True)])
def test_voices_are_brought_to_the_level_of_the_first(live: bool, file: bool) -> None:
    slots = [slot("a b"), slot("c", "other"), slot("d"), slot("e", "silent"), slot("f", "other")]
    _, outputs = arranged(slots, live=live, file=file)
    for samples in outputs:
        assert spans(samples) == [(0, 4000, 8000), (5000, 6000, 8000)]


@pytest.mark.parametrize(("live", "file"), [(False, True), (True, False), (True, True)])
def test_passages_begin_after_the_silence(live: bool, file: bool) -> None:
    slots = [slot("one", pause=0.25), slot("two", pause=0.5, rest=1.0), slot("three")]
    arrangement = prepared(slots, file=file)
    sinks = [MemorySink() for _ in range(live + file)]
    passages = deliver_parts(arrangement, PCM_1K, sinks[:live], sinks[live:]).passages
    assert [(one.text, one.start, one.size) for one in passages] == [
        ("one", 500, 2000), ("two", 3500, 2000), ("three", 7500, 2000),
    ]  # fmt: skip


def test_gain_is_limited() -> None:
    _, (samples,) = arranged([slot("a"), slot("b", "quiet")])
    assert spans(samples) == [(0, 1000, 8000), (1000, 2000, 4000)]


def test_amplified_voice_is_not_clipped() -> None:
    LEVELS["piercing"] = 30_000
    slots = [slot("a", "piercing"), slot("b", "other"), slot("c", "piercing")]
    _, (samples,) = arranged(slots)
    assert spans(samples)[0] == (0, 1000, 30_000)
    assert spans(samples)[1][2] == 16_000  # the limit, 12 dB above 4000


def test_volume_of_a_request_is_kept() -> None:
    slots = [slot("a"), Slot(SpeechRequest("b", "other", volume=0.5))]
    _, (samples,) = arranged(slots)
    assert spans(samples) == [(0, 1000, 8000), (1000, 2000, 4000)]


def test_levels_are_left_alone_if_asked_for() -> None:
    _, (samples,) = arranged([slot("a"), slot("b", "other")], level=False)
    assert spans(samples) == [(0, 1000, 8000), (1000, 2000, 4000)]
