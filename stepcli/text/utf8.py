"""UTF-8 text, at once or in blocks as it arrives, and the error for other encodings."""

from __future__ import annotations

import codecs
import shlex
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


def decode_all(data: bytes, name: str) -> str:
    """Return the text of ``data`` from ``name``, without a byte order mark; raises likewise."""
    return "".join(decode_utf8([data], name))


def _terminated(blocks: Iterable[bytes]) -> Iterator[bytes]:
    yield from blocks
    yield b""


STDIN_NAME = "stdin"
"""The name of input that is not a file."""


def _not_utf8(error: UnicodeDecodeError, name: str, offset: int) -> UsageError:
    byte = error.object[error.start]
    command = f"iconv -f {guessed_encoding(error.object)} -t UTF-8"
    if name != STDIN_NAME:
        command += f" {shlex.quote(name)} > {shlex.quote(f'{name}.utf8')}"
    return UsageError(
        f"{name} is not UTF-8: byte 0x{byte:02x} at offset {offset + error.start}",
        hint=f"convert it first: {command}",
    )


_MARKS = {codecs.BOM_UTF16_LE: "UTF-16", codecs.BOM_UTF16_BE: "UTF-16"}
_MAX_LETTERS_PER_CHARACTER = 2


def guessed_encoding(data: bytes) -> str:
    """Return the likely encoding of `data`, which is not UTF-8, by the name that iconv has for it.

    Detection libraries take short Chinese texts for Japanese and short French ones for Cyrillic;
    a few rules distinguish the encodings that are common where this program is used.
    """
    if mark := next((_MARKS[mark] for mark in _MARKS if data.startswith(mark)), None):
        return mark
    if b"\0" in data:
        return "UTF-16LE" if data[1::2].count(0) >= data[::2].count(0) else "UTF-16BE"
    for encoding, name in (("gb2312", "GB18030"), ("big5", "BIG5"), ("gb18030", "GB18030")):
        text = data.decode(encoding, errors="replace")
        characters = sum(character > "\x7f" for character in text)
        letters = sum(character.isascii() and character.isalpha() for character in text)
        if "\ufffd" not in text[:-1] and letters <= _MAX_LETTERS_PER_CHARACTER * characters:
            return name
    return "WINDOWS-1252"
