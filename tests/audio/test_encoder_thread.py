"""Pieces are encoded in one thread, exactly, and in memory that their number does not change."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from functools import partial
from itertools import zip_longest
from pathlib import Path

import pytest

from stepcli.audio.encoder_thread import encoded
from stepcli.errors import UsageError
from tests.support.full_disk import FullDisk, file_size_limit

BLOCKS = [bytes([number]) * 5000 for number in range(200)]

SIDE_BY_SIDE = """
import sys, threading
from stepcli.audio.track import SPEECH, Track
from stepcli.audio.upload import piece_upload
from stepcli.audio_types import UploadFormat

count, second = int(sys.argv[1]), bytes(range(250)) * 128
track = Track(SPEECH, lambda start, stop: iter([second] * 20), 20.0)
half_sent = threading.Barrier(count + 1)

def send():
    blocks, sent = piece_upload(track, 20 * SPEECH.rate, UploadFormat.MP3).open(), 0
    while sent < 50_000:
        sent += len(next(blocks))
    half_sent.wait()
    half_sent.wait()

for _ in range(count):
    threading.Thread(target=send, daemon=True).start()
half_sent.wait()
with open("/proc/self/status") as status:
    print(next(line.split()[1] for line in status if line.startswith("VmRSS")))
half_sent.wait()
"""


def _memory(count: int) -> int:
    """Return the kB of a process while it sends so many pieces."""
    command = [sys.executable, "-c", SIDE_BY_SIDE, str(count)]
    return int(subprocess.run(command, capture_output=True, check=True, timeout=60).stdout)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc")
def test_memory_hardly_grows_with_the_requests_side_by_side() -> None:
    """An encoder for each of 16 requests takes 4 MB."""
    assert _memory(16) - _memory(1) < 2000


@pytest.mark.parametrize("full_disk", [False, True])
def test_pieces_read_side_by_side_are_exact(
    full_disk: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if full_disk:
        monkeypatch.setattr(tempfile, "TemporaryFile", FullDisk)
    pieces = [encoded(lambda: iter(BLOCKS)) for _ in range(4)]
    for blocks in zip(*zip_longest(*pieces, fillvalue=b""), strict=True):
        assert b"".join(blocks) == b"".join(BLOCKS)


def test_pieces_are_encoded_one_after_the_other_in_one_thread() -> None:
    threads, begun = set[int](), list[int]()

    def encode(number: int) -> Iterator[bytes]:
        for block in BLOCKS:
            threads.add(threading.get_ident())
            begun.append(number)
            yield block

    pieces = [encoded(partial(encode, number)) for number in range(3)]
    for piece in pieces:
        next(piece)
    for piece in pieces:
        list(piece)
    assert begun == sorted(begun)
    assert threading.get_ident() not in threads


def test_error_is_raised_where_the_piece_is_read() -> None:
    def encode() -> Iterator[bytes]:
        yield b"sound"
        raise UsageError("truncated")

    with pytest.raises(UsageError, match="truncated"):
        list(encoded(encode))


def test_piece_that_is_not_read_further_is_not_encoded_further() -> None:
    ended = threading.Event()
    asked = threading.Semaphore(1)

    def encode() -> Iterator[bytes]:
        try:
            while asked.acquire():
                yield b"sound"
        finally:
            ended.set()

    piece = encoded(encode)
    assert next(piece) == b"sound"
    del piece
    asked.release()
    assert ended.wait(10)


def test_piece_that_its_file_does_not_hold_is_encoded_again() -> None:
    """What is left in the buffer of the file cannot be written when it is closed either."""
    blocks = [bytes([number]) * 3000 for number in range(4)]
    with file_size_limit(4096):
        assert b"".join(encoded(lambda: iter(blocks))) == b"".join(blocks)
