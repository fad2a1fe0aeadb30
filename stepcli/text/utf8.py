"""UTF-8 text in blocks, as it arrives."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator

from stepcli.errors import UsageError

_BYTE_ORDER_MARK = "\ufeff"


def decode_utf8(blocks: Iterable[bytes], name: str) -> Iterator[str]:
    """Yield the text of `blocks`, each character as soon as it is complete.

    Drops a byte order mark at the beginning. Raises UsageError with the offset in `name` of the
    first byte that is not UTF-8, before any text of its block.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    offset, at_start = 0, True
    for block in _terminated(blocks):
        waiting = len(decoder.getstate()[0])
        try:
            text = decoder.decode(block, final=not block)
        except UnicodeDecodeError as exc:
            raise _not_utf8(exc, name, offset - waiting) from None
        offset += len(block)
        if text and at_start:
            at_start, text = False, text.removeprefix(_BYTE_ORDER_MARK)
        if text:
            yield text


def _terminated(blocks: Iterable[bytes]) -> Iterator[bytes]:
    yield from blocks
    yield b""


def _not_utf8(error: UnicodeDecodeError, name: str, offset: int) -> UsageError:
    byte = error.object[error.start]
    return UsageError(
        f"{name} is not UTF-8: byte 0x{byte:02x} at offset {offset + error.start}",
        hint="convert it first, for example with iconv -t UTF-8",
    )
