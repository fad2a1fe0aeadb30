"""The audio that the last frame of a session repeats never reaches websockets."""

from __future__ import annotations

import json
import struct
import tracemalloc
from collections.abc import Iterable

import pytest

from stepcli.api.last_frame import LARGEST_EXPECTED, LARGEST_PASSED, LastFrameFilter

TEXT, CONTINUATION, PING = 1, 0, 9


def message(kind: str, audio: str = "", **data: object) -> bytes:
    return json.dumps({"event_id": "e", "type": kind, "data": {"audio": audio, **data}}).encode()


def frame(payload: bytes, opcode: int = TEXT, *, final: bool = True) -> bytes:
    return header(len(payload), opcode, final=final) + payload


def header(length: int, opcode: int = TEXT, *, final: bool = True) -> bytes:
    first = bytes([opcode | (0x80 if final else 0)])
    if length < 126:
        return first + bytes([length])
    if length < 65536:
        return first + b"\x7e" + struct.pack(">H", length)
    return first + b"\x7f" + struct.pack(">Q", length)


def passed(blocks: Iterable[bytes]) -> bytes:
    filter = LastFrameFilter()
    return b"".join(map(filter.feed, blocks))


def split(data: bytes, size: int) -> list[bytes]:
    return [data[start : start + size] for start in range(0, len(data), size)]


DELTA = frame(message("tts.response.audio.delta", "AAAA" * 1000))
LAST = message("tts.response.audio.done", "AAAA" * LARGEST_PASSED)
SHORT_LAST = frame(b'{"type":"tts.response.audio.done","data":{}}')


@pytest.mark.parametrize("size", [1, 7, 1000, 1 << 20])
def test_large_last_frame_is_replaced_by_one_without_audio(size: int) -> None:
    data = DELTA + frame(LAST) + frame(b"", PING)
    assert passed(split(data, size)) == DELTA + SHORT_LAST


@pytest.mark.parametrize("length", [LARGEST_EXPECTED + 1, 1 << 40, (1 << 64) - 1])
def test_header_of_an_impossible_length_is_passed_on_at_once(length: int) -> None:
    """So that the session fails instead of waiting for a payload."""
    assert passed([DELTA, header(length)]) == DELTA + header(length)


@pytest.mark.parametrize("size", [1, 1000])
def test_last_message_in_fragments_is_replaced(size: int) -> None:
    pieces = split(LAST, 5000)
    data = DELTA + frame(pieces[0], final=False)
    data += b"".join(frame(piece, CONTINUATION, final=False) for piece in pieces[1:])
    assert passed(split(data, size)) == DELTA + SHORT_LAST


@pytest.mark.parametrize("size", [1, 7, 1000])
@pytest.mark.parametrize(
    "data",
    [
        pytest.param(frame(LAST), id="the only audio"),
        pytest.param(frame(message("tts.response.audio.delta")) + frame(LAST), id="empty delta"),
        pytest.param(DELTA + frame(message("tts.response.audio.done", "AAAA")), id="small"),
        pytest.param(DELTA + frame(b"[" * 70000), id="another large frame"),
        pytest.param(
            DELTA + frame(message("tts.response.sentence.end", "A" * 70000, text=SHORT_LAST.hex())),
            id="another type",
        ),
        pytest.param(
            DELTA
            + frame(
                json.dumps(
                    {
                        "type": "tts.response.sentence.end",
                        "data": {"text": '"type": "tts.response.audio.done"', "x": "A" * 70000},
                    }
                ).encode()
            ),
            id="a text that quotes the type",
        ),
        pytest.param(frame(b"", PING) + DELTA + frame(b"x" * 300, 2) * 3, id="other opcodes"),
    ],
)
def test_everything_else_passes_unchanged(data: bytes, size: int) -> None:
    assert passed(split(data, size)) == data


def test_last_frame_of_any_size_takes_flat_memory() -> None:
    """200 MB are announced and half of them sent, in blocks as from a socket."""
    filter, block = LastFrameFilter(), b"A" * 65536
    filter.feed(DELTA)
    tracemalloc.start()
    try:
        assert filter.feed(header(200_000_000) + LAST[:65536]) == SHORT_LAST
        for _ in range(1600):
            assert filter.feed(block) == b""
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()
