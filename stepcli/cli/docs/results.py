"""The objects that ``--json`` prints, as JSON Schemas. ``results.toml`` describes them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

_DATA = Path(__file__).with_name("results.toml")
_FIELD = re.compile(
    r"(?P<optional>optional )?(?P<list>list of )?(?P<kind>\w+)(?P<null> or null)?: (?P<meaning>.+)"
)
_CONDITION = " with "
_OTHER_FIELDS = "*"


@cache
def described_results() -> Mapping[str, Mapping[str, str]]:
    """Return the fields of each object by the name of its table in ``results.toml``."""
    return tomllib.loads(_DATA.read_text(encoding="utf-8"))


def result_schema(path: tuple[str, ...]) -> dict[str, Any] | None:
    """Return the JSON Schema of the result of the command at ``path``; None if not described."""
    name = " ".join(path)
    return object_schema(name) if name in described_results() else None


def other_result_schemas(path: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    """Return the JSON Schemas of the other results of a command by what leads to them."""
    prefix = " ".join(path) + _CONDITION
    names = (name for name in described_results() if name.startswith(prefix))
    return {name.removeprefix(prefix): object_schema(name) for name in names}


def object_schema(name: str) -> dict[str, Any]:
    """Return the JSON Schema of the object that the table ``name`` describes."""
    fields = _fields_of(name)
    if not fields:
        return {"type": "object"}
    return {
        "type": "object",
        "properties": {name: _field_schema(field) for name, field in fields.items()},
        "required": [name for name, field in fields.items() if not field["optional"]],
    }


def _fields_of(name: str) -> dict[str, re.Match[str]]:
    """Return the parsed fields of a table, after those of the table that ``*`` names."""
    table = described_results()[name]
    inherited = _fields_of(table[_OTHER_FIELDS]) if _OTHER_FIELDS in table else {}
    own = {name: text for name, text in table.items() if name != _OTHER_FIELDS}
    return inherited | {name: _parsed(text) for name, text in own.items()}


def _parsed(text: str) -> re.Match[str]:
    if match := _FIELD.fullmatch(text):
        return match
    raise ValueError(f"{_DATA.name}: {text!r} does not describe a field")


def _field_schema(field: re.Match[str]) -> dict[str, Any]:
    kind = field["kind"]
    schema = object_schema(kind) if kind in described_results() else {"type": kind}
    if field["list"]:
        schema = {"type": "array", "items": schema}
    if field["null"]:
        schema |= {"type": [schema["type"], "null"]}
    return schema | {"description": field["meaning"]}


def result_fields(schema: dict[str, Any] | None) -> Iterator[tuple[str, str]]:
    """Yield each field of a result with its type and meaning, such as ``segments[].text``."""
    yield from _described_fields(schema or {}, "")


def _described_fields(schema: dict[str, Any], prefix: str) -> Iterator[tuple[str, str]]:
    for name, field in schema.get("properties", {}).items():
        kind = field["type"] if isinstance(field["type"], str) else " or ".join(field["type"])
        meaning = field["description"]
        yield f"{prefix}{name}", f"{meaning[:1].upper()}{meaning[1:]} ({kind})."
        yield from _described_fields(field, f"{prefix}{name}.")
        yield from _described_fields(field.get("items", {}), f"{prefix}{name}[].")
