"""A microphone without a sound card or a sound server: ALSA reads it from a FIFO.

PortAudio records from it as from any device, as fast as it is fed.
"""

from __future__ import annotations

import os
import select
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from functools import cache
from itertools import repeat
from pathlib import Path
from time import monotonic

import pytest
import soundfile

from tests.support.recordings import RATE, reading, silence

_ALSA = """\
</usr/share/alsa/alsa.conf>
pcm.!default {{
  type file
  slave.pcm null
  file /dev/null
  infile "{fifo}"
  format raw
}}
ctl.!default {{ type hw card 0 }}
"""
_OPENS = "import sounddevice; sounddevice.RawInputStream(samplerate=16000, channels=1)"
STEP = 1024
"""Bytes of mono s16le at 16 kHz that are delivered at once."""
STEP_SECONDS = 0.032
_SPEED = 32.0
"""Largest speed relative to real time; a program cannot keep up with more."""
_IDLE_SPEED = 8.0
"""Speed of the silence at the end, which programs record as long as tests wait for something."""
_LAST_PAUSE = 3.0
"""Seconds of silence before that, which end an utterance."""


class Microphone:
    """A default device for programs in ``environ``, which delivers what it ``hears``."""

    def __init__(self, room: Path) -> None:
        room.mkdir()
        fifo, config = room / "microphone", room / "alsa.conf"
        os.mkfifo(fifo)
        config.write_text(_ALSA.format(fifo=fifo))
        self.environ = {"ALSA_CONFIG_PATH": str(config), "PULSE_SERVER": "unix:/nowhere"}
        # For reading and writing, so that opening it does not block and closing it has no effect.
        self._fifo = os.open(fifo, os.O_RDWR | os.O_NONBLOCK)
        self.moments: list[float] = []
        """When each step was delivered, by the monotonic clock."""
        self._over = threading.Event()
        self._feeder: threading.Thread | None = None

    def hears(self, *sounds: bytes, endless: bool = True, speed: float = _SPEED) -> None:
        """Deliver ``sounds`` one after another, then silence if ``endless``, otherwise nothing."""
        sound = b"".join(sounds) + (silence(_LAST_PAUSE) if endless else b"")
        self._feeder = threading.Thread(
            target=self._deliver, args=(sound, endless, speed), daemon=True
        )
        self._feeder.start()

    def close(self) -> None:
        self._over.set()
        if self._feeder:
            self._feeder.join()
        os.close(self._fifo)

    def _deliver(self, sound: bytes, endless: bool, speed: float) -> None:
        self._feed((sound[start : start + STEP] for start in range(0, len(sound), STEP)), speed)
        if endless:
            self._feed(repeat(bytes(STEP)), min(speed, _IDLE_SPEED))

    def _feed(self, steps: Iterable[bytes], speed: float) -> None:
        due = monotonic()
        for step in steps:
            while not select.select([], [self._fifo], [], 0.05)[1]:
                if self._over.is_set():
                    return
            os.write(self._fifo, step)
            self.moments.append(monotonic())
            due = max(due, self.moments[-1] - 1) + STEP_SECONDS / speed
            if self._over.wait(max(0, due - self.moments[-1])):
                return


@contextmanager
def a_microphone(room: Path) -> Iterator[Microphone]:
    """Yield a microphone; skip the test where there is no ALSA, or fail if devices are required."""
    if complaint := _complaint():
        reason = f"PortAudio does not open the microphone: {complaint}"
        if os.environ.get("STEPCLI_REQUIRE_DEVICES") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    with closing(Microphone(room)) as microphone:
        yield microphone


@cache
def _complaint() -> str:
    """Return why PortAudio does not open a microphone, or nothing if it does."""
    with (
        tempfile.TemporaryDirectory() as directory,
        closing(Microphone(Path(directory) / "alsa")) as microphone,
    ):
        done = subprocess.run(
            [sys.executable, "-c", _OPENS],
            env=os.environ | microphone.environ,
            capture_output=True,
            text=True,
        )
    return done.stderr.strip()[-300:] if done.returncode else ""


VOICE = reading("beckett")
FEW = VOICE[: 2 * RATE * 4]
PHRASE = VOICE[: 2 * round(1.2 * RATE)]
"""Two words without a pause, which make one request."""
PAUSE = silence(2)
PATIENTLY = ("--mic", "--silence", "3600")


def length(path: Path) -> float:
    """Return the duration in seconds according to soundfile."""
    return float(soundfile.info(path).duration)


def recorded(recordings: Path, seconds: float) -> bool:
    """Return whether `seconds` of what is being recorded are on disk."""
    size = 44 + 2 * RATE * seconds
    return any(path.stat().st_size >= size for path in recordings.glob("mic-*"))
