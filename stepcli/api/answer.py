"""JSON answers: the object a response carries, and its fields whatever they turn out to be."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from stepcli.errors import NetworkError

if TYPE_CHECKING:
    import httpx


def read_object(response: httpx.Response, host: str) -> dict[str, Any]:
    """The JSON object in ``response``. Raises NetworkError where it carries anything else."""
    try:
        value = json.loads(response.read())
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise nonsense(response, host, "an answer that is not a JSON object")
    return value


def nonsense(response: httpx.Response, host: str, what: str) -> NetworkError:
    """The error for an answer that cannot be what the service says it sends."""
    return NetworkError(
        f"{host} sent {what}",
        hint="check --base-url",
        status=response.status_code,
        trace_id=response.headers.get("x-trace-id"),
    )


def text(value: object) -> str:
    """A string as it is, a number as its digits (ids come as either), anything else as nothing."""
    if isinstance(value, bool):
        return ""
    return str(value) if isinstance(value, str | int) else ""
