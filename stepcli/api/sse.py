"""Server-sent events: the data of each, decoded from JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from stepcli.errors import NetworkError

if TYPE_CHECKING:
    import httpx

DONE = "[DONE]"


def events(response: httpx.Response, host: str) -> Iterator[dict[str, Any]]:
    """Each event's data as an object, until the stream ends.

    A literal ``[DONE]`` comes as an object of that ``type``.

    Raises NetworkError where the answer is no event stream or an event is not a JSON object.
    """
    from httpx_sse import EventSource, SSEError

    # UTF-8 whatever the header says, behind a byte order mark or not (HTML standard, 9.2.5).
    response.encoding = "utf-8-sig"
    trace_id = response.headers.get("x-trace-id")
    try:
        for event in EventSource(response).iter_sse():
            data = event.data.strip()
            if data:
                yield {"type": DONE} if data == DONE else _object(data, host, trace_id)
    except SSEError:
        kind = response.headers.get("content-type", "nothing recognisable")
        raise NetworkError(
            f"{host} answered {kind} where events were expected",
            hint="check --base-url",
            trace_id=trace_id,
        ) from None


def _object(data: str, host: str, trace_id: str | None) -> dict[str, Any]:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise NetworkError(f"{host} sent an event that is not JSON", trace_id=trace_id)
    return value
