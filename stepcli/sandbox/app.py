"""The service put together: its endpoints by path, and what surrounds them."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from stepcli.sandbox.endpoints.catalog import accounts, models, system_voices
from stepcli.sandbox.endpoints.files import delete, upload
from stepcli.sandbox.endpoints.realtime import realtime
from stepcli.sandbox.endpoints.recognition import recognition
from stepcli.sandbox.endpoints.speech import download, speech
from stepcli.sandbox.endpoints.voices import clone, preview, voices
from stepcli.sandbox.faults.middleware import FaultBook, Faults
from stepcli.sandbox.http.errors import Refusal
from stepcli.sandbox.http.responses import refused
from stepcli.sandbox.middleware.admin import PATH as CONTROL
from stepcli.sandbox.middleware.admin import control
from stepcli.sandbox.middleware.auth import Gate, HeardOut, Latency
from stepcli.sandbox.middleware.connections import Connections
from stepcli.sandbox.middleware.request_context import Visits
from stepcli.sandbox.middleware.request_log import Journal, Log
from stepcli.sandbox.options import Options
from stepcli.sandbox.state import Service

PLAN = "/step_plan/v1"
OPEN = "/v1"
_BASES = (PLAN, OPEN)


def build(options: Options, book: FaultBook, connections: Connections) -> ASGIApp:
    """The whole application. From the outside in: who came, the log, faults, latency, key."""
    log = Log(options.log)
    routes = _routes()
    inner = _starlette(Service(options), connections, log, [*routes, *control(book, log)])
    served: ASGIApp = Latency(Gate(inner, options.key, _BASES), options.latency)
    served = Visits(Journal(HeardOut(Faults(served, book)), log), routes)
    return _Apart(served, inner)


class _Apart:
    """Keeps what steers the sandbox out of its own log and faults."""

    def __init__(self, service: ASGIApp, control: ASGIApp) -> None:
        self._service, self._control = service, control

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        steering = scope["type"] == "http" and scope["path"].startswith(f"{CONTROL}/")
        await (self._control if steering else self._service)(scope, receive, send)


def _routes() -> list[BaseRoute]:
    """Which endpoint lives on which base (protocol.md §1)."""
    return [
        *_on_both("/audio/speech", speech, "POST", "speech"),
        *_on_both("/audio/voices/preview", preview, "POST", "preview"),
        *_on_both("/audio/voices", clone, "POST", "clone"),
        Route(f"{OPEN}/audio/voices", voices, methods=["GET"], name="voices"),
        Route(f"{OPEN}/audio/system_voices", system_voices, methods=["GET"], name="system_voices"),
        Route(f"{OPEN}/files", upload, methods=["POST"], name="files"),
        Route(f"{OPEN}/files/{{id}}", delete, methods=["DELETE"], name="delete"),
        Route(f"{OPEN}/models", models, methods=["GET"], name="models"),
        Route(f"{OPEN}/accounts", accounts, methods=["GET"], name="accounts"),
        *(WebSocketRoute(f"{base}/realtime/audio", realtime, name="realtime") for base in _BASES),
        *_on_both("/audio/asr/sse", recognition, "POST", "asr"),
        Route("/downloads/{name}", download, name="download"),
    ]


def _on_both(path: str, endpoint: Any, method: str, name: str) -> list[Route]:
    return [Route(base + path, endpoint, methods=[method], name=name) for base in _BASES]


def _starlette(
    service: Service, connections: Connections, log: Log, routes: list[BaseRoute]
) -> Starlette:
    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[dict[str, Any]]:
        yield {"connections": connections}
        service.close()
        log.close()

    app = Starlette(
        routes=routes,
        lifespan=lifespan,
        exception_handlers={
            Refusal: _refusal,
            HTTPException: _unroutable,
            Exception: _broken,
        },
    )
    app.router.redirect_slashes = False
    app.state.service = service
    return app


async def _refusal(_request: Request, refusal: Exception) -> Response:
    assert isinstance(refusal, Refusal)
    return refused(refusal)


async def _unroutable(request: Request, failure: Exception) -> Response:
    assert isinstance(failure, HTTPException)
    message = f"{request.method} {request.url.path}: {failure.detail}"
    response = refused(Refusal(message, status=failure.status_code))
    response.headers.update(failure.headers or {})
    return response


async def _broken(_request: Request, _failure: Exception) -> Response:
    return refused(Refusal("internal error of the sandbox", status=500))
