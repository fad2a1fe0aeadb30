"""A voice from the microphone: record, preview, clone, and speak with it."""

from __future__ import annotations

import json
import signal
import stat
from pathlib import Path
from subprocess import PIPE

import pytest
import soundfile

from tests.devices.rig import Speaker
from tests.support.program import Program
from tests.support.service import Sandbox
from tests.support.terminal import on_terminal
from tests.support.voice_samples import write_sample


@pytest.fixture
def somebody_speaks(speaker: Speaker, tmp_path: Path) -> object:
    """A voice in the room for the whole of the test."""
    wav = write_sample(tmp_path / "room.wav", 60, silence=0)
    playing = speaker.play(wav)
    with speaker.record() as heard:
        heard.wait_for_sound()
    yield
    playing.kill()
    playing.wait()


def _kept(home: Path) -> Path:
    return home / ".local/state/stepcli/recordings/voice-sample.wav"


@pytest.mark.usefixtures("somebody_speaks")
def test_voice_is_recorded_previewed_cloned_and_used(
    stepcli: Program, service: Sandbox, home: Path, speaker: Speaker
) -> None:
    """Record, preview, clone the same sample under a name, speak in it, find it in the list."""
    heard = stepcli(
        "voices", "preview", "--record", "3", "--keep-upload", "-o", "p.wav", **speaker.environ
    )
    assert heard.code == 0, heard.stderr
    assert "recording 3 s" in heard.stderr
    with soundfile.SoundFile(_kept(home)) as recording:
        assert recording.frames == 3 * recording.samplerate
    file_id = heard.stderr.split()[-1]

    made = stepcli("voices", "clone", file_id, "--yes", "--name", "me")
    assert made.code == 0, made.stderr
    id = made.stdout.strip()
    spoken = stepcli("voices", "preview", "me", "-o", "s.wav", "--json")
    assert json.loads(spoken.stdout)["voice"] == id
    listed = json.loads(stepcli("voices", "list", "--cloned", "--json").stdout)["voices"]
    assert [voice["aliases"] for voice in listed if voice["id"] == id] == [["me"]]
    asked = [entry["endpoint"] for entry in service.log()]
    assert asked == ["files", "preview", "clone", "speech", "voices"]


@pytest.mark.usefixtures("somebody_speaks")
def test_voice_is_cloned_from_the_microphone(
    stepcli: Program, service: Sandbox, speaker: Speaker, home: Path
) -> None:
    """At a terminal: a countdown, a level, the question; the recording is private."""
    arguments = ("voices", "clone", "--record", "3", "--force")
    with on_terminal(stepcli, *arguments, stdout=PIPE, environ=speaker.environ) as screen:
        screen.wait_for("in 3")
        screen.wait_for("in 1")
        screen.wait_for("█")
        screen.wait_for("[y/N] ")
        assert service.log() == []
        screen.type("y\n")
        done = screen.finish()
    assert done.code == 0, screen.text
    assert done.stdout.startswith("voice-")
    assert stat.S_IMODE(_kept(home).parent.stat().st_mode) == 0o700


@pytest.mark.usefixtures("somebody_speaks")
def test_interrupted_recording_costs_nothing(
    stepcli: Program, service: Sandbox, speaker: Speaker, home: Path
) -> None:
    """Ctrl-C ends the run at once; the recording is kept and nothing is sent."""
    arguments = ("voices", "clone", "--record", "50", "--yes")
    with on_terminal(stepcli, *arguments, stdout=PIPE, environ=speaker.environ) as screen:
        screen.wait_for("█")
        screen.type("\x03")
        done = screen.finish()
    assert (done.code, done.stdout) == (-signal.SIGINT, "")
    assert f"saved the recording in {_kept(home)}" in screen.text
    assert 0 < soundfile.info(_kept(home)).duration < 50
    assert service.log() == []


def test_digital_silence_is_a_device_error(
    stepcli: Program, service: Sandbox, speaker: Speaker
) -> None:
    """A microphone that gives only zeros is exit 7 with where to look; nothing is sent."""
    done = stepcli("voices", "clone", "--record", "1", "--yes", **speaker.environ)
    assert done.code == 7
    assert "digital silence" in done.stderr
    assert "hint: " in done.stderr
    assert service.log() == []


def test_unknown_microphone_is_a_usage_error(
    stepcli: Program, service: Sandbox, speaker: Speaker
) -> None:
    """A name that no device has is exit 2, with those that there are."""
    options = ("--record", "5", "--microphone", "nonesuch", "--yes")
    done = stepcli("voices", "clone", *options, **speaker.environ)
    assert done.code == 2
    assert "nonesuch" in done.stderr
    assert service.log() == []


def test_preview_is_played(stepcli: Program, speaker: Speaker, tmp_path: Path) -> None:
    """Without -o a preview comes out of the loudspeaker."""
    sample = write_sample(tmp_path / "heard.wav", 7.7)
    with speaker.record() as heard:
        done = stepcli("voices", "preview", sample, **speaker.environ)
        assert done.code == 0, done.stderr
    assert abs(heard.samples).max() > 1000


def test_doctor_lists_the_devices_in_use(stepcli: Program, speaker: Speaker) -> None:
    """The devices in use are named; where there are none that is a warning with its remedy."""
    checks = _checks(stepcli, speaker.environ)
    assert (checks["loudspeaker"]["state"], checks["microphone"]["state"]) == ("ok", "ok")
    checks = _checks(stepcli, speaker.environ | {"PULSE_SERVER": "unix:/nowhere"})
    assert (checks["loudspeaker"]["state"], checks["microphone"]["state"]) == ("warning", "warning")
    assert checks["microphone"]["remedy"]


def _checks(stepcli: Program, environ: dict[str, str]) -> dict[str, dict[str, str]]:
    done = stepcli("doctor", "--json", **environ)
    assert done.code == 0
    return {check["name"]: check for check in json.loads(done.stdout)["checks"]}
