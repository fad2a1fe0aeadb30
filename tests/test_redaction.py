"""Registered secrets are masked in every spelling, in everything that is written."""

from __future__ import annotations

import html
import io
import json
import logging
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from urllib.parse import quote

import pytest

from stepcli import redaction
from stepcli.cli import context
from stepcli.cli.io.terminal import Terminal
from stepcli.credentials import Key
from stepcli.errors import StepcliError
from stepcli.redaction import MASK, redact, register_secret, shorten

KEY = "sk-Redacted/0123456789&abcdefghij+XYZ=="
SPELLINGS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "upper": str.upper,
    "lower": str.lower,
    "percent": lambda key: quote(key, safe=""),
    "percent-lower": lambda key: quote(key, safe="").lower(),
    "percent-twice": lambda key: quote(quote(key, safe=""), safe=""),
    "percent-all": lambda key: "".join(f"%{ord(one):02x}" for one in key),
    "html": html.escape,
    "html-twice": lambda key: html.escape(html.escape(key)),
    "html-decimal": lambda key: "".join(f"&#{ord(one)};" for one in key),
    "html-hexadecimal": lambda key: "".join(f"&#x{ord(one):04X};" for one in key),
    "json": lambda key: json.dumps(key)[1:-1].replace("/", "\\/"),
    "json-unicode": lambda key: "".join(f"\\u{ord(one):04x}" for one in key),
    "json-twice": lambda key: json.dumps(json.dumps(key).replace("/", "\\/")),
    "python": lambda key: "".join(f"\\x{ord(one):02x}" for one in key),
    "hexadecimal": lambda key: key.encode().hex().upper(),
    "base64": lambda key: b64encode(key.encode()).decode().rstrip("="),
    "base64-of-bearer": lambda key: b64encode(f"Bearer {key}\n".encode()).decode(),
    "base64-of-basic": lambda key: urlsafe_b64encode(f"me:{key}".encode()).decode(),
}


@pytest.fixture(autouse=True)
def registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redaction, "_secrets", set[str]())
    register_secret(KEY)


def leaked(text: str, spelling: str) -> bool:
    """Whether a third of the spelled secret is in one piece in the text."""
    length = len(spelling) // 3
    return any(spelling[at : at + length] in text for at in range(len(spelling) - length))


@pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=SPELLINGS)
def test_every_spelling_is_masked_and_the_rest_stays(spelling: Callable[[str], str]) -> None:
    spelled = spelling(KEY)
    text = redact(f"before {spelled} after")
    assert MASK in text
    assert text.startswith("before ")
    assert text.endswith(" after")
    assert not leaked(text, spelled)


def test_other_text_is_left_alone() -> None:
    text = "sk-Redacted is the beginning; the API key was refused by https://host/v1?a=b&c=d"
    assert redact(text) == text


def test_short_secrets_do_not_hide_ordinary_words() -> None:
    register_secret("key")
    register_secret("")
    assert redact("the API key") == "the API key"


@pytest.mark.parametrize("header", ["authorization: Bearer x", "Proxy-Authorization: Basic eDp5"])
def test_credentials_in_a_logged_header_are_masked_whoever_they_belong_to(header: str) -> None:
    name, _, value = header.rpartition(" ")
    assert redact(f"> {header}") == f"> {name} {MASK}"
    assert value not in redact(header)


def test_shortening_does_not_leave_half_a_secret() -> None:
    assert "Redacted" not in shorten("x" * 70 + KEY, 80)
    assert shorten("abcdef", 4) == "abc…"


@pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=SPELLINGS)
def test_shortening_a_long_text_leaves_no_part_of_a_secret(spelling: Callable[[str], str]) -> None:
    spelled = spelling(KEY)
    for before in range(0, 700, 7):
        shortened = shorten("-" * before + f"{spelled} " * 200, 500)
        assert len(shortened) <= 500
        assert not leaked(shortened, spelled)


def test_a_key_is_registered_as_soon_as_it_is_one() -> None:
    assert redact(f"a {Key('sk-another-key-9', 'test').secret}") == f"a {MASK}"


@pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=SPELLINGS)
def test_no_writer_shows_a_secret(spelling: Callable[[str], str]) -> None:
    """Results, rows, JSON, messages, live lines and questions."""
    out, err = io.StringIO(), io.StringIO()
    terminal = Terminal(io.StringIO("\n"), out, err, verbose=True)
    spelled = spelling(KEY)
    for write in (terminal.result, terminal.text, terminal.row, terminal.note, terminal.detail,
                  terminal.say, terminal.live, terminal.ask, terminal.page):  # fmt: skip
        write(f"x {spelled} y")
    terminal.say("")
    terminal.result_json({spelled: [spelled]})
    terminal.error_json({"error": {"message": spelled}})
    assert not leaked(out.getvalue() + err.getvalue(), spelled)
    json.loads(out.getvalue().splitlines()[-1])
    json.loads(err.getvalue().splitlines()[-1])


def test_the_wire_log_is_redacted() -> None:
    """Header names and reason phrases too: the handler redacts, not those who log."""
    stderr = io.StringIO()
    with context.wire_log(Terminal(io.StringIO(), io.StringIO(), stderr)):
        log = logging.getLogger("stepcli.wire")
        log.debug("< %d %s", 200, KEY)
        log.debug("< %s: %s", f"x-{KEY.lower()}", StepcliError(KEY))
    shown = stderr.getvalue()
    assert shown.count(MASK) == 3
    assert not leaked(shown.lower(), KEY.lower())


def test_secrets_with_blanks_are_masked() -> None:
    register_secret("a pass phrase of words")
    assert redact("-p 'a pass phrase of words'") == f"-p '{MASK}'"
    assert redact("a%20pass%20phrase%20of%20words") == MASK
