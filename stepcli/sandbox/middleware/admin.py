"""Steering a running sandbox, apart from the service's own paths and without a key.

    GET    /_sandbox/faults     the faults that are set
    POST   /_sandbox/faults     ``{"faults": ["speech:2:429", …]}``: set more
    DELETE /_sandbox/faults     behave again
    GET    /_sandbox/log        the last entries, oldest first; ``?endpoint=speech`` of one endpoint
    DELETE /_sandbox/log        forget them

Only this machine may: other peers are told that there is nothing here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from ipaddress import ip_address

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from stepcli.sandbox.faults.middleware import FaultBook
from stepcli.sandbox.faults.spec import Fault, parse_fault
from stepcli.sandbox.http.errors import Refusal
from stepcli.sandbox.http.responses import read_json
from stepcli.sandbox.http.validation import required, texts
from stepcli.sandbox.middleware.request_log import Log

PATH = "/_sandbox"

Handler = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True)
class FaultsRequest:
    """The body of ``POST /_sandbox/faults``."""

    faults: tuple[str, ...] = required(texts())


def control(book: FaultBook, log: Log) -> list[Route]:
    """The routes by which faults are set and the log is read."""

    async def faults(request: Request) -> Response:
        if request.method == "POST":
            asked = await read_json(request, FaultsRequest)
            book.add(_parsed(asked.faults))
        elif request.method == "DELETE":
            book.clear()
        return JSONResponse({"faults": book.specs()})

    async def entries(request: Request) -> Response:
        if request.method == "DELETE":
            log.entries.clear()
            request.state.connections.peak = 0
        wanted = request.query_params.get("endpoint")
        return JSONResponse(
            {"entries": [each for each in log.entries if wanted in (None, each["endpoint"])]}
        )

    return [
        Route(f"{PATH}/faults", _at_home(faults), methods=["GET", "POST", "DELETE"]),
        Route(f"{PATH}/log", _at_home(entries), methods=["GET", "DELETE"]),
    ]


def _parsed(specs: tuple[str, ...]) -> list[Fault]:
    try:
        return [parse_fault(spec) for spec in specs]
    except ValueError as complaint:
        raise Refusal(str(complaint), param="faults") from None


def _at_home(handler: Handler) -> Handler:
    """Answer only peers on the loopback interface."""

    async def guarded(request: Request) -> Response:
        if request.client is None or not ip_address(request.client.host).is_loopback:
            raise Refusal("no such path", status=404)
        return await handler(request)

    return guarded
