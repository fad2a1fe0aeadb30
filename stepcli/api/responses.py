"""JSON answers: the object a response carries, and its fields whatever they turn out to be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, cast

from stepcli.api.endpoint import Endpoint
from stepcli.api.error_mapping import shown
from stepcli.api.strict_json import parsed
from stepcli.errors import NetworkError

if TYPE_CHECKING:
    import httpx

LARGEST = 32 * 1024 * 1024
"""Bytes: many times what the sound of a preview takes in base64."""


def read_object(response: httpx.Response, service: Endpoint) -> dict[str, Any]:
    """The JSON object in ``response``.

    Raises NetworkError where it carries anything else or has no end, and what an error in it
    amounts to.
    """
    try:
        value = parsed(_body(response, service))
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise invalid_answer(response, service.host, "an answer that is not a JSON object")
    if value.get("error"):
        from stepcli.api.error_mapping import error_for_event

        what = f"{service.host} answered with an error"
        base = service.base_of(str(response.url))
        failure = error_for_event(value, what, base, response.headers.get("x-trace-id"))
        failure.status = response.status_code
        raise failure
    return value


def _body(response: httpx.Response, service: Endpoint) -> bytes:
    body = bytearray()
    for block in response.iter_bytes():
        body += block
        if len(body) > LARGEST:
            raise invalid_answer(response, service.host, "an answer without an end")
    return bytes(body)


def invalid_answer(response: httpx.Response, host: str, what: str) -> NetworkError:
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


DONE = "[DONE]"


def events(response: httpx.Response, service: Endpoint, most: int) -> Iterator[dict[str, Any]]:
    """Each event's data as an object, until the stream ends.

    A literal ``[DONE]`` comes as an object of that ``type``.

    Raises NetworkError where the answer is no event stream, an event is not a JSON object, or there
    are more than ``most`` characters; and what a JSON answer that is an error amounts to.
    """
    from httpx_sse import EventSource, SSEError

    # UTF-8 whatever the header says, behind a byte order mark or not (HTML standard, 9.2.5).
    response.encoding = "utf-8-sig"
    trace_id = response.headers.get("x-trace-id")
    try:
        source = cast("httpx.Response", _Bounded(response, service.host, most))
        for event in EventSource(source).iter_sse():
            data = event.data.strip()
            if data:
                yield {"type": DONE} if data == DONE else _object(data, service.host, trace_id)
    except SSEError:
        kind = response.headers.get("content-type", "nothing recognisable")
        if kind.startswith("application/json"):
            read_object(response, service)
        raise NetworkError(
            f"{service.host} answered {shown(kind)} where events were expected",
            hint="check --base-url",
            status=response.status_code,
            trace_id=trace_id,
        ) from None


class _Bounded:
    """As much of a response as EventSource reads, which fails instead of never coming to an end."""

    def __init__(self, response: httpx.Response, host: str, most: int) -> None:
        self.headers = response.headers
        self._response = response
        self._host = host
        self._left = most

    def iter_text(self) -> Iterator[str]:
        for text in self._response.iter_text():
            self._left -= len(text)
            if self._left < 0:
                raise NetworkError(f"{self._host} sends events without an end")
            yield text


def _object(data: str, host: str, trace_id: str | None) -> dict[str, Any]:
    try:
        value = parsed(data)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise NetworkError(f"{host} sent an event that is not JSON", trace_id=trace_id)
    return value
