"""JSON that is parsed here can be displayed, measured and written again."""

from __future__ import annotations

import json

import pytest

from stepcli.api.strict_json import as_seconds, as_text, parsed, parsed_object


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": [1, 2.5, null, true]}', {"a": [1, 2.5, None, True]}),
        ('"\\ud83d\\ude00"', "😀"),
        ('"half \\ud83d pair"', "half \ufffd pair"),
        ('"\\\\ud83d is text"', "\\ud83d is text"),
        ("[1e999, -1e999, NaN, Infinity]", [None, None, None, None]),
    ],
)
def test_values_are_safe_to_use(text: str, value: object) -> None:
    assert parsed(text) == value
    assert parsed(text.encode()) == value
    assert parsed(text.encode("utf-16")) == value
    json.dumps(parsed(text), ensure_ascii=False).encode()


@pytest.mark.parametrize(
    "text", ["", "{", "[1,]", "'x'", "{} {}", "[" * 5000 + "]" * 5000, "[" * 65 + "]" * 65]
)
def test_anything_else_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        parsed(text)


def test_nesting_of_64_levels_is_allowed() -> None:
    assert parsed("[" * 64 + "]" * 64)


@pytest.mark.parametrize("data", ["", "[1]", '"a"', b"\xff", "{"])
def test_anything_but_an_object_is_none(data: bytes | str) -> None:
    assert parsed_object(data) is None
    assert parsed_object(b'{"a": 1}') == {"a": 1}


@pytest.mark.parametrize(
    ("value", "expected"), [("a", "a"), (7, "7"), (True, ""), (None, ""), ([1], ""), (1.5, "")]
)
def test_ids_are_text_or_numbers(value: object, expected: str) -> None:
    assert as_text(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(1500, 1.5), (0, 0.0), (2.5, 0.0025), (-1, None), (True, None), ("1", None), (1e12, None)],
)
def test_times_are_milliseconds(value: object, expected: float | None) -> None:
    assert as_seconds(value) == expected
