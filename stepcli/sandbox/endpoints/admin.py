"""Control a running sandbox, on paths of its own and without an API key.

    GET    /_sandbox/faults     the faults that are set
    POST   /_sandbox/faults     ``{"faults": ["speech:2:429", …]}``: add faults
    DELETE /_sandbox/faults     remove all faults
    GET    /_sandbox/log        the latest entries, oldest first; ``?endpoint=speech`` filters
    DELETE /_sandbox/log        clear the log

Only clients on the loopback interface are served; others get a 404.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from ipaddress import ip_address

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from stepcli.sandbox.faults.middleware import FaultRegistry
from stepcli.sandbox.faults.spec import FaultSpec, parse_fault
from stepcli.sandbox.http.requests import read_json, required, strings
from stepcli.sandbox.http.responses import ServiceError
from stepcli.sandbox.middleware.request_log import RequestLog

PREFIX = "/_sandbox"

Handler = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True)
class FaultsBody:
    """The body of ``POST /_sandbox/faults``."""

    faults: tuple[str, ...] = required(strings())


def admin_routes(faults: FaultRegistry, log: RequestLog) -> list[Route]:
    """Return the routes that set faults and read the log."""

    async def serve_faults(request: Request) -> Response:
        if request.method == "POST":
            body = await read_json(request, FaultsBody)
            faults.add(_parse(body.faults))
        elif request.method == "DELETE":
            faults.clear()
        return JSONResponse({"faults": faults.specs()})

    async def serve_log(request: Request) -> Response:
        if request.method == "DELETE":
            log.entries.clear()
            request.state.connections.peak = 0
        endpoint = request.query_params.get("endpoint")
        return JSONResponse(
            {"entries": [each for each in log.entries if endpoint in (None, each["endpoint"])]}
        )

    return [
        Route(f"{PREFIX}/faults", _loopback_only(serve_faults), methods=["GET", "POST", "DELETE"]),
        Route(f"{PREFIX}/log", _loopback_only(serve_log), methods=["GET", "DELETE"]),
    ]


def _parse(specs: tuple[str, ...]) -> list[FaultSpec]:
    try:
        return [parse_fault(spec) for spec in specs]
    except ValueError as exc:
        raise ServiceError(str(exc), param="faults") from None


def _loopback_only(handler: Handler) -> Handler:
    async def guarded(request: Request) -> Response:
        if request.client is None or not ip_address(request.client.host).is_loopback:
            raise ServiceError("no such path", status=404)
        return await handler(request)

    return guarded
