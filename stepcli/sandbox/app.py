"""Assemble the service: endpoints by path, and the middleware around them."""

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

from stepcli.sandbox.endpoints.admin import PREFIX, admin_routes
from stepcli.sandbox.endpoints.models import list_models, show_account
from stepcli.sandbox.endpoints.realtime import serve_realtime
from stepcli.sandbox.endpoints.recognition import recognize_speech
from stepcli.sandbox.endpoints.speech import create_speech, download_speech
from stepcli.sandbox.endpoints.voices import (
    clone_voice,
    delete_file,
    list_system_voices,
    list_voices,
    preview_voice,
    upload_file,
)
from stepcli.sandbox.faults.middleware import FaultInjector, FaultRegistry
from stepcli.sandbox.http.responses import ServiceError, error_response
from stepcli.sandbox.middleware.connections import ConnectionTracker
from stepcli.sandbox.middleware.gateway import (
    BearerAuth,
    ConcurrencyLimit,
    DrainRequest,
    Latency,
    RequestContexts,
)
from stepcli.sandbox.middleware.request_log import RequestLog, RequestLogger
from stepcli.sandbox.options import SandboxOptions
from stepcli.sandbox.state import SandboxState

PLAN = "/step_plan/v1"
OPEN = "/v1"
_BASES = (PLAN, OPEN)


def build_app(
    options: SandboxOptions, faults: FaultRegistry, connections: ConnectionTracker
) -> ASGIApp:
    """Return the application.

    From the outside in: context, log, faults, latency, API key, concurrency limit.
    """
    log = RequestLog(options.log)
    routes = _routes()
    inner = _starlette(
        SandboxState(options), connections, log, [*routes, *admin_routes(faults, log)]
    )
    service: ASGIApp = ConcurrencyLimit(inner, options.concurrency)
    service = Latency(BearerAuth(service, options.key, _BASES), options.latency)
    service = RequestLogger(DrainRequest(FaultInjector(service, faults)), log)
    return _AdminBypass(RequestContexts(service, routes), inner)


class _AdminBypass:
    """Keep administration requests, and the server's start and end, out of the middleware."""

    def __init__(self, service: ASGIApp, admin: ASGIApp) -> None:
        self._service, self._admin = service, admin

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_admin = scope["type"] == "http" and scope["path"].startswith(f"{PREFIX}/")
        bypasses = is_admin or scope["type"] == "lifespan"
        await (self._admin if bypasses else self._service)(scope, receive, send)


def _routes() -> list[BaseRoute]:
    """Return the endpoints of each base (PROTOCOL.md §1)."""
    return [
        *_on_both("/audio/speech", create_speech, "POST", "speech"),
        *_on_both("/audio/voices/preview", preview_voice, "POST", "preview"),
        *_on_both("/audio/voices", clone_voice, "POST", "clone"),
        Route(f"{OPEN}/audio/voices", list_voices, methods=["GET"], name="voices"),
        Route(
            f"{OPEN}/audio/system_voices",
            list_system_voices,
            methods=["GET"],
            name="system_voices",
        ),
        Route(f"{OPEN}/files", upload_file, methods=["POST"], name="files"),
        Route(f"{OPEN}/files/{{id}}", delete_file, methods=["DELETE"], name="delete"),
        *_on_both("/models", list_models, "GET", "models"),
        Route(f"{OPEN}/accounts", show_account, methods=["GET"], name="accounts"),
        *(
            WebSocketRoute(f"{base}/realtime/audio", serve_realtime, name="realtime")
            for base in _BASES
        ),
        *_on_both("/audio/asr/sse", recognize_speech, "POST", "asr"),
        Route("/downloads/{name}", download_speech, name="download"),
    ]


def _on_both(path: str, endpoint: Any, method: str, name: str) -> list[Route]:
    return [Route(base + path, endpoint, methods=[method], name=name) for base in _BASES]


def _starlette(
    state: SandboxState, connections: ConnectionTracker, log: RequestLog, routes: list[BaseRoute]
) -> Starlette:
    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[dict[str, Any]]:
        yield {"connections": connections}
        state.close()
        log.close()

    app = Starlette(
        routes=routes,
        lifespan=lifespan,
        exception_handlers={
            ServiceError: _service_error,
            HTTPException: _not_routed,
            Exception: _internal_error,
        },
    )
    app.router.redirect_slashes = False
    app.state.sandbox = state
    return app


async def _service_error(_request: Request, exc: Exception) -> Response:
    assert isinstance(exc, ServiceError)
    return error_response(exc)


async def _not_routed(request: Request, exc: Exception) -> Response:
    assert isinstance(exc, HTTPException)
    message = f"{request.method} {request.url.path}: {exc.detail}"
    response = error_response(ServiceError(message, status=exc.status_code))
    response.headers.update(exc.headers or {})
    return response


async def _internal_error(_request: Request, _exc: Exception) -> Response:
    return error_response(ServiceError("internal error of the sandbox", status=500))
