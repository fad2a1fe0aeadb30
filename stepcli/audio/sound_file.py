"""Open sound files with libsndfile, and read them in order."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from stepcli.audio.c_stderr import silence_c_stderr
from stepcli.audio.mp3 import Mp3, Mp3File
from stepcli.audio.track import no_audio_error, open_input, truncated_error
from stepcli.audio_types import PCM
from stepcli.errors import UsageError

if TYPE_CHECKING:
    import soundfile

_LOUDEST = 256.0
"""Far beyond full scale, but small enough to add up channels."""
_UNKNOWN = 1 << 62
"""libsndfile reports at least so many frames where the header does not state a number."""
_EXACT_SEEKING = (
    "PCM_S8", "PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE", "ULAW", "ALAW",
)  # fmt: skip
"""Codecs, in FLAC and elsewhere, in which libsndfile seeks to the very frame."""

REQUIRED_FORMATS = ("WAV", "MP3", "FLAC", "OGG")
"""What libsndfile must read and write, by its own names."""
_REINSTALL = "pip install --force-reinstall soundfile brings its own"

Source = PCM | Mp3 | range | None
"""How to present a recording to libsndfile: as raw samples, as MP3 frames, as some bytes of the
file, or as the whole file."""


def libsndfile_version() -> str:
    """Return the version of libsndfile. Raises UsageError if it or a format is missing."""
    try:
        import soundfile
    except (ImportError, OSError) as exc:
        raise UsageError(f"libsndfile is missing: {exc}", hint=_REINSTALL) from exc
    missing = [name for name in REQUIRED_FORMATS if name not in soundfile.available_formats()]
    if missing:
        raise UsageError(f"libsndfile does not support {', '.join(missing)}", hint=_REINSTALL)
    version: str = soundfile.__libsndfile_version__
    return version


@contextmanager
def opened_sound(path: Path, source: Source) -> Iterator[soundfile.SoundFile | None]:
    """Open one recording of the file by descriptor: libsndfile must not go by the file's name."""
    import soundfile

    silence_c_stderr()
    with open_input(path) as file:
        opened: int | BinaryIO | Mp3File = file.fileno()
        if isinstance(source, range):
            opened = io.BufferedReader(_FileSlice(file, source))
        elif isinstance(source, Mp3):
            if source.is_mixed:
                yield None
                return
            opened = file.fileno() if source.has_true_tag else Mp3File(file, source)
        shape = _raw_shape(source) if isinstance(source, PCM) else {}
        try:
            sound = sequential_sound_file()(opened, closefd=False, **shape)
        except soundfile.LibsndfileError:
            yield None
            return
        with closing(sound):
            yield sound


@cache
def sequential_sound_file() -> type[soundfile.SoundFile]:
    """Return the class of files that are only read in order."""
    import soundfile

    class SequentialSoundFile(soundfile.SoundFile):  # type: ignore[misc]  # it has no types
        """A file that is only read in order.

        soundfile seeks after each read from a seekable file, to where it is already. libmpg123
        prints to stderr when that happens in MP3, and a FLAC file of unknown length fails.
        """

        def seekable(self) -> bool:
            return False

    return SequentialSoundFile


class _FileSlice(io.RawIOBase):
    """Some bytes of ``file`` as a file of their own."""

    def __init__(self, file: BinaryIO, span: range) -> None:
        self._file = file
        self._span = span
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        origins = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: len(self._span)}
        self._position = origins[whence] + offset
        return self._position

    def readinto(self, buffer: Any) -> int:
        self._file.seek(self._span.start + self._position)
        data = self._file.read(max(0, min(len(buffer), len(self._span) - self._position)))
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)


def _raw_shape(raw: PCM) -> dict[str, object]:
    return {
        "format": "RAW",
        "subtype": "PCM_16",
        "endian": "LITTLE",
        "samplerate": raw.rate,
        "channels": raw.channels,
    }


def sound_blocks(file: soundfile.SoundFile) -> Iterator[Any]:
    """Yield a second at a time: arrays of frames by channels, 1.0 full scale.

    Files of floats may hold NaN, which becomes silence, and infinity.
    """
    import numpy as np

    while len(block := file.read(file.samplerate, dtype="float32", always_2d=True)):
        if not np.isfinite(block).all():
            np.nan_to_num(block, copy=False, posinf=_LOUDEST, neginf=-_LOUDEST)
        yield block.clip(-_LOUDEST, _LOUDEST, out=block)


def skip_frames(file: soundfile.SoundFile, frames: int, name: str) -> None:
    """Skip ``frames``: seek in the codecs in which that is exact, else decode and discard."""
    import soundfile

    try:
        exact = file.subtype in _EXACT_SEEKING and soundfile.SoundFile.seekable(file)
        if exact and file.frames >= frames and file.seek(frames) == frames:
            return
        while frames and (count := len(file.read(min(frames, file.samplerate), "float32"))):
            frames -= count
    except soundfile.LibsndfileError:
        raise truncated_error(name) from None


def sound_duration(file: soundfile.SoundFile, source: Source, name: str) -> float | None:
    """Return the duration of the whole in seconds, None if the header does not state it.

    Raises UsageError if it is 0 or the file ends earlier. For MP3, the frame headers that
    ``read_mp3`` has read are enough: the last frame is found by decoding all of them.
    """
    if file.frames == 0:
        raise no_audio_error(name)
    if isinstance(source, Mp3) and not source.has_true_tag:
        return source.duration
    if file.frames >= _UNKNOWN:
        return None
    if not isinstance(source, Mp3) and not _has_last_frame(file):
        raise truncated_error(name)
    return float(file.frames / file.samplerate)


def _has_last_frame(file: soundfile.SoundFile) -> bool:
    """Return whether the last frame that the header promises exists; the file is then used up."""
    import soundfile

    last = file.frames - 1
    try:
        # Reading a minute of MP3 takes 12 ms, and libmpg123 prints to stderr when it seeks.
        if file.format == "MP3" or not soundfile.SoundFile.seekable(file):
            return bool(sum(map(len, sound_blocks(file))) > last)
        return bool(file.seek(last) == last and len(file.read(1)))
    except soundfile.LibsndfileError:
        return False
