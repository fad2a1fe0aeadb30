"""How much sound has been heard: what was handed over, less what the device still holds."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic


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
    def heard(self) -> float:
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
