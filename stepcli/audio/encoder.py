"""PCM into one file of any format, in blocks, as it comes."""

from __future__ import annotations

from typing import BinaryIO

from stepcli.audio import wav
from stepcli.audio_types import PCM, AudioFormat, Sink

OPUS_RATES = (8000, 12000, 16000, 24000, 48000)
"""Sample rates in Hz that Opus knows."""

_CONTAINERS = {
    AudioFormat.MP3: ("MP3", "MPEG_LAYER_III"),
    AudioFormat.FLAC: ("FLAC", "PCM_16"),
    AudioFormat.OPUS: ("OGG", "OPUS"),
}
_BLOCK = 64 * 1024


def open_encoder(file: BinaryIO, format: AudioFormat, pcm: PCM) -> Sink:
    """A sink of s16le samples that writes them to ``file`` as ``format``.

    ``close`` completes the file's contents and leaves it open. A file that cannot seek gets what a
    stream of unknown length looks like in that format. OSErrors of ``file`` come through.
    """
    match format:
        case AudioFormat.PCM:
            return _Raw(file)
        case AudioFormat.WAV:
            return wav.WavWriter(file, pcm)
    return _Compressed(file, format, pcm)


class _Raw:
    """Write samples as they are."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def write(self, data: bytes) -> None:
        self._file.write(data)

    def close(self) -> None:
        """Do nothing: raw samples need no completion."""

    abort = close


class _Compressed:
    """MP3 (about 128 kbit/s, as the service sends it), FLAC or Ogg Opus, by libsndfile."""

    def __init__(self, file: BinaryIO, format: AudioFormat, pcm: PCM) -> None:
        import soundfile

        container, codec = _CONTAINERS[format]
        self._watched = _Watched(file)
        self._encoder = soundfile.SoundFile(
            self._watched,
            "w",
            pcm.rate,
            pcm.channels,
            codec,
            format=container,
            **_quality(format, pcm),
        )

    def write(self, data: bytes) -> None:
        for start in range(0, len(data), _BLOCK):
            self._encoder.buffer_write(data[start : start + _BLOCK], "int16")
            self._watched.check()

    def close(self) -> None:
        self._encoder.close()
        self._watched.check()

    def abort(self) -> None:
        self._encoder.close()


def _quality(format: AudioFormat, pcm: PCM) -> dict[str, object]:
    """libsndfile's level for 128 kbit/s: a fraction between MPEG-1's, or MPEG-2's, bitrates."""
    if format is not AudioFormat.MP3:
        return {}
    return {"bitrate_mode": "CONSTANT", "compression_level": 0.66 if pcm.rate >= 32000 else 0.2}


class _Watched:
    """A file as libsndfile wants it: one whose failures it cannot swallow, nor need it seek.

    An exception inside libsndfile's callbacks would be printed and forgotten, so it is kept for
    ``check``. Where ``file`` cannot seek, what would rewrite the past is dropped.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._seekable = file.seekable()
        self._position = self._end = 0
        self._failure: OSError | None = None

    def check(self) -> None:
        """Raise the OSError of a previous write."""
        if self._failure:
            raise self._failure

    def write(self, data: bytes) -> int:
        if self._failure is None and (self._seekable or self._position == self._end):
            try:
                self._file.write(data)
            except OSError as exc:
                self._failure = exc
        self._position += len(data)
        self._end = max(self._end, self._position)
        return len(data)

    def read(self, size: int = -1) -> bytes:
        return self._file.read(size) if self._seekable and self._failure is None else b""

    def seek(self, offset: int, whence: int = 0) -> int:
        self._position = offset + (0, self._position, self._end)[whence]
        if self._seekable and self._failure is None:
            try:
                self._file.seek(self._position)
            except OSError as exc:
                self._failure = exc
        return self._position

    def tell(self) -> int:
        return self._position
