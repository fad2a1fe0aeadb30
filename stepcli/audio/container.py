"""Which container bytes are, told by the bytes themselves."""

from __future__ import annotations

import os
from pathlib import Path

HEAD_BYTES = 4096
"""How much of the beginning is enough to tell."""


def sniff(head: bytes) -> str | None:
    """``wav``, ``mp3``, ``ogg``, ``flac``, ``mp4``, ``webm``, … or None for no known sound."""
    for name, offset, magic in _MAGIC:
        if head[offset : offset + len(magic)] == magic:
            return name
    if head[:3] == b"ID3" or _mpeg_frame(head):
        return "mp3"
    return None


# Offsets and magics are from each container's own specification.
_MAGIC = (
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
    ("asf", 0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11"),
)


def _mpeg_frame(head: bytes) -> bool:
    """An MPEG audio layer III header: eleven set bits, a legal version, bitrate and sample rate."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:
        return False
    version, bitrate, rate = head[1] >> 3 & 3, head[2] >> 4, head[2] >> 2 & 3
    return version != 1 and bitrate != 15 and rate != 3


_OGG_PAGE_HEADER = 27
_LARGEST_OGG_PAGE = _OGG_PAGE_HEADER + 255 + 255 * 255


def torn_ogg(path: Path) -> bool:
    """Whether an Ogg file ends in the middle of a page (RFC 3533, section 6)."""
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
