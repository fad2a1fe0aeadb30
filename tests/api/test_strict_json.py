"""JSON that is parsed here can be displayed, measured and written again."""

from __future__ import annotations

import json

import pytest

from stepcli.api.strict_json import parsed


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
