"""Recognize containers by their contents, and find recordings that were joined end to end."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO

from stepcli.audio import wav
from stepcli.audio_types import is_mpeg_audio_header

HEAD_BYTES = 4096
"""How many bytes from the beginning ``sniff`` needs."""


def sniff(head: bytes) -> str | None:
    """Return ``wav``, ``mp3``, ``ogg``, ``flac``, ``mp4``, ``webm``, … or None if unknown."""
    for name, offset, magic in _SIGNATURES:
        if head[offset : offset + len(magic)] == magic:
            return None if name == "mp4" and head[8:12] in _IMAGE_BRANDS else name
    if head[:3] == b"ID3" or is_mpeg_audio_header(head):
        return "mp3"
    if head[:1] == b"\x47" and head[_TS_PACKET::_TS_PACKET][:2] == b"\x47\x47":
        return "mpegts"
    return "aac" if _is_adts(head) else None


def is_sound_file(path: Path) -> bool:
    """Return whether a file is, by its contents, in a container of audio or video.

    One that cannot be opened counts as one, so that the failure is reported where it is read.
    """
    try:
        if not path.is_file():
            return False
        with path.open("rb") as file:
            return sniff(file.read(HEAD_BYTES)) is not None
    except OSError:
        return True


def _is_adts(head: bytes) -> bool:
    """Return whether ``head`` begins with two frames of AAC (ISO 13818-7, section 6.2)."""
    size = (int.from_bytes(head[3:6]) >> 5) & 0x1FFF
    return size > 6 and head[:2] in _ADTS and head[size : size + 2] in _ADTS


_ASF = b"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c"
_EBML = b"\x1aE\xdf\xa3"
_FLV = b"FLV\x01"
_IMAGE_BRANDS = (b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"avif", b"avis", b"crx ")
"""Brands of ``ftyp`` boxes that stand for images."""
_TS_PACKET = 188
_ADTS = (b"\xff\xf0", b"\xff\xf1", b"\xff\xf8", b"\xff\xf9")
_BLOCK = 1 << 20
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
    ("webm", 0, _EBML),
    ("amr", 0, b"#!AMR"),
    ("asf", 0, _ASF),
    ("flv", 0, _FLV),
    ("avi", 8, b"AVI "),
    ("mpeg", 0, b"\0\0\1\xba"),
    ("w64", 0, b"riff\x2e\x91\xcf\x11"),
    ("wavpack", 0, b"wvpk"),
    ("ape", 0, b"MAC "),
)


def is_truncated_ogg(path: Path) -> bool:
    """Return whether an Ogg file ends in the middle of a page (RFC 3533, section 6)."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        begin = file.seek(max(0, size - _MAX_OGG_PAGE))
        page = begin + max(0, file.read().rfind(b"OggS"))
        return _ogg_page_end(file, page) > size


_OGG_PAGE_HEADER = 27
_MAX_OGG_PAGE = _OGG_PAGE_HEADER + 255 + 255 * 255


def _ogg_page_end(file: BinaryIO, page: int) -> int:
    """Return where the page that begins at ``page`` ends by its header."""
    file.seek(page)
    header = file.read(_OGG_PAGE_HEADER + 255)
    count = header[26] if len(header) >= _OGG_PAGE_HEADER else 255
    return page + _OGG_PAGE_HEADER + count + sum(header[_OGG_PAGE_HEADER:][:count])


def recordings_in(path: Path, container: str | None) -> Sequence[range]:
    """Return where in the file each recording is, as a range of bytes; usually there is one.

    Files that were joined end to end (``cat a.ogg b.ogg``) hold several, of which decoders read the
    first one, or two, and ignore the others. Containers without an overall length, such as
    MPEG-TS or ADTS, need no such care and always count as one.
    """
    with path.open("rb") as file:
        begins = [0, *_later_recordings(file, container), file.seek(0, os.SEEK_END)]
    return [range(begin, end) for begin, end in pairwise(begins)]


def _later_recordings(file: BinaryIO, container: str | None) -> Iterator[int]:
    match container:
        case "wav":
            return wav.appended_files(file)
        case "aiff":
            return _later_aiff(file)
        case "ogg":
            return _ogg_chain(file)
        case "mp4":
            return _later_movies(file)
        case "webm":
            return _later_matroska(file)
        case "flv":
            return _later_flv(file)
        case "flac":
            return _occurrences(file, b"fLaC\0\0\0\x22", 1)
        case "asf":
            return _occurrences(file, _ASF, 1)
    return iter(())


def _occurrences(file: BinaryIO, pattern: bytes, position: int = 0) -> Iterator[int]:
    """Yield each position of ``pattern`` from ``position`` on. The caller may seek meanwhile."""
    size = _BLOCK
    while size == _BLOCK:
        file.seek(position)
        block = file.read(_BLOCK)
        size, found = len(block), block.find(pattern)
        while found >= 0:
            yield position + found
            found = block.find(pattern, found + len(pattern))
        position += size - len(pattern) + 1


def _ogg_chain(file: BinaryIO) -> Iterator[int]:
    """Yield where each later link of a chain begins (RFC 3533, section 4).

    A link begins with one page for each of its streams that is marked as the first of its stream.
    """
    end_of_group = 0
    for page in _occurrences(file, b"OggS\0\x02"):
        if page != end_of_group:
            yield page
        end_of_group = _ogg_page_end(file, page)


def _later_matroska(file: BinaryIO) -> Iterator[int]:
    """Yield where each EBML header after the first is (RFC 8794): it names its document type."""
    for position in _occurrences(file, _EBML, 1):
        file.seek(position)
        if re.search(b"\x42\x82.(webm|matroska)", file.read(64), re.DOTALL):
            yield position


def _later_aiff(file: BinaryIO) -> Iterator[int]:
    """Yield where each ``FORM`` chunk after the first is, which holds a whole file."""
    position = 0
    while True:
        file.seek(position)
        header = file.read(8)
        if header[:4] != b"FORM" or len(header) < 8:
            return
        if position:
            yield position
        position += 8 + int.from_bytes(header[4:])


def _later_flv(file: BinaryIO) -> Iterator[int]:
    """Yield where each FLV header after the first is: signature, flags, size 9, previous tag 0."""
    for position in _occurrences(file, _FLV, 1):
        file.seek(position + 5)
        if file.read(8) == b"\0\0\0\x09\0\0\0\0":
            yield position


def _later_movies(file: BinaryIO) -> Iterator[int]:
    """Yield where each ``ftyp`` box after the first is (ISO 14496-12)."""
    position = 0
    while True:
        file.seek(position)
        header = file.read(16)
        size, kind = int.from_bytes(header[:4]), header[4:8]
        if kind == b"ftyp" and position:
            yield position
        if size == 1:
            size = int.from_bytes(header[8:])
        if size < 8 or len(header) < 8:
            return
        position += size
