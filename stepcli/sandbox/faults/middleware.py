"""The faults that are set, and the doing of them around an endpoint that knows nothing of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from stepcli.sandbox.faults.interruptions import UNDERWAY
from stepcli.sandbox.faults.spec import Fault
from stepcli.sandbox.faults.transforms import ALTERED, Dropped
from stepcli.sandbox.http.errors import TYPES
from stepcli.sandbox.http.responses import answer
from stepcli.sandbox.middleware.request_context import Visit, visit_of

_ERROR_FIELDS = ("message", "type", "code", "param")
_BODILESS = (204, 205, 304)
_PAGE = "<!doctype html><title>Bad gateway</title><h1>Something in between answered</h1>"


def instead(fault: Fault) -> Response | None:
    """The answer that a fault gives by itself, if it is of that kind."""
    if fault.action.isdigit():
        return _status(fault)
    if fault.action == "redirect":
        return RedirectResponse(fault.text("location"), 307)
    if fault.action == "html":
        return HTMLResponse(_PAGE)
    return Response() if fault.action == "empty" else None


def _status(fault: Fault) -> Response:
    status = int(fault.action)
    settings = {name: str(value) for name, value in fault.settings.items()}
    error = {name: settings.pop(name) for name in _ERROR_FIELDS if name in settings}
    text, file = settings.pop("body", None), settings.pop("file", None)
    if status in _BODILESS:
        return Response(None, status, settings)
    if file is not None:
        return Response(Path(file).read_bytes(), status, settings)
    if text is not None:
        return Response(text, status, settings)
    default = {"message": f"sandbox fault {fault.spec}", "type": TYPES.get(status, "server_error")}
    return JSONResponse({"error": default | error}, status, settings)


@dataclass
class _Set:
    """A fault, and how many of its endpoint's requests have come since it was set."""

    fault: Fault
    seen: int = 0

    def strikes(self, endpoint: str) -> bool:
        """Whether this next request for ``endpoint`` is one it is for."""
        if self.fault.endpoint not in (endpoint, "*"):
            return False
        self.seen += 1
        return self.fault.strikes(self.seen)


@dataclass
class FaultBook:
    """The faults that are set, in the order of setting."""

    _set: list[_Set] = field(default_factory=list)

    def add(self, faults: Iterable[Fault]) -> None:
        """Set more of them; each counts requests from now on."""
        self._set += map(_Set, faults)

    def clear(self) -> None:
        """Behave again."""
        self._set.clear()

    def specs(self) -> list[str]:
        """Those that are set, as they were written."""
        return [each.fault.spec for each in self._set]

    def next(self, endpoint: str) -> Fault | None:
        """The fault for this next request for ``endpoint``: the first that fits."""
        striking = [each.fault for each in self._set if each.strikes(endpoint)]
        return striking[0] if striking else None


class Faults:
    """Does to each request what the book says."""

    def __init__(self, app: ASGIApp, book: FaultBook) -> None:
        self._app, self._book = app, book

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        visit = None if scope["type"] == "lifespan" else visit_of(scope)
        fault = self._book.next(visit.endpoint) if visit and visit.endpoint else None
        if visit is None or fault is None:
            return await self._app(scope, receive, send)
        visit.fault = fault.spec
        return await self._strike(fault, visit, scope, receive, send)

    async def _strike(
        self, fault: Fault, visit: Visit, scope: Scope, receive: Receive, send: Send
    ) -> None:
        if fault.action == "reset" and "after" not in fault.settings:
            await _hear_out(scope, receive)
            return await visit.connection.reset()
        if (response := instead(fault)) is not None:
            return await answer(response, scope, receive, send)
        try:
            await self._app(scope, receive, _outlet(fault, visit, send))
        except* Dropped:
            pass
        return None


async def _hear_out(scope: Scope, receive: Receive) -> None:
    """Let a client finish: one that is cut off while it writes may not learn why."""
    while scope["type"] == "http" and (await receive()).get("more_body", False):
        pass


def _outlet(fault: Fault, visit: Visit, send: Send) -> Send:
    if fault.action in ALTERED:
        return ALTERED[fault.action](send, fault)
    return UNDERWAY[fault.action](send, fault, visit.connection)
