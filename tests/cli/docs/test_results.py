"""The described fields of ``--json`` are those that the commands print."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from stepcli.cli.docs.results import RESULTS, result_fields, result_schema
from tests.support.command_tree import COMMANDS
from tests.support.program import Program
from tests.support.recordings import reading, write_wav

TYPES = {
    "string": str, "integer": int, "number": (int, float), "boolean": bool, "null": type(None),
    "array": list, "object": dict,
}  # fmt: skip

RUNS = {
    "speak": ("speak", "Hello.", "-o", "a.wav"),
    "stream": ("stream", "Hello.", "-o", "b.wav"),
    "transcribe": ("transcribe", "beckett.wav", "-l", "en"),
    "voices list": ("voices", "list"),
    "auth status": ("auth", "status"),
    "config path": ("config", "path"),
    "devices": ("devices",),
    "doctor": ("doctor",),
    "clean": ("clean",),
}


def _check(value: Any, schema: dict[str, Any], path: str) -> None:
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    assert isinstance(value, tuple(TYPES[kind] for kind in kinds)), (path, value)  # type: ignore[misc]
    if isinstance(value, dict) and "properties" in schema:
        assert value.keys() <= schema["properties"].keys(), path
        assert set(schema["required"]) <= value.keys(), path
        for name, inner in value.items():
            _check(inner, schema["properties"][name], f"{path}.{name}")
    for item in value if isinstance(value, list) else ():
        _check(item, schema["items"], f"{path}[]")


@pytest.mark.parametrize("name", RUNS)
def test_printed_object_matches_its_description(name: str, stepcli: Program, home: Path) -> None:
    write_wav(home / "beckett.wav", reading("beckett"))
    done = stepcli(*RUNS[name], "--json")
    schema = result_schema(tuple(name.split()))
    assert schema is not None
    _check(json.loads(done.stdout), schema, name)


def test_every_description_belongs_to_a_command_and_is_run() -> None:
    assert RESULTS.keys() == RUNS.keys() <= {" ".join(one.path) for one in COMMANDS}


def test_nested_fields_have_their_path() -> None:
    fields = dict(result_fields(("transcribe",)))
    assert fields["segments[].words[].start"] == "Seconds (number)."
    assert dict(result_fields(("config", "set"))) == {}
