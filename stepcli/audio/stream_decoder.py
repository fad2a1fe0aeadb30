"""Sound as it comes over the wire, piece by piece, to s16le samples."""

from __future__ import annotations

import queue
import subprocess
import threading
from contextlib import suppress
from typing import BinaryIO

from stepcli.audio.ffmpeg import environment, how_to_install, installed
from stepcli.audio_types import PCM, SAMPLE_BYTES
from stepcli.errors import NetworkError, UsageError
from stepcli.storage.growing_file import write_all

QUIET = 0.04
"""Seconds without output after which what was fed is taken to be decoded."""

_BLOCK = 65536
_NO_SOUND = "the service sent sound that cannot be decoded"


class RawDecoder:
    """Raw samples: only one that is split between two pieces has to wait for its other half."""

    lags = False

    def __init__(self) -> None:
        self._half = b""

    def decode(self, data: bytes) -> bytes:
        data = self._half + data
        whole = len(data) - len(data) % SAMPLE_BYTES
        self._half = data[whole:]
        return data[:whole]

    def finish(self) -> bytes:
        """Half a sample is nothing that could be heard."""
        return b""


def require_ffmpeg() -> None:
    """Raises UsageError where there is no ffmpeg.

    libsndfile would not do: it reads whole blocks, so a sentence's end would wait for the next.
    """
    if not installed():
        raise UsageError(
            "compressed sound is decoded by ffmpeg, which is not installed",
            hint=f"{how_to_install()}, or leave --wire-format at pcm",
        )


class CompressedDecoder:
    """A growing stream in a container that ffmpeg knows, ``mp3`` or ``ogg``.

    Decoding happens beside, in a process that ``finish`` ends. What comes out is
    behind by a frame or two. Raises NetworkError for bytes that are no such stream.
    """

    lags = True

    def __init__(self, container: str, pcm: PCM) -> None:
        self._process = subprocess.Popen(
            _command(container, pcm),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            env=environment(),
        )
        self._decoded: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._samples = RawDecoder()
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._stdin, stdout = self._process.stdin, self._process.stdout
        self._reader = threading.Thread(target=self._read, args=(stdout,), daemon=True)
        self._reader.start()

    def decode(self, data: bytes) -> bytes:
        """Feed ``data``; the samples that can be had from it, and from what came before."""
        try:
            write_all(self._stdin, data)
        except OSError:
            raise NetworkError(_NO_SOUND) from None
        decoded = bytearray()
        with suppress(queue.Empty):
            while True:
                decoded += self._decoded.get(timeout=QUIET)
        return self._samples.decode(bytes(decoded))

    def finish(self) -> bytes:
        """End the process; the samples that it still held back."""
        with suppress(OSError):
            self._stdin.close()
        self._reader.join()
        if self._process.wait():
            raise NetworkError(_NO_SOUND)
        left = bytearray()
        while not self._decoded.empty():
            left += self._decoded.get()
        return self._samples.decode(bytes(left))

    def _read(self, stdout: BinaryIO) -> None:
        with stdout:
            while block := stdout.read(_BLOCK):
                self._decoded.put(block)


def _command(container: str, pcm: PCM) -> list[str]:
    at_once = ["-probesize", "32", "-analyzeduration", "0", "-fflags", "nobuffer"]
    shape = ["-f", "s16le", "-ar", str(pcm.rate), "-ac", str(pcm.channels)]
    return [
        "ffmpeg", "-nostdin", "-loglevel", "quiet",
        *at_once, "-f", container, "-i", "pipe:0", *shape, "-flush_packets", "1", "pipe:1",
    ]  # fmt: skip
