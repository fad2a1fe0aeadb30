"""Which container bytes are, told by the bytes themselves."""

from __future__ import annotations

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
