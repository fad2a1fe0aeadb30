"""The described fields of ``--json`` are those that the commands print."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from stepcli.cli.docs.reference import reference
from stepcli.cli.docs.results import (
    described_results,
    other_result_schemas,
    result_fields,
    result_schema,
)
from tests.support.command_tree import COMMANDS, PROGRAM
from tests.support.microphones import FEW, Microphone, recorded
from tests.support.program import Program, until
from tests.support.recordings import RATE, reading, write_wav
from tests.support.service import Sandbox

RUNS = [
    ("speak", "speak Hello. -o a.wav --subtitles a.srt"),
    ("speak", "speak --script play.txt --cast Ann=lively-girl -o b.wav"),
    ("speak", "speak --timed short.srt --fit none -o c.wav"),
    ("speak with --batch", "speak --batch lines.txt --output-dir out"),
    ("speak with --dry-run", "speak Hello. --dry-run"),
    ("speak with --dry-run", "speak --batch lines.txt --output-dir out --dry-run"),
    ("speak with --dry-run", "speak --script play.txt --cast Ann=lively-girl --dry-run"),
    ("stream", "stream Hello. -o d.wav --subtitles d.srt"),
    ("transcribe", "transcribe beckett.wav -l en"),
    ("transcribe", "transcribe call.wav -l en --channels"),
    ("transcribe with several inputs", "transcribe beckett.wav missing.wav -l en"),
    ("transcribe with --dry-run", "transcribe beckett.wav --dry-run"),
    ("voices list", "voices list"),
    ("voices preview", "voices preview lively-girl -o e.wav"),
    ("voices preview with a sample", "voices preview beckett.wav -o f.wav"),
    ("voices clone", "voices clone beckett.wav --yes"),
    ("voices uploads", "voices uploads"),
    ("voices uploads with --delete", "voices uploads --delete --yes"),
    ("auth login", "auth login"),
    ("auth status", "auth status"),
    ("auth logout", "auth logout"),
    ("config path", "config path"),
    ("config list", "config list"),
    ("config get", "config get voice"),
    ("doctor", "doctor"),
    ("clean", "clean --all"),
]
PREPARATIONS = {
    "voices list": ["voices clone beckett.wav --yes --name me"],
    "voices uploads": ["voices clone beckett.wav --yes"],
    "voices uploads with --delete": ["voices clone beckett.wav --yes"],
    "config list": ["config set voice lively-girl"],
    "config get": ["config set voice lively-girl"],
    "clean": ["voices clone beckett.wav --yes"],
}
"""Commands that run before, so that lists are not empty."""
MICROPHONE_RUNS = [
    ("devices", "devices"),
    ("transcribe", "transcribe --mic --duration 3"),
    ("transcribe", "transcribe --live --duration 3"),
    ("transcribe", "transcribe --toggle --duration 3"),
    ("transcribe with --mic --dry-run", "transcribe --mic --dry-run"),
    ("transcribe with --mic --dry-run", "transcribe --live --dry-run - --pcm 16000"),
]
ENDS_DICTATION = "transcribe with --toggle, ending a dictation"


def _schema(name: str) -> dict[str, Any]:
    """Return the description of ``name``, as a command has it."""
    command, _, condition = name.partition(" with ")
    path = (*command.split(),)
    return (other_result_schemas(path)[condition] if condition else result_schema(path)) or {}


def _closed(schema: Any) -> Any:
    """Return ``schema`` without room for fields that it does not describe."""
    if not isinstance(schema, dict):
        return schema
    closed = {name: _closed(value) for name, value in schema.items()}
    return closed | ({"additionalProperties": False} if "required" in schema else {})


def _validate(printed: str, schema: dict[str, Any]) -> None:
    """Raise an error of jsonschema unless ``printed`` matches ``schema``, which must be valid.

    Importing jsonschema takes longer than collecting all other tests of the command line.
    """
    from jsonschema import Draft202012Validator

    Draft202012Validator.check_schema(schema)
    Draft202012Validator(_closed(schema)).validate(json.loads(printed))


@pytest.fixture
def inputs(home: Path) -> None:
    """The files that the commands of ``RUNS`` read."""
    sound = reading("beckett")[: 8 * 2 * RATE]
    write_wav(home / "beckett.wav", sound)
    soundfile.write(home / "call.wav", np.frombuffer(sound, "<i2").repeat(2).reshape(-1, 2), RATE)
    (home / "lines.txt").write_text("One.\nTwo.\n")
    (home / "play.txt").write_text("Ann: One.\n")
    (home / "short.srt").write_text("1\n00:00:00,000 --> 00:00:00,100\nA long sentence.\n")


@pytest.mark.parametrize(("name", "line"), RUNS)
@pytest.mark.usefixtures("inputs")
def test_printed_object_matches_its_schema(
    name: str, line: str, stepcli: Program, service: Sandbox
) -> None:
    for before in PREPARATIONS.get(name, ()):
        assert stepcli(*before.split()).code == 0
    if name == "speak with --batch":
        service.fault("speech:2:451")
    done = stepcli(*line.split(), "--json", input=service.key)
    _validate(done.stdout, _schema(name))


@pytest.mark.parametrize(("name", "line"), MICROPHONE_RUNS)
@pytest.mark.usefixtures("service")
def test_printed_object_of_the_microphone_matches_its_schema(
    name: str, line: str, dictate: Program, microphone: Microphone
) -> None:
    microphone.hears(FEW)
    done = dictate(*line.split(), "--json")
    _validate(done.stdout, _schema(name))


@pytest.mark.usefixtures("service")
def test_command_that_ends_a_dictation_prints_what_is_described(
    dictate: Program, microphone: Microphone, home: Path
) -> None:
    microphone.hears(FEW)
    with dictate.started("transcribe", "--toggle") as run:
        until(lambda: recorded(home / ".local/state/stepcli/recordings", 1))
        done = dictate("transcribe", "--toggle", "--json")
        run.communicate(timeout=60)
    _validate(done.stdout, _schema(ENDS_DICTATION))


def test_sandbox_prints_what_is_described(stepcli: Program) -> None:
    with stepcli.started("sandbox", "--json") as process:
        assert process.stdout is not None
        printed = process.stdout.readline().decode()
    _validate(printed, _schema("sandbox"))


def test_failed_command_prints_what_is_described(stepcli: Program) -> None:
    done = stepcli("speak", "--speed", "fast", "Hello", "--json")
    _validate(done.stderr, reference(PROGRAM)["failure"])


def test_every_description_belongs_to_a_command_and_is_run() -> None:
    described = {name for name in described_results() if name[0].islower()}
    assert described == {name for name, _ in RUNS + MICROPHONE_RUNS} | {"sandbox", ENDS_DICTATION}
    commands = {" ".join(one.path) for one in COMMANDS}
    assert {name.partition(" with ")[0] for name in described} <= commands


def test_nested_fields_have_their_path() -> None:
    fields = dict(result_fields(result_schema(("transcribe",))))
    assert fields["segments[].words[].start"] == "Seconds (number)."
    plan = dict(result_fields(other_result_schemas(("speak",))["--dry-run"]))
    assert plan["estimated_cost.currency"] == "CNY or USD (string)."
    assert dict(result_fields(result_schema(("config", "set")))) == {}
