"""A virtual sound card: a private PulseAudio server whose output can be recorded.

Each speaker is a null sink. What a program plays is recorded from the sink's monitor; what
``Speaker.play`` plays can be recorded by a program, so a speaker is also a microphone.
``Speaker.environ`` makes it PortAudio's default input and output device. ``Speaker.unplug`` removes
the device.

Servers have their own socket and state, so any number of them run in parallel, as root too.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tests.devices.urgency import go_first

Samples = NDArray[np.int16]

TOOLS = ("pulseaudio", "pactl", "parec", "paplay")
NAMED_DEVICES = ("kitchen_left", "kitchen_right")
"""More names of the same device, so that a name can be ambiguous."""

_ALSA = """\
</usr/share/alsa/alsa.conf>
pcm.!default { type pulse }
ctl.!default { type pulse }
""" + "".join(f"pcm.{name} {{ type pulse }}\n" for name in NAMED_DEVICES)

_LISTS_DEVICES = "import sounddevice; sounddevice.query_devices(kind='output')"


class RigMissing(Exception):
    """This machine cannot run a virtual sound card; the message says what is missing."""


class Rig:
    """A running server. ``pid`` is its process, which a test may stop (SIGSTOP) or kill."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._socket = home / "native"
        self._speakers: dict[int, Speaker] = {}
        (home / "alsa.conf").write_text(_ALSA)
        self.environ = {
            "PULSE_SERVER": f"unix:{self._socket}",
            "PULSE_RUNTIME_PATH": str(home),
            "PULSE_STATE_PATH": str(home),
            "PULSE_COOKIE": str(home / "cookie"),
            "ALSA_CONFIG_PATH": str(home / "alsa.conf"),
            "DBUS_SESSION_BUS_ADDRESS": "disabled:",
            "JACK_NO_START_SERVER": "1",
        }
        self._daemon = self._start()
        self.pid = self._daemon.pid

    def _start(self) -> subprocess.Popen[bytes]:
        # It exits some time after its last client, in case this process is killed.
        daemon = ["pulseaudio", "-n", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=20"]
        plain = ["--realtime=yes", "--high-priority=yes", "--log-target=stderr"]
        door = f"module-native-protocol-unix socket={self._socket} auth-anonymous=1"
        with (self._home / "log").open("wb") as log:
            return subprocess.Popen(
                [*daemon, *plain, "-L", door], env=_here(self.environ), stdout=log, stderr=log
            )

    def wait_until_up(self) -> None:
        for _ in range(100):
            with suppress(subprocess.CalledProcessError):
                self.pactl("info")
                # Only now, because it resets its priority when it starts.
                go_first(self.pid)
                return
            time.sleep(0.1)
        raise RigMissing(f"PulseAudio does not start: {(self._home / 'log').read_text()}")

    def stop(self) -> None:
        for speaker in self._speakers.values():
            speaker.close()
        self._daemon.kill()
        self._daemon.wait()

    def pactl(self, *command: str) -> str:
        """Run a ``pactl`` command and return its output."""
        done = subprocess.run(
            ["pactl", *command], env=_here(self.environ), capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    def speaker(self, rate: int = 48000) -> Speaker:
        """Return the mono speaker with ``rate`` Hz; it is created at the first call."""
        if rate not in self._speakers:
            self._speakers[rate] = Speaker(self, f"speaker{rate}", rate)
        return self._speakers[rate]


class Speaker:
    """A null sink, which is also a microphone. ``environ`` makes it a program's default device."""

    def __init__(self, rig: Rig, name: str, rate: int) -> None:
        self._rig = rig
        self.name = name
        self.rate = rate
        self.environ = rig.environ | {"PULSE_SINK": name, "PULSE_SOURCE": f"{name}.monitor"}
        # Without rewinds the sink renders at most 50 ms ahead, as a card does, not two seconds.
        self._module = rig.pactl(
            "load-module", "module-null-sink",
            f"sink_name={name}", f"rate={rate}", "channels=1", "format=s16le", "norewinds=1",
        )  # fmt: skip
        # A permanent recorder keeps the latency of the sink short and constant.
        self._listener = Recording(rig.environ, name, rate)
        self._listener.wait_for(1)

    @contextmanager
    def record(self, rate: int | None = None) -> Iterator[Recording]:
        """Record what is played on this speaker, mono, for the duration of the block."""
        recording = Recording(self._rig.environ, self.name, rate or self.rate)
        try:
            recording.wait_for(1)
            yield recording
        finally:
            recording.stop()

    def play(self, wav: Path) -> subprocess.Popen[bytes]:
        """Start playing a file, which can be recorded from this speaker's monitor."""
        command = ["paplay", f"--device={self.name}", str(wav)]
        process = subprocess.Popen(command, env=_here(self._rig.environ))
        go_first(process.pid)
        return process

    def unplug(self) -> None:
        """Remove the speaker. Its streams move to another speaker, if there is one."""
        self._rig.pactl("unload-module", self._module)

    def close(self) -> None:
        self._listener.stop()


class Recording:
    """The audio of a monitor, read as it arrives. Its clock counts frames of the speaker."""

    def __init__(self, environ: dict[str, str], speaker: str, rate: int) -> None:
        self.rate = rate
        self._heard = bytearray()
        self._parec = subprocess.Popen(
            [
                "parec", "--raw", "--format=s16le", "--channels=1", f"--rate={rate}",
                f"--device={speaker}.monitor", "--latency-msec=10",
            ],
            env=_here(environ),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        go_first(self._parec.pid)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._parec.stdout
        while data := os.read(self._parec.stdout.fileno(), 1 << 16):
            self._heard += data

    @property
    def frames(self) -> int:
        """The number of frames recorded so far."""
        return len(self._heard) // 2

    @property
    def samples(self) -> Samples:
        return np.frombuffer(bytes(self._heard[: 2 * self.frames]), "<i2")

    def wait_for(self, frames: int) -> None:
        """Wait until that many more frames have been recorded."""
        goal = self.frames + frames
        self._until(lambda: self.frames >= goal)

    def wait_for_sound(self) -> None:
        """Wait until something other than silence has been recorded."""
        self._until(lambda: any(self._heard))

    def _until(self, done: Callable[[], bool]) -> None:
        patience = time.monotonic() + 20
        while not done():
            assert time.monotonic() < patience, "nothing more is heard"
            time.sleep(0.005)

    def stop(self) -> None:
        self._parec.terminate()
        self._parec.wait()
        self._reader.join()
        if self._parec.stdout:
            self._parec.stdout.close()


@contextmanager
def running_rig() -> Iterator[Rig]:
    """Yield a virtual sound card and remove it afterwards. Raise RigMissing."""
    missing = [tool for tool in TOOLS if not shutil.which(tool)]
    if missing:
        raise RigMissing(f"not installed: {', '.join(missing)}")
    # The path of a socket must be short, and pytest's directories are not.
    with tempfile.TemporaryDirectory(prefix="rig-", ignore_cleanup_errors=True) as home:
        rig = Rig(Path(home))
        try:
            rig.wait_until_up()
            _check_portaudio(rig.speaker().environ)
            yield rig
        finally:
            rig.stop()


def _check_portaudio(environ: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _LISTS_DEVICES], env=_here(environ), capture_output=True, text=True
    )
    if done.returncode:
        raise RigMissing(f"PortAudio does not reach PulseAudio: {done.stderr.strip()[-300:]}")


def _here(environ: dict[str, str]) -> dict[str, str]:
    return os.environ | environ
