"""Validation of JSON objects by rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from stepcli.sandbox.http.requests import (
    boolean,
    choice,
    nested,
    number,
    optional,
    required,
    string,
    strings,
    validate,
)
from stepcli.sandbox.http.responses import ServiceError


@dataclass(frozen=True)
class Inner:
    flag: bool = required(boolean())


@dataclass(frozen=True)
class Outer:
    name: str = required(string(1, 5))
    size: float = optional(number(0.5, 2.0), 1.0)
    rate: int = optional(choice(8000, 16000), 8000)
    words: tuple[str, ...] = optional(strings(), ())
    inner: Inner | None = optional(nested(Inner))


def test_valid_object_becomes_the_dataclass() -> None:
    value = {"name": "Ada", "size": 2, "words": ["a"], "inner": {"flag": True}}
    assert validate(Outer, value) == Outer("Ada", 2.0, 8000, ("a",), Inner(True))


@pytest.mark.parametrize(
    ("value", "param", "complaint"),
    [
        ([], "body", "must be a JSON object"),
        ({}, "name", "is required"),
        ({"name": ""}, "name", "must not be empty"),
        ({"name": "longer"}, "name", "must be at most 5 characters, not 6"),
        ({"name": "\ud800"}, "name", "is not valid text"),
        ({"name": 1}, "name", "must be a string"),
        ({"name": "a", "more": 1}, "more", "is not a field of this request"),
        ({"name": "a", "size": True}, "size", "must be a number"),
        ({"name": "a", "size": float("nan")}, "size", "must be between 0.5 and 2.0"),
        ({"name": "a", "rate": 8000.0}, "rate", "must be one of 8000, 16000"),
        ({"name": "a", "words": "b"}, "words", "must be a list of strings"),
        ({"name": "a", "words": ["b", ""]}, "words[1]", "must not be empty"),
        ({"name": "a", "inner": {"flag": 1}}, "inner.flag", "must be true or false"),
    ],
    ids=str,
)
def test_invalid_field_is_named_with_its_rule(value: Any, param: str, complaint: str) -> None:
    with pytest.raises(ServiceError) as error:
        validate(Outer, value)
    assert error.value.param == param
    assert error.value.message == f"{param} {complaint}"


def test_prefix_precedes_every_name() -> None:
    with pytest.raises(ServiceError) as error:
        validate(Outer, {"name": 1}, "data.")
    assert error.value.param == "data.name"
