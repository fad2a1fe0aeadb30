"""JSON answers: the object a response carries, and its fields whatever they turn out to be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stepcli.api.service import Service
from stepcli.api.wire_json import parsed
from stepcli.errors import NetworkError

if TYPE_CHECKING:
    import httpx

LARGEST = 32 * 1024 * 1024
"""Bytes: many times what the sound of a preview takes in base64."""


def read_object(response: httpx.Response, service: Service) -> dict[str, Any]:
    """The JSON object in ``response``.

    Raises NetworkError where it carries anything else or has no end, and what an error in it
    amounts to.
    """
    try:
        value = parsed(_body(response, service))
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise nonsense(response, service.host, "an answer that is not a JSON object")
    if value.get("error"):
        from stepcli.api.failures import of_event

        what = f"{service.host} answered with an error"
        failure = of_event(value, what, service.masked, response.headers.get("x-trace-id"))
        failure.status = response.status_code
        raise failure
    return value


def _body(response: httpx.Response, service: Service) -> bytes:
    body = bytearray()
    for block in response.iter_bytes():
        body += block
        if len(body) > LARGEST:
            raise nonsense(response, service.host, "an answer without an end")
    return bytes(body)


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
