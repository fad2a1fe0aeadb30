"""A source that runs onto a tape by itself."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from typing import Protocol, Self

from stepcli.audio.portaudio import gone, leave_behind
from stepcli.audio.tape import Tape
from stepcli.errors import StepcliError

_STUCK = 1.0
"""Seconds that a device is given to hand over its last block."""


class Running(Protocol):
    """A source that has to be started, in the thread that reads it, and stopped there."""

    overflows: int

    @property
    def device(self) -> object:
        """Called by its name in a failure."""

    def __enter__(self) -> Iterable[bytes]: ...

    def __exit__(self, *_: object) -> None: ...


class Capture:
    """Reads ``source`` onto ``tape`` in a thread of its own, whatever the rest of the program does.

    It ends by itself after ``seconds``, with the source, or with its ``failure``.
    """

    def __init__(self, source: Running, tape: Tape, seconds: float | None = None) -> None:
        self.tape = tape
        self.failure: StepcliError | None = None
        self._source = source
        self._left = None if seconds is None else round(seconds * tape.pcm.rate)
        self._fault: BaseException | None = None
        self._stopping = threading.Event()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="stepcli-capture", daemon=True)

    @property
    def over(self) -> bool:
        """Whether nothing more will come."""
        return self._over.is_set()

    @property
    def overflows(self) -> int:
        """How often sound was lost because it was fetched too late."""
        return self._source.overflows

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.finish()

    def finish(self) -> None:
        """Stop, and complete the tape."""
        try:
            self.stop()
        finally:
            self.tape.close()

    def stop(self) -> None:
        """End with the block that is being read. A device that never hands it over is left.

        Raises a fault of the program, once.
        """
        self._stopping.set()
        self._thread.join(_STUCK)
        if self._thread.is_alive():
            leave_behind()
        self._over.set()
        fault, self._fault = self._fault, None
        if fault:
            raise fault

    def give_up(self) -> None:
        """Nothing comes any more, not even a failure."""
        self.failure = self.failure or gone(str(self._source.device))
        self._over.set()

    def _run(self) -> None:
        try:
            with self._source as blocks:
                for block in self._wanted(blocks):
                    self.tape.write(block)
        except StepcliError as failure:
            self.failure = failure
        except BaseException as fault:  # noqa: BLE001 - raised again in the main thread
            self._fault = fault
        finally:
            self._over.set()

    def _wanted(self, blocks: Iterable[bytes]) -> Iterator[bytes]:
        frame = self.tape.pcm.frame_bytes
        for block in blocks:
            if self._over.is_set():
                return
            if self._left is not None:
                block = block[: self._left * frame]
                self._left -= len(block) // frame
            yield block
            if self._stopping.is_set() or self._left == 0:
                return
