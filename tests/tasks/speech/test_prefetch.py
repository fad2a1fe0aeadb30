"""Parts requested ahead: order, bounds, single answers, and what is kept of a failed run."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from stepcli.api.speech import SpeechRequest
from stepcli.audio_types import PCM
from stepcli.errors import NetworkError, QuotaError
from stepcli.tasks.adaptive_limit import AdaptiveLimit
from stepcli.tasks.speech.prefetch import PLAYBACK_AHEAD, Prefetcher, Speak
from stepcli.text.speaking_time import speaking_time
from tests.support.part_store import MemoryPart, MemoryStore
from tests.support.varying_speech import SAMPLES, Sound, VaryingSpeech, answers_in

PCM_1K = PCM(1000)
TEXTS = [f"Part {number:02d}." for number in range(12)]


def prefetcher(
    service: VaryingSpeech | Speak,
    store: MemoryStore,
    texts: list[str] = TEXTS,
    jobs: int = 2,
    retries: int = 2,
    **options: bool,
) -> Prefetcher:
    speak = service.speak if isinstance(service, VaryingSpeech) else service
    requests = [SpeechRequest(text) for text in texts]
    return Prefetcher(
        requests, speak, store, PCM_1K, limit=AdaptiveLimit(jobs), retries=retries, **options
    )


def sounds(parts: Prefetcher) -> Iterator[bytes]:
    """Yield the sound of each part, read as a file is written."""
    for part in parts:
        sound = b"".join(part.blocks())
        parts.close(part)
        yield sound


def texts_of(found: Iterator[bytes], service: VaryingSpeech) -> list[str]:
    """Return the text of each part after checking that it comes whole from a single answer."""
    reported = []
    for sound in found:
        ((number, count),) = answers_in(sound)
        reported.append(service.texts[number - 1])
        assert count == SAMPLES * len(reported[-1])
    return reported


@pytest.mark.parametrize("jobs", [1, 2, 5, 40])
def test_parts_are_in_order_and_never_more_than_jobs_at_once(jobs: int) -> None:
    service, store = VaryingSpeech(), MemoryStore()
    assert texts_of(sounds(prefetcher(service, store, jobs=jobs)), service) == TEXTS
    assert service.most_at_once <= jobs
    assert len(store.finished) == len(TEXTS)


@pytest.mark.parametrize("cut", [0, 1, 2, 37, 500, 639])
@pytest.mark.parametrize("times", [1, 2])
def test_truncated_part_is_requested_again_whole(cut: int, times: int) -> None:
    """Wherever it is cut; the answers before are discarded."""
    service, store = VaryingSpeech({TEXTS[3]: [cut] * times}), MemoryStore()
    assert texts_of(sounds(prefetcher(service, store)), service) == TEXTS
    assert service.requests_for(TEXTS[3]) == 1 + times
    assert len(service.texts) == len(TEXTS) + times
    states = [part.state for number, part in store.begun if number == 3]
    assert states == ["discarded"] * times + ["closed"]


@pytest.mark.parametrize(
    ("status", "not_processed", "sent"), [(503, False, 1), (None, True, 1), (None, False, 3)]
)
def test_only_truncated_answers_are_requested_again(
    status: int | None, not_processed: bool, sent: int
) -> None:
    """The client has retried the others."""
    failure = NetworkError("failed", status=status)
    failure.not_processed = not_processed
    calls = []

    @contextmanager
    def speak(request: SpeechRequest) -> Iterator[Sound]:
        calls.append(request)
        raise failure
        yield

    with pytest.raises(NetworkError):
        list(sounds(prefetcher(speak, MemoryStore(), TEXTS[:1], jobs=1)))
    assert len(calls) == sent


def test_failed_run_keeps_complete_parts_and_requests_nothing_new() -> None:
    service, store = VaryingSpeech(failures={TEXTS[2]: QuotaError("no credit")}), MemoryStore()
    parts = prefetcher(service, store)
    output: list[bytes] = []
    with pytest.raises(QuotaError):
        output.extend(sounds(parts))
    parts.settle()
    assert texts_of(iter(output), service) == TEXTS[:2]
    assert {0, 1} <= set(store.finished)
    assert 2 not in store.finished
    assert len(service.texts) < len(TEXTS)


def test_kept_part_is_never_a_mixture_of_answers() -> None:
    """A part that is truncated for good is not kept at all."""
    service, store = VaryingSpeech({TEXTS[1]: [300, 400, 500]}), MemoryStore()
    parts = prefetcher(service, store)
    with pytest.raises(NetworkError):
        list(sounds(parts))
    parts.settle()
    assert 1 not in store.finished
    assert all(len(answers_in(sound)) == 1 for sound in store.finished.values())


def test_kept_parts_are_not_requested_again() -> None:
    service, store = VaryingSpeech(), MemoryStore(_0=b"\7\7", _2=b"\x08\x08")
    found = list(sounds(prefetcher(service, store, TEXTS[:4], jobs=1)))
    assert (found[0], found[2]) == (b"\7\7", b"\x08\x08")
    assert service.texts == [TEXTS[1], TEXTS[3]]


def test_half_a_sample_at_the_end_of_a_part_is_dropped() -> None:
    @contextmanager
    def speak(request: SpeechRequest) -> Iterator[Sound]:
        yield Sound([request.text.encode()])

    assert list(sounds(prefetcher(speak, MemoryStore(), ["abc", "defg"]))) == [b"ab", b"defg"]


def test_workers_wait_for_the_reader() -> None:
    """At most `jobs` + 1 parts are ahead: memory and disk do not grow with the text."""
    service = VaryingSpeech()
    parts = iter(prefetcher(service, MemoryStore(), jobs=2))
    for ahead in range(1, len(TEXTS)):
        b"".join(next(parts).blocks())
        assert len(service.texts) <= ahead + 3


def test_listener_is_kept_ahead_by_seconds_of_sound() -> None:
    """More requests at a time are allowed, but unheard sound should not be paid for."""
    texts = [f"Part {number:02d} " + "a" * 400 + "." for number in range(12)]
    assert PLAYBACK_AHEAD / 3 < speaking_time(texts[0]) < PLAYBACK_AHEAD / 2
    service = VaryingSpeech()
    parts = iter(prefetcher(service, MemoryStore(), texts, jobs=16, plays=True))
    for heard in range(1, len(texts)):
        b"".join(next(parts).blocks())
        assert len(service.texts) <= heard + 3


def test_first_part_is_alone_until_its_first_sound() -> None:
    """It does not compete with others for the bandwidth."""
    service, arrived, early = VaryingSpeech(), threading.Event(), list[str]()

    @contextmanager
    def speak(request: SpeechRequest) -> Iterator[Sound]:
        if request.text == TEXTS[0]:
            arrived.wait(0.1)
            arrived.set()
        elif not arrived.is_set():
            early.append(request.text)
        with service.speak(request) as sound:
            yield sound

    found = sounds(prefetcher(speak, MemoryStore(), jobs=4, live=True))
    assert texts_of(found, service) == TEXTS
    assert early == []


def test_failure_of_the_first_part_ends_a_live_run() -> None:
    service = VaryingSpeech(failures={TEXTS[0]: QuotaError("no credit")})
    with pytest.raises(QuotaError):
        list(sounds(prefetcher(service, MemoryStore(), jobs=4, live=True)))
    assert service.texts == []


def test_abandoned_reader_leaves_no_request_behind() -> None:
    service = VaryingSpeech()
    parts = prefetcher(service, MemoryStore())
    iterator = iter(parts)
    b"".join(next(iterator).blocks())
    iterator.close()  # type: ignore[attr-defined] # a generator
    parts.settle()
    assert len(service.texts) < len(TEXTS)


def test_parts_that_were_output_are_released() -> None:
    class Counting(MemoryStore):
        def __init__(self) -> None:
            super().__init__()
            self.alive: weakref.WeakSet[MemoryPart] = weakref.WeakSet()

        def begin(self, number: int) -> MemoryPart:  # noqa: ARG002 - all are alike
            part = MemoryPart()
            self.alive.add(part)
            return part

    store, most = Counting(), 0
    for _ in sounds(prefetcher(VaryingSpeech(), store, ["ab"] * 40)):
        most = max(most, len(store.alive))
    assert 1 <= most <= 8


def test_threads_end_with_the_text() -> None:
    before = set(threading.enumerate())
    list(sounds(prefetcher(VaryingSpeech(), MemoryStore(), jobs=4)))
    started = set(threading.enumerate()) - before
    for thread in started:
        thread.join(20)
    assert not any(thread.is_alive() for thread in started)
