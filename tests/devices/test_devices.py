"""``stepcli devices`` with and without devices."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.devices.rig import Speaker
from tests.support.program import Program

WITHOUT_PORTAUDIO = """
import ctypes.util, sys
ctypes.util.find_library = lambda name: None
sys.argv = ["stepcli", *sys.argv[1:]]
from stepcli.__main__ import main
sys.exit(main())
"""


def test_table_has_one_line_per_device(offline: Program, speaker: Speaker) -> None:
    """The name is the last column, so that scripts can split the line."""
    done = offline("devices", **speaker.environ)
    assert (done.code, done.stderr) == (0, "")
    heading, *rows = done.stdout.splitlines()
    assert heading.split() == ["NUMBER", "IN", "OUT", "RATE", "DEFAULT", "API", "NAME"]
    devices = {row.split(maxsplit=6)[6]: row.split() for row in rows}
    number, inputs, outputs, rate, default, api, _ = devices["default"]
    assert number.isdecimal()
    assert int(inputs) > 0
    assert int(outputs) > 0
    assert int(rate) >= 8000
    assert (default, api) == ("in,out", "ALSA")
    assert devices["kitchen_left"][4] == "-"
    assert len({row.index(name) for name, row in zip(devices, rows, strict=True)}) == 1


def test_json_has_the_numbers_of_the_devices(offline: Program, speaker: Speaker) -> None:
    done = offline("devices", "--json", **speaker.environ)
    devices = json.loads(done.stdout)["devices"]
    assert [device["index"] for device in devices] == list(range(len(devices)))
    (default,) = (device for device in devices if device["default_output"])
    assert default["name"] == "default"
    assert default["default_input"]
    assert default.keys() == {
        "index",
        "name",
        "host_api",
        "max_input_channels",
        "max_output_channels",
        "default_sample_rate",
        "default_input",
        "default_output",
    }


def test_no_devices_is_an_empty_table_with_a_note(
    offline: Program, no_devices: dict[str, str]
) -> None:
    done = offline("devices", **no_devices)
    assert (done.code, done.stdout) == (0, "")
    assert "no audio devices" in done.stderr
    assert json.loads(offline("devices", "--json", **no_devices).stdout) == {"devices": []}


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_missing_portaudio_is_a_device_error(offline: Program, options: list[str]) -> None:
    """The hint is the command that installs it."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", WITHOUT_PORTAUDIO, "devices", *options],
        env=offline.environment({}),
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (7, "")
    assert "PortAudio" in done.stderr
    assert "install" in done.stderr
    assert "Traceback" not in done.stderr
