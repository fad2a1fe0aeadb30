"""Read request bodies, and validate them strictly against dataclasses whose fields carry rules.

    @dataclass(frozen=True)
    class Greeting:
        name: str = required(string(1, 40))
        loud: bool = optional(boolean(), False)

    greeting = validate(Greeting, {"name": "Ada"})

Unknown fields, wrong types (``true`` is not a number) and empty strings are all rejected, because
the service is not known to be lenient.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import MISSING, field, fields
from typing import Any, TypeVar

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from stepcli.sandbox.http.responses import ServiceError

Rule = Callable[[Any, str], Any]
"""Takes a value and its dotted name; returns the value or raises ServiceError."""

T = TypeVar("T")

_PARSE_IN_THREAD_FROM = 1 << 20  # bytes of JSON; below that a thread costs more than parsing


async def read_json(request: Request, shape: type[T], *, limit: int = 1 << 20) -> T:
    """Return the request's body as ``shape``; raise ServiceError if invalid or over ``limit``."""
    body = await read_body(request, limit)
    if len(body) < _PARSE_IN_THREAD_FROM:
        return parse_json(body, shape)
    return await run_in_threadpool(parse_json, body, shape)


async def read_body(request: Request, limit: int) -> bytes:
    """Return the whole body; raise ServiceError (413) after reading more than ``limit`` bytes."""
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size <= limit:
            chunks.append(chunk)
    if size > limit:
        raise ServiceError(f"the request is larger than {limit} bytes", status=413)
    return b"".join(chunks)


def parse_json(body: bytes, shape: type[T]) -> T:
    """Return a JSON document as ``shape``; raise ServiceError if it is not valid."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        raise ServiceError("the request is not valid JSON") from None
    return validate(shape, value)


def required(rule: Rule) -> Any:
    """Declare a field that must be present."""
    return field(metadata={"rule": rule})


def optional(rule: Rule, default: Any = None) -> Any:
    """Declare a field that may be left out."""
    return field(default=default, metadata={"rule": rule})


def validate(shape: type[T], value: Any, prefix: str = "") -> T:
    """Return ``value`` as an instance of the dataclass ``shape``; raise ServiceError if invalid.

    Field names in error messages start with ``prefix``, for example ``data.``.
    """
    if not isinstance(value, dict):
        raise invalid_field(prefix.rstrip(".") or "body", "must be a JSON object")
    known = {each.name: each for each in fields(shape)}  # type: ignore[arg-type]
    for name in value:
        if name not in known:
            raise invalid_field(f"{prefix}{name}", "is not a field of this request")
    for name, each in known.items():
        if name not in value and each.default is MISSING:
            raise invalid_field(f"{prefix}{name}", "is required")
    return shape(
        **{
            name: known[name].metadata["rule"](inner, prefix + name)
            for name, inner in value.items()
        }
    )


def invalid_field(name: str, complaint: str) -> ServiceError:
    """Return the error for one invalid field."""
    return ServiceError(f"{name} {complaint}", param=name)


def any_value() -> Rule:
    """Accept any value; for fields that are validated later."""
    return lambda value, _name: value


def string(shortest: int = 1, longest: int | None = None) -> Rule:
    """Accept a string of ``shortest`` to ``longest`` characters."""

    def check(value: Any, name: str) -> str:
        if not isinstance(value, str):
            raise invalid_field(name, "must be a string")
        if len(value) < shortest:
            raise invalid_field(name, "must not be empty")
        if not _is_encodable(value):
            raise invalid_field(name, "is not valid text")
        if longest is not None and len(value) > longest:
            complaint = f"must be at most {longest} characters, not {len(value)}"
            raise invalid_field(name, complaint)
        return value

    return check


def _is_encodable(value: str) -> bool:
    """Return False for unpaired surrogates, which JSON can carry but UTF-8 cannot."""
    try:
        return value.isascii() or bool(value.encode())
    except UnicodeEncodeError:
        return False


def number(low: float, high: float) -> Rule:
    """Accept a finite number between ``low`` and ``high``, both included."""

    def check(value: Any, name: str) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise invalid_field(name, "must be a number")
        if not math.isfinite(value) or not low <= value <= high:
            raise invalid_field(name, f"must be between {low} and {high}")
        return float(value)

    return check


def choice(*allowed: str | int) -> Rule:
    """Accept one of ``allowed``, of exactly the same type."""

    def check(value: Any, name: str) -> str | int:
        if isinstance(value, bool) or not any(
            type(value) is type(each) and value == each for each in allowed
        ):
            raise invalid_field(name, "must be one of " + ", ".join(map(str, allowed)))
        return value  # type: ignore[no-any-return]

    return check


def boolean() -> Rule:
    """Accept ``true`` or ``false``."""

    def check(value: Any, name: str) -> bool:
        if not isinstance(value, bool):
            raise invalid_field(name, "must be true or false")
        return value

    return check


def strings() -> Rule:
    """Accept a list of nonempty strings."""
    rule = string()

    def check(value: Any, name: str) -> tuple[str, ...]:
        if not isinstance(value, list):
            raise invalid_field(name, "must be a list of strings")
        return tuple(rule(item, f"{name}[{index}]") for index, item in enumerate(value))

    return check


def nested(shape: type) -> Rule:
    """Accept an object that is valid as the dataclass ``shape``."""

    def check(value: Any, name: str) -> Any:
        return validate(shape, value, f"{name}.")

    return check
