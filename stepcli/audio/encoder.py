"""Encode PCM into a file of any format, block by block."""

from __future__ import annotations

from typing import BinaryIO

from stepcli.audio import wav
from stepcli.audio_types import PCM, AudioFormat, Sink

OPUS_RATES = (8000, 12000, 16000, 24000, 48000)
"""The sample rates in Hz that Opus supports."""

_CONTAINERS = {
    AudioFormat.MP3: ("MP3", "MPEG_LAYER_III"),
    AudioFormat.FLAC: ("FLAC", "PCM_16"),
    AudioFormat.OPUS: ("OGG", "OPUS"),
}
_BLOCK = 64 * 1024


def open_encoder(file: BinaryIO, format: AudioFormat, pcm: PCM) -> Sink:
    """Return a sink for s16le samples of the shape ``pcm`` that writes ``format`` to ``file``.

    ``close`` completes the contents and leaves ``file`` open. A file that cannot seek receives a
    stream of unknown length. Its OSErrors are raised by the sink.
    """
    match format:
        case AudioFormat.PCM:
            return _RawWriter(file)
        case AudioFormat.WAV:
            return wav.WavWriter(file, pcm)
    return _CompressedWriter(file, format, pcm)


def delay(file: BinaryIO, format: AudioFormat, pcm: PCM) -> float:
    """Return the seconds of silence before the sound that `open_encoder` writes to ``file``.

    Only MP3 has some, without a tag that states its length.
    """
    from stepcli.audio.mp3 import stream_delay

    return stream_delay(pcm.rate) if format is AudioFormat.MP3 and not file.seekable() else 0.0


class _RawWriter:
    """Write samples as they are."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def write(self, data: bytes) -> None:
        self._file.write(data)

    def close(self) -> None:
        """Do nothing: raw samples need no completion."""

    abort = close


class _CompressedWriter:
    """Encode MP3 (128 kbit/s, as the service does), FLAC or Ogg Opus with libsndfile."""

    def __init__(self, file: BinaryIO, format: AudioFormat, pcm: PCM) -> None:
        import soundfile

        container, codec = _CONTAINERS[format]
        self._file = _CallbackFile(file)
        self._encoder = soundfile.SoundFile(
            self._file,
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
            self._file.check()

    def close(self) -> None:
        self._encoder.close()
        self._file.check()

    def abort(self) -> None:
        self._encoder.close()


def _quality(format: AudioFormat, pcm: PCM) -> dict[str, object]:
    """Return the options for MP3 at 128 kbit/s.

    libsndfile takes a fraction of the range of bitrates, which MPEG-1 and MPEG-2 do not share.
    """
    if format is not AudioFormat.MP3:
        return {}
    return {"bitrate_mode": "CONSTANT", "compression_level": 0.66 if pcm.rate >= 32000 else 0.2}


class _CallbackFile:
    """The file whose methods libsndfile calls back.

    An exception in a callback would be printed and ignored, so it is kept for ``check``. If
    ``file`` cannot seek, writes anywhere but at its end are ignored.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._seekable = file.seekable()
        self._position = self._end = 0
        self._failure: OSError | None = None

    def check(self) -> None:
        """Raise the OSError of an earlier callback, if any."""
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
