"""Faults that take the place of an answer."""

from __future__ import annotations

from pathlib import Path

from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from stepcli.sandbox.mischief.grammar import Fault
from stepcli.sandbox.refusals import TYPES

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
