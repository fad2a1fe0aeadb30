"""The rules a field of a request obeys, and the reading of a JSON object by them.

A request is a frozen dataclass whose fields each carry a rule::

    @dataclass(frozen=True)
    class Greeting:
        name: str = required(text(1, 40))
        loud: bool = optional(flag(), False)

    greeting = read(Greeting, {"name": "Ada"})

Strict, as the service is not known to be lenient: a field it does not know, a wrong type (``true``
is no number), an empty or over-long text are all refused.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import MISSING, field, fields
from typing import Any, TypeVar

from stepcli.sandbox.http.errors import Refusal

Rule = Callable[[Any, str], Any]
"""Takes a value and the dotted name it came under; gives the value, or raises ``Refusal``."""

T = TypeVar("T")


def required(rule: Rule) -> Any:
    """A field that must be there."""
    return field(metadata={"rule": rule})


def optional(rule: Rule, default: Any = None) -> Any:
    """A field that may be left out."""
    return field(default=default, metadata={"rule": rule})


def read(shape: type[T], given: Any, within: str = "") -> T:
    """Read a JSON object as ``shape``, a dataclass of fields with rules."""
    if not isinstance(given, dict):
        raise invalid(within.rstrip(".") or "body", "must be a JSON object")
    known = {each.name: each for each in fields(shape)}  # type: ignore[arg-type]
    for name in given:
        if name not in known:
            raise invalid(f"{within}{name}", "is not a field of this request")
    for name, each in known.items():
        if name not in given and each.default is MISSING:
            raise invalid(f"{within}{name}", "is required")
    return shape(
        **{
            name: known[name].metadata["rule"](value, within + name)
            for name, value in given.items()
        }
    )


def invalid(name: str, complaint: str) -> Refusal:
    """The refusal of one field."""
    return Refusal(f"{name} {complaint}", param=name)


def anything() -> Rule:
    """Whatever is there; looked at later."""
    return lambda value, _name: value


def text(least: int = 1, most: int | None = None) -> Rule:
    """A string of ``least`` to ``most`` characters."""

    def check(value: Any, name: str) -> str:
        if not isinstance(value, str):
            raise invalid(name, "must be a string")
        if len(value) < least:
            raise invalid(name, "must not be empty")
        if not _is_text(value):
            raise invalid(name, "is not valid text")
        if most is not None and len(value) > most:
            raise invalid(name, f"must be at most {most} characters, not {len(value)}")
        return value

    return check


def _is_text(value: str) -> bool:
    """JSON can carry half a surrogate pair, which is no character."""
    try:
        return value.isascii() or bool(value.encode())
    except UnicodeEncodeError:
        return False


def number(low: float, high: float) -> Rule:
    """A number from ``low`` to ``high``, both allowed."""

    def check(value: Any, name: str) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise invalid(name, "must be a number")
        if not math.isfinite(value) or not low <= value <= high:
            raise invalid(name, f"must be between {low} and {high}")
        return float(value)

    return check


def choice(*allowed: str | int) -> Rule:
    """One of a few strings or whole numbers, of exactly that type."""

    def check(value: Any, name: str) -> str | int:
        if isinstance(value, bool) or not any(
            type(value) is type(each) and value == each for each in allowed
        ):
            raise invalid(name, "must be one of " + ", ".join(map(str, allowed)))
        return value  # type: ignore[no-any-return]

    return check


def flag() -> Rule:
    """``true`` or ``false``."""

    def check(value: Any, name: str) -> bool:
        if not isinstance(value, bool):
            raise invalid(name, "must be true or false")
        return value

    return check


def texts(most: int | None = None) -> Rule:
    """A list of strings, none of them empty."""
    each = text(1, most)

    def check(value: Any, name: str) -> tuple[str, ...]:
        if not isinstance(value, list):
            raise invalid(name, "must be a list of strings")
        return tuple(each(item, f"{name}[{index}]") for index, item in enumerate(value))

    return check


def record(shape: type) -> Rule:
    """An object with rules of its own."""

    def check(value: Any, name: str) -> Any:
        return read(shape, value, f"{name}.")

    return check
