"""Response bodies: JSON objects and server-sent events, both bounded and checked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar, cast

from stepcli.api.endpoint import Endpoint
from stepcli.api.service_errors import is_error, shown
from stepcli.api.strict_json import parsed_object
from stepcli.errors import NetworkError

if TYPE_CHECKING:
    import httpx

Block = TypeVar("Block", bytes, str)

LARGEST = 32 * 1024 * 1024
"""The most bytes of a JSON body: many times the audio of a preview in base64."""


def read_object(response: httpx.Response, endpoint: Endpoint) -> dict[str, Any]:
    """Return the JSON object in `response`.

    Raise NetworkError if it contains anything else or too much, or the error that it reports.
    """
    endless = invalid_answer(response, endpoint.host, "an endless response")
    value = parsed_object(b"".join(bounded(response.iter_bytes(), LARGEST, endless)))
    if value is None:
        raise invalid_answer(response, endpoint.host, "a response that is not a JSON object")
    if is_error(value):
        from stepcli.api.service_errors import error_for_event

        what = f"{endpoint.host} reported an error"
        base = endpoint.base_of(str(response.url))
        failure = error_for_event(value, what, base, response.headers.get("x-trace-id"))
        failure.status = response.status_code
        raise failure
    return value


def bounded(blocks: Iterable[Block], most: int, endless: NetworkError) -> Iterator[Block]:
    """Yield `blocks`. Raise `endless` if they are longer than `most` together."""
    size = 0
    for block in blocks:
        size += len(block)
        if size > most:
            raise endless
        yield block


def invalid_answer(response: httpx.Response, host: str, what: str) -> NetworkError:
    """Return the error for a response that the protocol does not allow."""
    return NetworkError(
        f"{host} sent {what}",
        hint="check --base-url",
        status=response.status_code,
        trace_id=response.headers.get("x-trace-id"),
    )


DONE = "[DONE]"


def events(response: httpx.Response, endpoint: Endpoint, most: int) -> Iterator[dict[str, Any]]:
    """Yield the data of each event as an object, until the stream ends.

    A literal `[DONE]` becomes an object of that `type`. Raise NetworkError if the response is not
    an event stream, an event is not a JSON object or there are more than `most` characters. Raise
    the error that a JSON response reports.
    """
    from httpx_sse import EventSource, SSEError

    # Always UTF-8, with or without a byte order mark:
    # https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
    response.encoding = "utf-8-sig"
    trace_id = response.headers.get("x-trace-id")
    try:
        source = cast("httpx.Response", _Bounded(response, endpoint.host, most))
        for event in EventSource(source).iter_sse():
            data = event.data.strip()
            if data:
                yield {"type": DONE} if data == DONE else _object(data, endpoint.host, trace_id)
    except SSEError:
        kind = response.headers.get("content-type", "no Content-Type")
        if "json" in kind:
            read_object(response, endpoint)
        raise NetworkError(
            f"{endpoint.host} returned {shown(kind)} instead of an event stream",
            hint="check --base-url",
            status=response.status_code,
            trace_id=trace_id,
        ) from None


class _Bounded:
    """The part of a response that EventSource reads, limited in length."""

    def __init__(self, response: httpx.Response, host: str, most: int) -> None:
        self.headers = response.headers
        endless = NetworkError(f"{host} sent an endless stream of events")
        self._texts = bounded(response.iter_text(), most, endless)

    def iter_text(self) -> Iterator[str]:
        return self._texts


def _object(data: str, host: str, trace_id: str | None) -> dict[str, Any]:
    value = parsed_object(data)
    if value is None:
        raise NetworkError(f"{host} sent an event that is not JSON", trace_id=trace_id)
    return value
