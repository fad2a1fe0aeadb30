"""The described fields of ``--json`` are those that the commands print."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from stepcli.cli.docs.results import (
    OTHER_RESULTS,
    RESULTS,
    other_result_schemas,
    result_fields,
    result_schema,
)
from tests.support.command_tree import COMMANDS
from tests.support.program import Program
from tests.support.recordings import RATE, reading, write_wav
from tests.support.service import Sandbox

RUNS = {
    "speak": "speak Hello. -o a.wav --subtitles a.srt",
    "speak --batch": "speak --batch lines.txt --output-dir out",
    "speak --dry-run": "speak Hello. --dry-run",
    "stream": "stream Hello. -o b.wav --subtitles b.srt",
    "transcribe": "transcribe beckett.wav -l en",
    "transcribe several inputs": "transcribe beckett.wav beckett.wav -l en",
    "transcribe --dry-run": "transcribe beckett.wav --dry-run",
    "voices list": "voices list",
    "voices preview": "voices preview lively-girl -o c.wav",
    "voices clone": "voices clone beckett.wav --yes",
    "voices uploads": "voices uploads",
    "voices uploads --delete": "voices uploads --delete --yes",
    "auth login": "auth login",
    "auth status": "auth status",
    "auth logout": "auth logout",
    "config path": "config path",
    "config list": "config list",
    "config get": "config get voice",
    "devices": "devices",
    "doctor": "doctor",
    "clean": "clean",
}


def _schemas() -> dict[str, dict[str, Any]]:
    """Return the schemas of all results by the words of ``RUNS``."""
    found: dict[str, dict[str, Any]] = {}
    for path in ((*name.split(),) for name in RESULTS):
        found[" ".join(path)] = result_schema(path) or {}
        for condition, schema in other_result_schemas(path).items():
            found[" ".join((*path, condition))] = schema
    return found


def _closed(schema: Any) -> Any:
    """Return ``schema`` without room for fields that it does not describe."""
    if not isinstance(schema, dict):
        return schema
    closed = {name: _closed(value) for name, value in schema.items()}
    return closed | ({"additionalProperties": False} if "required" in schema else {})


def _validate(printed: Any, schema: Any) -> None:
    """Raise an error of jsonschema unless ``printed`` matches ``schema``, which must be valid.

    Importing jsonschema takes longer than collecting all other tests of the command line.
    """
    from jsonschema import Draft202012Validator

    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(printed)


@pytest.mark.parametrize("name", RUNS)
def test_printed_object_matches_its_schema(
    name: str, stepcli: Program, service: Sandbox, home: Path
) -> None:
    write_wav(home / "beckett.wav", reading("beckett")[: 8 * 2 * RATE])
    (home / "lines.txt").write_text("One.\nTwo.\n")
    stepcli("config", "set", "voice", "lively-girl")
    if name == "speak --batch":
        service.fault("speech:2:451")
    done = stepcli(*RUNS[name].split(), "--json", input=service.key)
    _validate(json.loads(done.stdout), _closed(_schemas()[name]))


def test_sandbox_prints_what_is_described(stepcli: Program) -> None:
    with stepcli.started("sandbox", "--json") as process:
        assert process.stdout is not None
        printed = json.loads(process.stdout.readline())
    _validate(printed, _closed(_schemas()["sandbox"]))


def test_every_description_belongs_to_a_command_and_is_run() -> None:
    assert _schemas().keys() == RUNS.keys() | {"sandbox"}
    assert RESULTS.keys() | OTHER_RESULTS.keys() <= {" ".join(one.path) for one in COMMANDS}


def test_nested_fields_have_their_path() -> None:
    fields = dict(result_fields(result_schema(("transcribe",))))
    assert fields["segments[].words[].start"] == "Seconds (number)."
    plan = dict(result_fields(other_result_schemas(("speak",))["--dry-run"]))
    assert plan["estimated_cost.currency"] == "CNY or USD (string)."
    assert dict(result_fields(result_schema(("config", "set")))) == {}
