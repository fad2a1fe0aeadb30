"""When the device is given sound, and when silence."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepcli.audio.feed import FADE, PREFILL, REFILL, Feed
from stepcli.sound import PCM

RATE = 1000
BLOCK = 10
"""Frames that the device asks for at once."""


def _sound(frames: int, level: int = 1000) -> memoryview:
    return memoryview(np.full(frames, level, np.int16).tobytes())


def _filled(feed: Feed, frames: int = BLOCK) -> list[int]:
    """What the device is given when it asks for so many frames."""
    block = bytearray(b"\x55" * 2 * frames)
    sound = feed.fill(memoryview(block))
    assert not any(block[sound:]), "what is not sound is silence"
    return np.frombuffer(block, np.int16)[: sound // 2].tolist()


@pytest.fixture
def feed() -> Feed:
    return Feed(PCM(RATE), 2.0)


def test_silent_before_prefill(feed: Feed) -> None:
    """The first sound waits for the prefill, then comes unfaded."""
    prefill = round(PREFILL * RATE)
    feed.put(_sound(prefill - 1))
    assert _filled(feed) == []
    feed.put(_sound(1))
    assert _filled(feed) == [1000] * BLOCK


def test_end_before_prefill(feed: Feed) -> None:
    """A sound shorter than the prefill is given once it is known to be all."""
    feed.put(_sound(3))
    feed.end()
    assert _filled(feed) == [1000] * 3
    assert feed.empty
    assert _filled(feed) == []


def test_dry_is_an_underrun_only_if_more_comes(feed: Feed) -> None:
    """The end of a sound whose end is told late is no under-run."""
    feed.put(_sound(25))
    while _filled(feed):
        pass
    assert feed.underruns == 0
    feed.end()
    feed.put(_sound(25))
    assert feed.underruns == 0


def test_underrun(feed: Feed) -> None:
    """Sound that breaks off fades out, waits for the refill and fades in where it left off."""
    fade, refill = round(FADE * RATE), round(REFILL * RATE)
    feed.put(_sound(20))
    assert _filled(feed) == [1000] * BLOCK
    last = _filled(feed)
    assert last[:-fade] == [1000] * (BLOCK - fade)
    assert last[-fade:] == [800, 600, 400, 200, 0]
    feed.put(_sound(refill - 1))
    assert feed.underruns == 1
    assert _filled(feed) == []
    feed.put(_sound(1))
    assert _filled(feed) == [0, 200, 400, 600, 800] + [1000] * (BLOCK - fade)


def test_refill_fits_the_ring() -> None:
    """However often it runs dry, the refill it waits for is one that the ring can hold."""
    feed = Feed(PCM(RATE), 1.0)
    for times in range(8):
        feed.put(_sound(1000))
        assert feed.underruns == times
        while _filled(feed):
            pass


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 60)), max_size=60))
def test_all_is_given_once(steps: list[tuple[int, int]]) -> None:
    """Whatever the pace of either side: every frame once, in order; faded ones keep their place."""
    feed = Feed(PCM(RATE), 1.0)
    sent: list[int] = []
    given: list[int] = []
    for put, asked in steps:
        new = [1000 + len(sent) + index for index in range(put)]
        sent += new
        assert feed.put(memoryview(np.array(new, np.int16).tobytes())) == 2 * put
        given += _filled(feed, asked)
        if len(sent) - len(given) > 900:
            break
    feed.end()
    while more := _filled(feed):
        given += more
    assert len(given) == len(sent)
    assert all(a == b or 0 <= a < b for a, b in zip(given, sent, strict=True))
