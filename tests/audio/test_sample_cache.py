"""Reading from anywhere what can only be decoded in order."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator

import pytest

from stepcli.audio.sample_cache import SampleCache
from stepcli.audio_types import PCM
from stepcli.errors import UsageError
from tests.support.full_disk import FullDisk

MONO = PCM(8000)
SOUND = bytes(range(256)) * 1000
BLOCK = 999


class Decoder:
    """Yields SOUND in odd blocks, then raises ``failure``; ``runs`` counts how often it began."""

    def __init__(self, failure: UsageError | None = None) -> None:
        self.runs = 0
        self.blocks = 0
        self._failure = failure

    def __call__(self) -> Iterator[bytes]:
        self.runs += 1
        for start in range(0, len(SOUND), BLOCK):
            self.blocks += 1
            yield SOUND[start : start + BLOCK]
        if self._failure:
            raise self._failure


def read(cache: SampleCache, start: int, stop: int | None) -> bytes:
    return b"".join(cache.part(start, stop))


PARTS = [(0, None), (0, 10), (5000, 90_000), (127_000, None), (128_000, None), (7, 7)]


@pytest.mark.parametrize("broken", [False, True], ids=["cached", "disk full"])
def test_parts_are_exact_in_any_order(broken: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if broken:
        monkeypatch.setattr(tempfile, "TemporaryFile", FullDisk)
    decoder = Decoder()
    cache = SampleCache(decoder, MONO, "a.ts")
    for start, stop in PARTS + PARTS[::-1]:
        wanted = SOUND[2 * start : None if stop is None else 2 * stop]
        assert read(cache, start, stop) == wanted, (start, stop)
    assert broken or decoder.runs == 1


def test_no_more_is_decoded_than_asked_for() -> None:
    decoder = Decoder()
    read(SampleCache(decoder, MONO, "a.ts"), 0, 2000)
    assert decoder.blocks <= 4000 // BLOCK + 1


def test_disk_that_fills_up_meanwhile_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "TemporaryFile", lambda: FullDisk(room=100_000))
    assert read(SampleCache(Decoder(), MONO, "a.ts"), 0, None) == SOUND


def test_fewer_samples_than_promised_are_an_error_and_not_padded() -> None:
    with pytest.raises(UsageError, match=r"a\.ts changed while it was being read"):
        read(SampleCache(Decoder(), MONO, "a.ts"), 0, len(SOUND) // 2 + 1)


def test_every_reader_beyond_a_failure_gets_it() -> None:
    cache = SampleCache(Decoder(UsageError("a.ts is truncated")), MONO, "a.ts")
    for _ in range(2):
        with pytest.raises(UsageError, match="truncated"):
            read(cache, 100, None)
    assert read(cache, 0, 100) == SOUND[:200]


def test_threads_may_read_at_the_same_time() -> None:
    cache = SampleCache(Decoder(), MONO, "a.ts")
    results: dict[int, bytes] = {}

    def reader(start: int) -> None:
        results[start] = read(cache, start, start + 20_000)

    threads = [threading.Thread(target=reader, args=(start,)) for start in range(0, 100_000, 9999)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(data == SOUND[2 * start : 2 * start + 40_000] for start, data in results.items())
    assert len(results) == len(threads)
