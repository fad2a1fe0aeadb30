"""Play audio while it arrives."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from time import monotonic, sleep
from typing import Any

from stepcli.audio.playback_buffer import JitterBuffer
from stepcli.audio.portaudio import (
    close_stream,
    find_output,
    load_portaudio,
    open_output,
    start_stream,
)
from stepcli.audio.resampling import PCMConverter
from stepcli.audio_types import PCM
from stepcli.errors import DeviceError

LATENCY_SECONDS = 0.08
"""Audio that the device holds. With 0.035 s, playback on a busy machine stutters."""
BUFFER_SECONDS = 10.0
"""Audio that may wait for the device."""
_POLL_SECONDS = 0.01
"""How often waiting looks again. Ctrl-C interrupts a sleep on every system, but not every lock."""
_STALL_SECONDS = 5.0
"""How long a device may request no audio before it counts as failed."""
_STOP_SECONDS = 1.0
"""How long the callback may take to end the stream."""


class Player:
    """A sink that plays s16le samples of the shape ``pcm`` on ``device``, or the default one.

    The device runs from the start, silent, so that its start-up costs neither time nor a syllable.
    Raises UsageError for a ``device`` that does not exist or is ambiguous, DeviceError for one that
    fails, now or in any later call. Call ``abort`` after an error or a KeyboardInterrupt.
    """

    def __init__(
        self,
        pcm: PCM,
        device: str | None = None,
        *,
        latency: float = LATENCY_SECONDS,
        buffer: float = BUFFER_SECONDS,
    ) -> None:
        self.device = find_output(device)
        self._stream, self._pcm = open_output(self.device, pcm, latency, self._callback)
        self._converter = PCMConverter(pcm, self._pcm)
        self._block = pcm.frame_bytes * pcm.rate
        self._buffer = JitterBuffer(self._pcm, buffer)
        self._playhead = Playhead(self._pcm.rate)
        self._first_written: float | None = None
        self._stop_exception: type[Exception] | None = None
        self._xruns = 0
        self._requests = 0
        self._requests_seen = 0
        self._stalled = 0.0
        self._closed = False
        start_stream(self._stream, self.device)

    @property
    def position(self) -> float:
        """Seconds of audio that have been played."""
        return self._playhead.position

    @property
    def underruns(self) -> int:
        """How often playback stopped because audio was written too late."""
        return self._buffer.underruns

    @property
    def xruns(self) -> int:
        """How often playback stopped because this machine served the device too late."""
        return self._xruns

    @property
    def first_sound(self) -> float | None:
        """Seconds from the first write until its audio is played, None before the first write."""
        if self._first_written is None or self._playhead.started_at is None:
            return None
        return self._playhead.started_at - self._first_written

    def write(self, data: bytes) -> None:
        """Queue ``data``; wait while the buffer is full."""
        if data and self._first_written is None:
            self._first_written = monotonic()
        for block in _blocks(data, self._block):
            self._queue(self._converter.feed(block))

    def flush(self) -> None:
        """Expect no more audio for now: silence then does not count as underrun."""
        self._queue(self._converter.finish())
        self._buffer.end()

    def drain(self) -> None:
        """Wait until all audio has been played."""
        self.flush()
        while not (self._stop_exception or (self._buffer.empty and self._playhead.finished)):
            self._check_alive()
            self._wait()

    def close(self) -> None:
        """Wait until all audio has been played, then close the device."""
        if not self._closed:
            self.drain()
            self._stop(load_portaudio().CallbackStop)

    def abort(self) -> None:
        """Stop at once and discard what has not been played, or is written later."""
        if not self._closed:
            self._stop(load_portaudio().CallbackAbort)

    def _queue(self, data: bytes) -> None:
        rest = memoryview(data)
        while not self._stop_exception:
            self._check_alive()
            rest = rest[self._buffer.write(rest) :]
            if not rest:
                return
            self._wait()

    def _wait(self) -> None:
        sleep(_POLL_SECONDS)
        is_idle = self._requests == self._requests_seen
        self._stalled = self._stalled + _POLL_SECONDS if is_idle else 0.0
        self._requests_seen = self._requests

    def _check_alive(self) -> None:
        """Raise DeviceError if the device has stopped or requests no more audio."""
        # In this order: the stream is also inactive when another thread has just aborted.
        if not self._stream.active and not self._stop_exception:
            raise DeviceError(
                f"the audio device {self.device} stopped during playback",
                hint="check that it is still connected: stepcli devices lists all devices",
            )
        if self._stalled > _STALL_SECONDS:
            raise DeviceError(
                f"the audio device {self.device} no longer accepts audio",
                hint="check whether the sound server is stuck or the output is suspended",
            )

    def _stop(self, exception: type[Exception]) -> None:
        """End the stream from inside the callback, which raises ``exception``.

        PortAudio may cancel the thread of a stream that is stopped from outside. A thread that is
        cancelled while it waits for Python's global lock never releases it.
        """
        self._stop_exception = exception
        deadline = monotonic() + _STOP_SECONDS
        while self._stream.active and monotonic() < deadline:
            sleep(_POLL_SECONDS)
        self._closed = True
        close_stream(self._stream)

    def _callback(self, out: Any, frames: int, time: Any, status: Any) -> None:
        self._requests += 1
        block = memoryview(out)
        if self._stop_exception:
            block[:] = bytes(len(block))
            raise self._stop_exception
        audio_frames = self._buffer.fill(block) // self._pcm.frame_bytes
        self._xruns += bool(audio_frames and status.output_underflow)
        delay = time.outputBufferDacTime - time.currentTime
        self._playhead.add_block(audio_frames, frames, max(delay, self._stream.latency))


class Playhead:
    """How much audio has been played: what the device received, less what it still holds.

    The callback of the device adds blocks; any other thread may read.
    """

    def __init__(self, rate: int, clock: Callable[[], float] = monotonic) -> None:
        self._rate = rate
        self._clock = clock
        self._silence = 0
        self._delay = 0.0
        self._run = (0, 0, 0.0)
        """Frames before the current run of audio, frames up to its end, and when that is played.
        It is one tuple so that a reader never sees a partial change."""
        self.started_at: float | None = None
        """When the first frame is played, by the clock."""

    def add_block(self, audio: int, frames: int, delay: float) -> None:
        """Add a block that is played in ``delay`` s: ``audio`` of its ``frames``, then silence."""
        now = self._clock()
        self._delay = delay
        if audio:
            start, end, _ = self._run
            start = end if self._silence else start
            self._run = (start, end + audio, now + delay + audio / self._rate)
            self._silence = 0
            if self.started_at is None:
                self.started_at = now + delay
        self._silence += frames - audio

    @property
    def position(self) -> float:
        """Seconds of audio that have left the device."""
        start, end, moment = self._run
        ahead = max(0.0, moment - self._clock()) * self._rate
        return max(start, end - ahead) / self._rate

    @property
    def finished(self) -> bool:
        """Whether all audio has been played.

        The clock alone is not enough, because a device that was delayed plays later than it
        announced: it must also have received as much silence as it holds.
        """
        return self._silence >= self._delay * self._rate and self._clock() >= self._run[2]


def _blocks(data: bytes, size: int) -> Iterator[bytes]:
    for begin in range(0, len(data), size):
        yield data[begin : begin + size]
