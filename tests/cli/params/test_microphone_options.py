"""The options about the microphone."""

from __future__ import annotations

import pytest

from stepcli.cli.app import run
from stepcli.cli.params.microphone_options import MicrophoneOptions
from stepcli.errors import StepcliError
from tests.support.in_process import invocation


@pytest.mark.parametrize(
    ("options", "records"),
    [
        (MicrophoneOptions(mic=True), True),
        (MicrophoneOptions(live=True), True),
        (MicrophoneOptions(toggle=True), True),
        (MicrophoneOptions(last=True), False),
        (MicrophoneOptions(device="1", keep="a.wav"), False),
    ],
)
def test_mode_of_recording_makes_a_recording(options: MicrophoneOptions, records: bool) -> None:
    assert options.records is records


@pytest.mark.parametrize(
    "command", [("transcribe", "--mic"), ("voices", "clone", "--record", "6", "--yes")]
)
def test_microphone_has_one_name_in_all_commands(command: tuple[str, ...]) -> None:
    """The device is looked for before anything else happens."""
    with pytest.raises(StepcliError, match=r"no input device 'nosuch'|no audio input|PortAudio"):
        run(invocation(*command, "--microphone", "nosuch", environ={"STEP_API_KEY": "k"}))
