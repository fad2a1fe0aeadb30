"""Keep the faults that are set, and perform them around the endpoints."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from starlette.requests import HTTPConnection
from starlette.responses import (
    HTMLResponse,
    JSONResponse,
    RedirectResponse,
    Response,
)
from starlette.types import ASGIApp, Receive, Scope, Send

from stepcli.sandbox.faults.filters import TRANSFORMS, ResponseAborted
from stepcli.sandbox.faults.interruptions import INTERRUPTIONS
from stepcli.sandbox.faults.spec import FaultSpec
from stepcli.sandbox.http.responses import ERROR_TYPES, is_plan_request, send_response
from stepcli.sandbox.middleware.gateway import RequestContext, request_context

_ERROR_FIELDS = ("message", "type", "code", "param")
_STATUSES_WITHOUT_BODY = (204, 205, 304)
_HTML = "<!doctype html><title>Bad gateway</title><h1>Response from a proxy</h1>"


@dataclass
class _ActiveFault:
    """A fault and the number of requests to its endpoint since it was set."""

    spec: FaultSpec
    requests: int = 0

    def matches(self, endpoint: str, base: str) -> bool:
        """Count a request to ``endpoint`` of ``base``; return whether the fault applies to it."""
        if self.spec.endpoint not in (endpoint, "*") or self.spec.base not in (base, None):
            return False
        self.requests += 1
        return self.spec.applies_to(self.requests)


@dataclass
class FaultRegistry:
    """The faults that are set, oldest first."""

    _active: list[_ActiveFault] = field(default_factory=list)

    def add(self, faults: Iterable[FaultSpec]) -> None:
        """Add faults; each counts requests from now on."""
        self._active += map(_ActiveFault, faults)

    def clear(self) -> None:
        """Remove all faults."""
        self._active.clear()

    def specs(self) -> list[str]:
        """Return the faults that are set as they were specified."""
        return [each.spec.spec for each in self._active]

    def next(self, endpoint: str, base: str) -> FaultSpec | None:
        """Count a request to ``endpoint`` of ``base``; return the first fault that applies."""
        matching = [each.spec for each in self._active if each.matches(endpoint, base)]
        return matching[0] if matching else None


class FaultInjector:
    """Perform the registered faults."""

    def __init__(self, app: ASGIApp, registry: FaultRegistry) -> None:
        self._app, self._registry = app, registry

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        context = request_context(scope)
        base = "plan" if is_plan_request(HTTPConnection(scope)) else "open"
        fault = self._registry.next(context.endpoint, base) if context.endpoint else None
        if fault is None:
            return await self._app(scope, receive, send)
        context.fault = fault.spec
        return await self._inject(fault, context, scope, receive, send)

    async def _inject(
        self, fault: FaultSpec, context: RequestContext, scope: Scope, receive: Receive, send: Send
    ) -> None:
        if fault.action == "reset" and "after" not in fault.settings:
            await _read_request(scope, receive)
            return await context.connection.reset()
        if (response := replacement_response(fault)) is not None:
            return await send_response(response, scope, receive, send)
        try:
            await self._app(scope, receive, _filter(fault, context, send))
        except* ResponseAborted:
            pass
        return None


async def _read_request(scope: Scope, receive: Receive) -> None:
    """Read the request to its end: a client cut off while it sends may not learn why."""
    while scope["type"] == "http" and (await receive()).get("more_body", False):
        pass


def _filter(fault: FaultSpec, context: RequestContext, send: Send) -> Send:
    if fault.action in TRANSFORMS:
        return TRANSFORMS[fault.action](send, fault)
    return INTERRUPTIONS[fault.action](send, fault, context.connection)


def replacement_response(fault: FaultSpec) -> Response | None:
    """Return the response of a fault that replaces it, or ``None`` for other faults."""
    if fault.action.isdigit():
        return _status_response(fault)
    if fault.action == "redirect":
        return RedirectResponse(fault.text("location"), 307)
    if fault.action == "html":
        return HTMLResponse(_HTML)
    return Response() if fault.action == "empty" else None


def _status_response(fault: FaultSpec) -> Response:
    status = int(fault.action)
    headers = {name: str(value) for name, value in fault.settings.items()}
    error = {name: headers.pop(name) for name in _ERROR_FIELDS if name in headers}
    text, file = headers.pop("body", None), headers.pop("file", None)
    if status in _STATUSES_WITHOUT_BODY:
        return Response(None, status, headers)
    if file is not None:
        return Response(Path(file).read_bytes(), status, headers)
    if text is not None:
        return Response(text, status, {"content-type": "text/plain; charset=utf-8"} | headers)
    type = ERROR_TYPES.get(status, "server_error")
    default = {"message": f"sandbox fault {fault.spec}", "type": type}
    return JSONResponse({"error": default | error}, status, headers)
