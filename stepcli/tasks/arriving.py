"""Text as it is being written: bytes in the blocks they arrive in, out as characters."""

from __future__ import annotations

import codecs
import threading
from collections.abc import Iterable, Iterator

from stepcli.errors import UsageError
from stepcli.tasks.typist import Typist

_MARK = "\ufeff"


def decoded(blocks: Iterable[bytes], name: str) -> Iterator[str]:
    """The text in ``blocks``, each character as soon as it is complete.

    A byte order mark at the beginning is dropped. Raises UsageError with the offset of the first
    byte that is not UTF-8, before any text of its block.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    offset, first = 0, True
    for block in _ended(blocks):
        waiting = len(decoder.getstate()[0])
        try:
            text = decoder.decode(block, final=not block)
        except UnicodeDecodeError as exc:
            raise _not_utf8(exc, name, offset - waiting) from None
        offset += len(block)
        if text and first:
            first, text = False, text.removeprefix(_MARK)
        if text:
            yield text


def _ended(blocks: Iterable[bytes]) -> Iterator[bytes]:
    yield from blocks
    yield b""


def _not_utf8(error: UnicodeDecodeError, name: str, offset: int) -> UsageError:
    byte = error.object[error.start]
    return UsageError(
        f"{name} is not UTF-8: byte 0x{byte:02x} at offset {offset + error.start}",
        hint="convert it first, for example with iconv -t UTF-8",
    )


def hand_over(texts: Iterable[str], typist: Typist) -> None:
    """Give ``texts`` to the typist as they come, in a thread that nobody waits for."""
    threading.Thread(target=_write, args=(texts, typist), name="reader", daemon=True).start()


def _write(texts: Iterable[str], typist: Typist) -> None:
    try:
        for text in texts:
            typist.write(text)
    except Exception as exc:  # noqa: BLE001 - whatever it is, who listens must hear of it
        typist.end(exc)
    else:
        typist.end()
