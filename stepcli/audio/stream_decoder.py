"""Decode audio while it arrives, from one format of the service to s16le samples."""

from __future__ import annotations

import queue
import subprocess
import threading
from contextlib import suppress
from typing import BinaryIO

from stepcli.audio.ffmpeg import environment, how_to_install, installed
from stepcli.audio.resampling import FrameBuffer
from stepcli.audio.stream_length import Mp3Length, OggOpusLength
from stepcli.audio_types import PCM, SAMPLE_BYTES
from stepcli.errors import NetworkError, UsageError
from stepcli.storage.growing_file import write_all

_SETTLE_SECONDS = 0.04
"""How long ffmpeg must be silent until all that it received counts as decoded."""
_BLOCK = 65536
_INVALID = "the service returned audio that cannot be decoded"


class RawDecoder:
    """Pass raw samples on; half a sample at the end of a block waits for its other half."""

    lags = False
    seconds = 0.0

    def __init__(self) -> None:
        self._samples = FrameBuffer(SAMPLE_BYTES)

    def decode(self, data: bytes) -> bytes:
        """Return the whole samples of ``data``, and of what was left of the previous block."""
        return self._samples.feed(data)

    def finish(self) -> bytes:
        """Return nothing and discard half a sample."""
        return b""


def require_ffmpeg() -> None:
    """Raise UsageError if ffmpeg is not installed.

    libsndfile is not an alternative: it decodes whole blocks, so that the end of a sentence would
    wait for the beginning of the next.
    """
    if not installed():
        raise UsageError(
            "compressed sound is decoded by ffmpeg, which is not installed",
            hint=f"{how_to_install()}, or leave --wire-format at pcm",
        )


class CompressedDecoder:
    """Decode a growing ``mp3`` or ``ogg`` stream to samples of the shape ``pcm`` with ffmpeg.

    Samples come out a frame or two behind, without the silence that the codec puts before them;
    `seconds` is the length of what went in. Raises NetworkError if the bytes cannot be decoded.
    """

    lags = True

    def __init__(self, container: str, pcm: PCM) -> None:
        self._length = Mp3Length() if container == "mp3" else OggOpusLength()
        self._pcm = pcm
        self._decoded_size = 0
        self._process = subprocess.Popen(
            _command(container, pcm),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            env=environment(),
        )
        self._decoded: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._samples = FrameBuffer(SAMPLE_BYTES)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._stdin, stdout = self._process.stdin, self._process.stdout
        self._reader = threading.Thread(target=self._read, args=(stdout,), daemon=True)
        self._reader.start()

    @property
    def seconds(self) -> float:
        return max(0.0, self._length.seconds)

    def decode(self, data: bytes) -> bytes:
        """Return the samples that can be decoded with ``data``."""
        self._length.feed(data)
        try:
            write_all(self._stdin, data)
        except OSError:
            raise NetworkError(_INVALID) from None
        decoded = bytearray()
        with suppress(queue.Empty):
            while True:
                decoded += self._decoded.get(timeout=_SETTLE_SECONDS)
        return self._without_delay(bytes(decoded))

    def finish(self) -> bytes:
        """End ffmpeg and return the remaining samples."""
        with suppress(OSError):
            self._stdin.close()
        self._reader.join()
        if self._process.wait():
            raise NetworkError(_INVALID)
        rest = bytearray()
        while not self._decoded.empty():
            rest += self._decoded.get()
        return self._without_delay(bytes(rest))

    def _without_delay(self, decoded: bytes) -> bytes:
        samples = self._samples.feed(decoded)
        start = max(0, self._pcm.size(self._length.delay) - self._decoded_size)
        self._decoded_size += len(samples)
        return samples[start:]

    def _read(self, stdout: BinaryIO) -> None:
        with stdout:
            while block := stdout.read(_BLOCK):
                self._decoded.put(block)


def _command(container: str, pcm: PCM) -> list[str]:
    # With "-fflags nobuffer", ffmpeg would discard the first packet, which it has only looked at.
    at_once = ["-probesize", "32", "-analyzeduration", "0"]
    shape = ["-f", "s16le", "-ar", str(pcm.rate), "-ac", str(pcm.channels)]
    return [
        "ffmpeg", "-nostdin", "-loglevel", "quiet", "-protocol_whitelist", "pipe",
        *at_once, "-f", container, "-i", "pipe:0", *shape, "-flush_packets", "1", "pipe:1",
    ]  # fmt: skip
