"""Where the API key comes from, and what is pasted with it.

Storing it is tested in tests/cli/commands/test_auth.py.
"""

from __future__ import annotations

import pytest

from stepcli.credentials import find_key, pasted_key
from stepcli.errors import AuthError

KEY = "sk-01/23+45=6789=="
KEY_PAGE = "https://platform.example/keys"


def test_step_api_key_takes_precedence() -> None:
    """Surrounding white space is removed."""
    found = find_key({"STEP_API_KEY": " one\n", "STEPFUN_API_KEY": "two"}, KEY_PAGE)
    assert (found.secret, found.source) == ("one", "STEP_API_KEY")
    assert find_key({"STEP_API_KEY": "", "STEPFUN_API_KEY": "two"}, KEY_PAGE).secret == "two"
    assert "one" not in repr(found)


def test_empty_variable_is_not_a_key() -> None:
    with pytest.raises(AuthError) as raised:
        find_key({"STEP_API_KEY": ""}, KEY_PAGE)
    assert KEY_PAGE in str(raised.value.hint)


@pytest.mark.parametrize(
    "pasted",
    [
        *(f"{KEY}\n", f"  {KEY}\t", f"\ufeff{KEY}", f"\u200b{KEY}\u2060", f"\u00a0{KEY}\u00a0"),
        *(f'"{KEY}"', f"'{KEY}'", f"“{KEY}”", f"`{KEY}`"),
        *(f"STEP_API_KEY={KEY}", f"STEPFUN_API_KEY = {KEY}", f'export STEP_API_KEY="{KEY}";'),
        *(f'$env:STEP_API_KEY = "{KEY}"', f"set STEP_API_KEY={KEY}\r\n", f"step_api_key: {KEY}"),
        *(f"Bearer {KEY}", f"'Authorization: Bearer {KEY}'", f"STEP_API_KEY='Bearer {KEY}'"),
    ],
)
def test_key_is_freed_of_what_was_copied_with_it(pasted: str) -> None:
    assert pasted_key(pasted) == KEY


@pytest.mark.parametrize("text", ["", "two words", "line\nbreak", "bearer", "STEP_API_KEYS", KEY])
def test_anything_else_is_unchanged(text: str) -> None:
    assert pasted_key(text) == text


@pytest.mark.parametrize("text", ["''", "STEP_API_KEY=", "export STEP_API_KEY=''", "Bearer "])
def test_decoration_without_a_key_is_no_key(text: str) -> None:
    assert pasted_key(text) in ("", "Bearer")
