"""Encoded bodies are decoded to a clean end, all members, or they fail."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable

import pytest

from stepcli.api.content_encoding import InvalidEncoding, decoded, parse_encodings

DATA = bytes(range(256)) * 3000


def raw_deflate(data: bytes) -> bytes:
    squeeze = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return squeeze.compress(data) + squeeze.flush()


def two_members(data: bytes) -> bytes:
    return gzip.compress(data[:1000]) + gzip.compress(data[1000:])


ENCODED: dict[str, tuple[list[str], Callable[[bytes], bytes]]] = {
    "gzip": (["gzip"], gzip.compress),
    "gzip-members": (["gzip"], two_members),
    "deflate": (["deflate"], zlib.compress),
    "raw-deflate": (["deflate"], raw_deflate),
    "twice": (["deflate", "gzip"], lambda data: gzip.compress(zlib.compress(data))),
    "none": ([], bytes),
}
SQUEEZED = {name: one for name, one in ENCODED.items() if one[0]}


def undone(data: bytes, encodings: list[str], size: int) -> bytes:
    blocks = [data[at : at + size] for at in range(0, len(data), size)]
    return b"".join(decoded(blocks, encodings))


@pytest.mark.parametrize("size", [1000, 100_000, 1 << 20])
@pytest.mark.parametrize(("encodings", "encode"), ENCODED.values(), ids=ENCODED)
def test_whole_bodies_are_decoded(
    encodings: list[str], encode: Callable[[bytes], bytes], size: int
) -> None:
    assert undone(encode(DATA), encodings, size) == DATA
    assert undone(b"", encodings, size) == b""


@pytest.mark.parametrize("missing", [1, 4, 9, 90])
@pytest.mark.parametrize(("encodings", "encode"), SQUEEZED.values(), ids=SQUEEZED)
def test_truncated_bodies_fail(
    encodings: list[str], encode: Callable[[bytes], bytes], missing: int
) -> None:
    with pytest.raises(InvalidEncoding):
        undone(encode(DATA)[:-missing], encodings, 1000)


@pytest.mark.parametrize(("encodings", "encode"), SQUEEZED.values(), ids=SQUEEZED)
def test_garbage_after_the_end_fails(
    encodings: list[str], encode: Callable[[bytes], bytes]
) -> None:
    with pytest.raises(InvalidEncoding):
        undone(encode(DATA) + b"garbage", encodings, 1 << 20)


@pytest.mark.parametrize("encodings", [["gzip"], ["deflate"]])
def test_other_bytes_fail(encodings: list[str]) -> None:
    with pytest.raises(InvalidEncoding):
        undone(b"this is not compressed", encodings, 5)


def test_a_bomb_is_decoded_in_small_blocks() -> None:
    bomb = gzip.compress(bytes(1 << 25))
    assert max(map(len, decoded([bomb], ["gzip"]))) <= 1 << 18


@pytest.mark.parametrize(
    ("header", "encodings"),
    [("", []), ("identity", []), ("GZip", ["gzip"]), ("x-gzip", ["gzip"]), (",", []),
     ("deflate, gzip", ["deflate", "gzip"])],
)  # fmt: skip
def test_header(header: str, encodings: list[str]) -> None:
    assert parse_encodings(header) == encodings


@pytest.mark.parametrize("header", ["br", "gzip, zstd", "rot13"])
def test_unsupported_encodings_are_named(header: str) -> None:
    with pytest.raises(ValueError, match=header.rpartition(" ")[2]):
        parse_encodings(header)
