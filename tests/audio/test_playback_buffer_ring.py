"""What goes into the ring comes out of it, in order, whatever the sizes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from stepcli.audio.playback_buffer import RingBuffer


@given(st.integers(1, 50), st.lists(st.tuples(st.binary(max_size=70), st.integers(0, 70))))
def test_lossless(size: int, steps: list[tuple[bytes, int]]) -> None:
    """Bytes that are put are taken once, and never more than ``size`` wait."""
    ring, put, taken = RingBuffer(size), b"", b""
    for data, wanted in steps:
        put += data[: ring.write(memoryview(data))]
        assert ring.filled <= size
        block = bytearray(min(wanted, ring.filled))
        ring.read(memoryview(block))
        taken += block
        assert ring.filled == len(put) - len(taken)
    assert put.startswith(taken)


def test_full() -> None:
    """A full ring takes nothing more, and says so."""
    ring = RingBuffer(4)
    assert ring.write(memoryview(b"abcdef")) == 4
    assert ring.write(memoryview(b"ef")) == 0
