"""Content-Encoding, decoded to a clean end.

Requests ask for `identity`, but a gateway may still compress a response. httpx decodes the
first gzip member only and does not notice a stream that ends early, so it is not used for this.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

_NAMES = {"gzip": "gzip", "x-gzip": "gzip", "deflate": "deflate"}
_GZIP = 16 + zlib.MAX_WBITS
_LARGEST_BLOCK = 256 * 1024


class InvalidEncoding(ValueError):
    """The encoded bytes are damaged or incomplete."""


def parse_encodings(header: str) -> list[str]:
    """Return the encodings that a Content-Encoding header lists, in the order of application.

    Raise ValueError with the unsupported names.
    """
    named = [name.strip().lower() for name in header.split(",")]
    named = [name for name in named if name not in ("", "identity")]
    if unsupported := [name for name in named if name not in _NAMES]:
        raise ValueError(", ".join(unsupported))
    return [_NAMES[name] for name in named]


def decoded(blocks: Iterable[bytes], encodings: list[str]) -> Iterator[bytes]:
    """Yield `blocks` with `encodings` undone; raise InvalidEncoding if they do not end cleanly."""
    for name in reversed(encodings):
        blocks = _inflated(blocks, name)
    yield from blocks


def _inflated(blocks: Iterable[bytes], name: str) -> Iterator[bytes]:
    """Yield the content of all members; an empty body has none."""
    inflater, begun = None, False
    for block in blocks:
        while block:
            if inflater is None:
                if begun and name != "gzip":
                    raise InvalidEncoding(f"data after the end of the {name} stream")
                inflater, begun = _inflater(name, block), True
            data, block = _next(inflater, block, name)
            if data:
                yield data
            if inflater.eof:
                block, inflater = inflater.unused_data, None
    if inflater is not None:
        raise InvalidEncoding(f"the {name} stream is truncated")


def _inflater(name: str, block: bytes) -> zlib._Decompress:
    """`deflate` is a zlib stream, though some servers send it without the zlib header."""
    if name == "gzip":
        return zlib.decompressobj(_GZIP)
    has_header = len(block) < 2 or (block[0] & 15 == 8 and (block[0] << 8 | block[1]) % 31 == 0)
    return zlib.decompressobj(zlib.MAX_WBITS if has_header else -zlib.MAX_WBITS)


def _next(inflater: zlib._Decompress, block: bytes, name: str) -> tuple[bytes, bytes]:
    """Return the next decoded block, and the input that is left; bounded, against bombs."""
    try:
        data = inflater.decompress(block, _LARGEST_BLOCK)
    except zlib.error as exc:
        raise InvalidEncoding(f"damaged {name} data: {exc}") from exc
    return data, inflater.unconsumed_tail
