"""Plays sound while it arrives."""

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


class Playhead:
    """Told of every block by the device's callback; read from any other thread."""

    def __init__(self, rate: int, clock: Callable[[], float] = monotonic) -> None:
        self._rate = rate
        self._clock = clock
        self._silence = 0
        self._delay = 0.0
        self._run = (0, 0, 0.0)
        """Frames before the run of sound now playing, frames to its end, the moment of that end.
        One tuple, so that a reader never sees half a change."""
        self.first_heard: float | None = None
        """The clock's time at which the first frame was heard."""

    def hand_over(self, sound: int, frames: int, delay: float) -> None:
        """A block of ``frames``, the first ``sound`` of them sound, is heard in ``delay`` s."""
        now = self._clock()
        self._delay = delay
        if sound:
            start, end, _ = self._run
            start = end if self._silence else start
            self._run = (start, end + sound, now + delay + sound / self._rate)
            self._silence = 0
            if self.first_heard is None:
                self.first_heard = now + delay
        self._silence += frames - sound

    @property
    def position(self) -> float:
        """Seconds of sound that have left the device."""
        start, end, moment = self._run
        ahead = max(0.0, moment - self._clock()) * self._rate
        return max(start, end - ahead) / self._rate

    @property
    def settled(self) -> bool:
        """Whether all that was handed over has been heard.

        Believed only when the device has also taken silence for as long as it holds sound: a
        device that was held up plays later than it said.
        """
        return self._silence >= self._delay * self._rate and self._clock() >= self._run[2]


LATENCY_SECONDS = 0.08
"""Seconds of sound that the device holds. With 0.035 a busy machine can be heard."""

BUFFER_SECONDS = 10.0
"""Seconds of sound that may wait for the device."""

POLL = 0.01
"""Seconds between looks at the ring. Waiting is sleeping, which Ctrl-C ends on every system."""

STALL = 5.0
"""Seconds of waiting after which a device that asks for nothing is taken for dead."""


class Player:
    """A sink that is heard. ``pcm`` is the shape of the bytes written.

    The device runs from the start, silent, so that its waking up costs neither time nor a syllable.
    Raises UsageError for a ``device`` that names none or several, DeviceError for one that fails,
    now or in any later call. After an error or a KeyboardInterrupt, ``abort``.
    """

    def __init__(
        self,
        pcm: PCM,
        device: str | None = None,
        *,
        latency: float = LATENCY_SECONDS,
        ring: float = BUFFER_SECONDS,
    ) -> None:
        self.device = find_output(device)
        self._stream, self._pcm = open_output(self.device, pcm, latency, self._callback)
        self._fit = PCMConverter(pcm, self._pcm)
        self._block = pcm.frame_bytes * pcm.rate
        self._feed = JitterBuffer(self._pcm, ring)
        self._playhead = Playhead(self._pcm.rate)
        self._first_written: float | None = None
        self._leave: type[Exception] | None = None
        self._xruns = 0
        self._asked = 0
        self._seen = 0
        self._waited = 0.0
        self._closed = False
        start_stream(self._stream, self.device)

    @property
    def position(self) -> float:
        """Seconds of sound that have been heard so far."""
        return self._playhead.position

    @property
    def underruns(self) -> int:
        """How often the sound broke off because more of it came too late."""
        return self._feed.underruns

    @property
    def xruns(self) -> int:
        """How often it broke off because this machine was too busy to feed the device in time."""
        return self._xruns

    @property
    def first_sound(self) -> float | None:
        """Seconds from the first byte written to the first sound heard; None before that."""
        if self._first_written is None or self._playhead.first_heard is None:
            return None
        return self._playhead.first_heard - self._first_written

    def write(self, data: bytes) -> None:
        """Play ``data`` after what is there already; waits while there is no room for it."""
        if data and self._first_written is None:
            self._first_written = monotonic()
        for block in _blocks(data, self._block):
            self._put(self._fit.feed(block))

    def flush(self) -> None:
        """Nothing more for now: a silence after this is a pause, not an under-run."""
        self._put(self._fit.finish())
        self._feed.end()

    def drain(self) -> None:
        """Wait until all that was written has been heard."""
        self.flush()
        while not (self._leave or self._settled()):
            self._check_alive()
            self._wait()

    def close(self) -> None:
        """Let all be heard, then let the device go."""
        if not self._closed:
            self.drain()
            self._stop(load_portaudio().CallbackStop)

    def abort(self) -> None:
        """Silence at once; what is still to be heard, or is written later, is dropped."""
        if not self._closed:
            self._stop(load_portaudio().CallbackAbort)

    def _put(self, data: bytes) -> None:
        rest = memoryview(data)
        while not self._leave:
            self._check_alive()
            rest = rest[self._feed.put(rest) :]
            if not rest:
                return
            self._wait()

    def _wait(self) -> None:
        """Sleep a moment, in which the device must ask for sound now and then."""
        sleep(POLL)
        self._waited = self._waited + POLL if self._asked == self._seen else 0.0
        self._seen = self._asked

    def _settled(self) -> bool:
        return self._feed.empty and self._playhead.settled

    def _check_alive(self) -> None:
        # In this order: it is inactive, too, when another thread has just aborted.
        if not self._stream.active and not self._leave:
            raise DeviceError(
                f"the audio device {self.device} stopped in the middle",
                hint="was it unplugged? stepcli devices lists what is there",
            )
        if self._waited > STALL:
            raise DeviceError(
                f"the audio device {self.device} takes no more sound",
                hint="is the sound server stuck, or the output suspended?",
            )

    def _stop(self, leave: type[Exception]) -> None:
        """End from inside the callback: PortAudio may cancel a thread that it stops from outside,
        and one that is cancelled while it waits for the interpreter's lock never gives it back."""
        self._leave = leave
        patience = monotonic() + 1.0
        while self._stream.active and monotonic() < patience:
            sleep(POLL)
        self._closed = True
        close_stream(self._stream)

    def _callback(self, out: Any, frames: int, time: Any, status: Any) -> None:
        self._asked += 1
        block = memoryview(out)
        if self._leave:
            block[:] = bytes(len(block))
            raise self._leave
        sound = self._feed.fill(block) // self._pcm.frame_bytes
        self._xruns += bool(sound and status.output_underflow)
        delay = time.outputBufferDacTime - time.currentTime
        self._playhead.hand_over(sound, frames, max(delay, self._stream.latency))


def _blocks(data: bytes, size: int) -> Iterator[bytes]:
    for begin in range(0, len(data), size):
        yield data[begin : begin + size]
