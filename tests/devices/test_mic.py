"""``transcribe --mic``: somebody speaks into a microphone, and the words come out."""

from __future__ import annotations

import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import soundfile

from tests.devices.rig import Rig, Speaker
from tests.support.program import Program, until
from tests.support.recordings import RATE, reading, silence, write_wav
from tests.support.service import Sandbox
from tests.support.sounds import word_errors

SAID = "Ever tried. Ever failed. No matter. Try again. Fail again. Fail better."
LISTENING = "listening"


@pytest.fixture
def microphone(rig: Rig) -> Speaker:
    """At a rate that needs no conversion."""
    return rig.speaker(RATE)


@pytest.fixture(scope="session")
def voice() -> bytes:
    """Ten seconds of somebody's voice."""
    return reading("beckett")


@contextmanager
def speaking(microphone: Speaker, path: Path, *sounds: bytes) -> Iterator[None]:
    """Those sounds are played to the microphone."""
    playing = microphone.play(write_wav(path, *sounds))
    try:
        yield
    finally:
        playing.kill()
        playing.wait()


@pytest.fixture
def room(home: Path) -> Path:
    """Where recordings are kept."""
    return home / ".local/state/stepcli/recordings"


def kept(room: Path) -> list[str]:
    return sorted(re.sub(r"-\d+-\d+-\d+", "", path.name) for path in room.glob("*"))


def wait_for_recording(room: Path, seconds: float) -> None:
    """Until so much is on disk."""
    size = 2 * RATE * seconds
    until(lambda: any(path.stat().st_size > size for path in room.glob("mic-*")))


def test_a_pause_ends_it(
    stepcli: Program,
    service: Sandbox,
    microphone: Speaker,
    tmp_path: Path,
    voice: bytes,
    room: Path,
) -> None:
    """The words are on stdout, first one included; the recording stays as the last one."""
    with speaking(microphone, tmp_path / "a.wav", silence(2), voice, silence(20)):
        done = stepcli("transcribe", "--mic", "-l", "en", **microphone.environ)
    assert done.code == 0, done.stderr
    assert word_errors(SAID, done.stdout) <= 4, done.stdout
    assert done.stdout.startswith("Ever")
    assert len(service.log("asr")) == 1
    assert kept(room) == ["last.wav"]
    assert stat.S_IMODE((room / "last.wav").stat().st_mode) == 0o600
    assert LISTENING in done.stderr


def test_nobody_speaks(stepcli: Program, service: Sandbox, microphone: Speaker, room: Path) -> None:
    """Exit 0, nothing on stdout, nothing sent; zeros are explained; exactly so long."""
    done = stepcli("transcribe", "--mic", "--duration", "2.5", **microphone.environ)
    assert (done.code, done.stdout) == (0, "")
    assert "nobody spoke" in done.stderr
    assert "digital silence" in done.stderr
    assert service.log() == []
    assert soundfile.info(room / "last.wav").duration == 2.5
    quiet = stepcli("transcribe", "--live", "-q", "--duration", "0.5", **microphone.environ)
    assert (quiet.code, quiet.stdout, quiet.stderr) == (0, "", "")
