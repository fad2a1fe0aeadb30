"""Recognize containers by their contents, and find recordings that were joined end to end."""

from __future__ import annotations

import mmap
import os
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from stepcli.audio import wav
from stepcli.audio_types import is_mpeg_audio_header

HEAD_BYTES = 4096
"""How many bytes from the beginning ``sniff`` needs."""


def sniff(head: bytes) -> str | None:
    """Return ``wav``, ``mp3``, ``ogg``, ``flac``, ``mp4``, ``webm``, … or None if unknown."""
    for name, offset, magic in _SIGNATURES:
        if head[offset : offset + len(magic)] == magic:
            return name
    if head[:3] == b"ID3" or is_mpeg_audio_header(head):
        return "mp3"
    return None


_ASF = b"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c"
_FLV = b"FLV\x01"
# Offsets and signatures are from the specification of each container.
_SIGNATURES = (
    ("wav", 8, b"WAVE"),
    ("ogg", 0, b"OggS"),
    ("flac", 0, b"fLaC"),
    ("aiff", 8, b"AIFF"),
    ("aiff", 8, b"AIFC"),
    ("caf", 0, b"caff"),
    ("au", 0, b".snd"),
    ("mp4", 4, b"ftyp"),
    ("webm", 0, b"\x1aE\xdf\xa3"),
    ("amr", 0, b"#!AMR"),
    ("asf", 0, _ASF),
    ("flv", 0, _FLV),
)


def is_truncated_ogg(path: Path) -> bool:
    """Return whether an Ogg file ends in the middle of a page (RFC 3533, section 6)."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - _LARGEST_OGG_PAGE))
        end = file.read()
    page = end[max(0, end.rfind(b"OggS")) :]
    if len(page) < _OGG_PAGE_HEADER:
        return True
    segments = page[26]
    header = _OGG_PAGE_HEADER + segments
    return len(page) < header + sum(page[_OGG_PAGE_HEADER:header])


_OGG_PAGE_HEADER = 27
_LARGEST_OGG_PAGE = _OGG_PAGE_HEADER + 255 + 255 * 255


def recordings_in(path: Path, container: str | None) -> Sequence[range]:
    """Return where in the file each recording is, as a range of bytes; usually there is one.

    Files that were joined end to end (``cat a.ogg b.ogg``) hold several, of which decoders read the
    first one, or two, and ignore the others. Containers without an overall length, such as
    MPEG-TS or ADTS, need no such care and always count as one.
    """
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        begins = [0, *_later_recordings(data, container), len(data)]
    return [range(begin, end) for begin, end in pairwise(begins)]


def _later_recordings(data: mmap.mmap, container: str | None) -> Iterator[int]:
    match container:
        case "wav":
            yield from wav.appended_files(data)
        case "ogg":
            yield from _ogg_chain(data)
        case "mp4":
            yield from _later_movies(data)
        case "webm":
            yield from _later_matroska(data)
        case "flac":
            yield from _occurrences(data, b"fLaC\0\0\0\x22", 1)
        case "flv":
            yield from _occurrences(data, _FLV, 1)
        case "asf":
            yield from _occurrences(data, _ASF, 1)


def _occurrences(data: mmap.mmap, pattern: bytes, position: int) -> Iterator[int]:
    while (position := data.find(pattern, position)) >= 0:
        yield position
        position += len(pattern)


def _ogg_chain(data: mmap.mmap) -> Iterator[int]:
    """Yield where each later link of a chain begins (RFC 3533, section 4).

    A link begins with one page for each of its streams that is marked as the first of its stream.
    """
    is_beginning = True
    for page in _occurrences(data, b"OggS\0", 0):
        was_beginning, is_beginning = is_beginning, data[page + 5 : page + 6] == b"\x02"
        if is_beginning and not was_beginning:
            yield page


def _later_matroska(data: mmap.mmap) -> Iterator[int]:
    """Yield where each EBML header after the first is (RFC 8794): it names its document type."""
    for position in _occurrences(data, b"\x1aE\xdf\xa3", 1):
        if re.search(b"\x42\x82.(webm|matroska)", data[position : position + 64], re.DOTALL):
            yield position


def _later_movies(data: mmap.mmap) -> Iterator[int]:
    """Yield where each ``ftyp`` box after the first is (ISO 14496-12)."""
    position = 0
    while position + 8 <= len(data):
        size, kind = (
            int.from_bytes(data[position : position + 4]),
            data[position + 4 : position + 8],
        )
        if size == 1:
            size = int.from_bytes(data[position + 8 : position + 16])
        if kind == b"ftyp" and position:
            yield position
        if size < 8:
            return
        position += size
