"""m4a files: recognition accepts them as they are, which matters where nothing here decodes AAC.

The boxes are those of ISO 14496-12.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

from stepcli.audio.track import MAX_UPLOAD_BYTES, uploaded_as_is
from stepcli.audio_types import Recording

Box = tuple[bytes, bytes]
"""The type and the contents of a box."""


def m4a_upload(path: Path) -> tuple[Recording, float] | None:
    """Return the file to be uploaded as it is and its seconds; None if recognition refuses it.

    That is, if it is larger than MAX_UPLOAD_BYTES or anything but m4a.
    """
    if path.stat().st_size > MAX_UPLOAD_BYTES:
        return None
    seconds = m4a_duration(path.read_bytes())
    return (uploaded_as_is(path, "m4a"), seconds) if seconds else None


def m4a_duration(data: bytes) -> float | None:
    """Return the seconds of a complete m4a file, None for anything else.

    Its sound must be AAC and not encrypted; files with video or in fragments are not accepted.
    """
    top = _boxes(data)
    if top is None:
        return None
    movies = [contents for kind, contents in top if kind == b"moov"]
    kinds = {kind for kind, _ in top}
    if len(movies) != 1 or b"mdat" not in kinds or b"moof" in kinds:
        return None
    tracks = list(_inside(movies[0], b"trak"))
    handlers = {_handler(track) for track in tracks}
    if b"vide" in handlers or b"soun" not in handlers:
        return None
    codecs = {_codec(track) for track in tracks if _handler(track) == b"soun"}
    return _duration(movies[0]) if codecs == {b"mp4a"} else None


def _boxes(data: bytes) -> list[Box] | None:
    """Return the boxes that `data` consists of, None if it does not end with the last one."""
    found: list[Box] = []
    position = 0
    while position < len(data):
        size, kind = struct.unpack(">I4s", data[position : position + 8].ljust(8, b"\0"))
        header = 8
        if size == 1 and position + 16 <= len(data):
            (size,) = struct.unpack_from(">Q", data, position + 8)
            header = 16
        if size == 0:  # to the end of the file
            size = len(data) - position
        if size < header or position + size > len(data):
            return None
        found.append((kind, data[position + header : position + size]))
        position += size
    return found


def _inside(contents: bytes, *path: bytes) -> Iterator[bytes]:
    """Yield the contents of each box at `path`, a chain of types."""
    for kind, inner in _boxes(contents) or ():
        if kind == path[0]:
            yield from _inside(inner, *path[1:]) if path[1:] else (inner,)


def _handler(track: bytes) -> bytes:
    return next((inner[8:12] for inner in _inside(track, b"mdia", b"hdlr")), b"")


def _codec(track: bytes) -> bytes:
    """Return the type of the first sample entry."""
    path = (b"mdia", b"minf", b"stbl", b"stsd")
    return next((inner[12:16] for inner in _inside(track, *path)), b"")


def _duration(movie: bytes) -> float | None:
    header = next(_inside(movie, b"mvhd"), b"")
    layout, offset = (">IQ", 20) if header[:1] == b"\1" else (">II", 12)
    if len(header) < offset + struct.calcsize(layout):
        return None
    scale, length = struct.unpack_from(layout, header, offset)
    return length / scale if scale and length else None
