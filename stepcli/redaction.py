"""Secrets that must not be written, and their removal from text.

Settings register the API key and proxy passwords. Everything that writes text for people (terminal,
log, error report) passes it through `redact` first; nothing else masks.
"""

from __future__ import annotations

import re
import threading
from functools import lru_cache
from typing import Any

MASK = "***"
_SHORTEST = 6
"""Characters: masking a shorter secret would hide ordinary words."""

_LONGEST_ESCAPE = len("&amp;amp;#x0041;")

_secrets: set[str] = set()
_lock = threading.Lock()


def register_secret(secret: str) -> None:
    """Keep `secret` out of everything that is written from now on."""
    if len(secret) >= _SHORTEST:
        with _lock:
            _secrets.add(secret)


def redact(text: str) -> str:
    """Return `text` with every registered secret masked, in any spelling.

    Recognized are any case, percent-encoding, HTML and JSON escapes, base64 (also of a longer text
    that contains the secret) and hexadecimal.
    """
    text = _AUTHORIZATION.sub(rf"\1{MASK}", text)
    if not _may_contain_secret(text):
        return text
    return _pattern(frozenset(_secrets)).sub(MASK, text)


def _may_contain_secret(text: str) -> bool:
    """Return whether `text` has a word as long as a secret; compiling the pattern takes 30 ms.

    No spelling of a secret is shorter than the secret, or contains white space that it lacks.
    """
    shortest = min((len(word) for secret in _secrets for word in secret.split()), default=None)
    return shortest is not None and any(len(word) >= shortest for word in text.split())


def redact_value(value: Any) -> Any:
    """Return the JSON value `value` with every string in it redacted."""
    match value:
        case str():
            return redact(value)
        case dict():
            return {redact_value(key): redact_value(inner) for key, inner in value.items()}
        case list() | tuple():
            return [redact_value(inner) for inner in value]
    return value


def shorten(text: str, limit: int) -> str:
    """Return `text` redacted and at most `limit` characters long.

    Only the beginning of a long text is searched. What could be the first half of a secret at its
    end is dropped.
    """
    margin = _LONGEST_ESCAPE * max(map(len, _secrets), default=0)
    searched = limit + 2 * margin
    beginning = redact(text[:searched])
    if len(text) > searched:
        beginning = f"{beginning[: max(0, len(beginning) - margin)]}…"
    return beginning if len(beginning) <= limit else f"{beginning[: limit - 1]}…"


_AUTHORIZATION = re.compile(r"(authorization\"?: \"?(?:bearer|basic) )[^\s\"]+", re.IGNORECASE)


@lru_cache(maxsize=4)
def _pattern(secrets: frozenset[str]) -> re.Pattern[str]:
    spellings = [
        one for secret in sorted(secrets, key=len, reverse=True) for one in _spellings(secret)
    ]
    return re.compile("|".join(spellings))


def _spellings(secret: str) -> list[str]:
    """Return patterns of everything `secret` may be written as."""
    data = secret.encode()
    return ["".join(map(_character, secret)), f"(?i:{data.hex()})", *_base64(data)]


def _character(character: str) -> str:
    """Return a pattern of `character` in any case, as it is or escaped."""
    codes = {ord(one) for one in (character.lower(), character.upper()) if len(one) == 1}
    plain = "|".join(re.escape(chr(code)) for code in sorted(codes))
    hexadecimal = "|".join(f"{code:x}" for code in sorted(codes))
    decimal = "|".join(map(str, sorted(codes)))
    escaped = rf"%(?:25)*(?:{hexadecimal})|&(?:amp;)*#(?:0*(?:{decimal})|x0*(?:{hexadecimal}));?"
    escaped += rf"|\\+(?:u00|x)(?:{hexadecimal})"
    if name := _ENTITIES.get(character):
        escaped += f"|&(?:amp;)*{name};"
    return rf"(?:\\*(?:{plain})|(?i:{escaped}))"


_ENTITIES = {"&": "amp", "<": "lt", ">": "gt", '"': "quot", "'": "apos", "/": "sol", "+": "plus",
             "=": "equals"}  # fmt: skip


def _base64(data: bytes) -> list[str]:
    """Return the part that base64 of any text around `data` has, for each of three alignments."""
    from base64 import b64encode

    found = []
    for before in range(3):
        encoded = b64encode(bytes(before) + data).decode().rstrip("=")
        first = (8 * before + 5) // 6
        whole = 8 * (before + len(data)) // 6
        middle = re.escape(encoded[first:whole])
        found.append(middle.replace(r"\+", "+").replace("+", "[+-]").replace("/", "[/_]"))
    return found
