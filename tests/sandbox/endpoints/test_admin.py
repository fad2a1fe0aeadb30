"""Administration of a running sandbox."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from starlette.applications import Starlette

from stepcli.sandbox.endpoints.admin import admin_routes
from stepcli.sandbox.faults.middleware import FaultRegistry
from stepcli.sandbox.http.responses import ServiceError
from stepcli.sandbox.middleware.request_log import RequestLog
from tests.sandbox.client import SandboxClient


def test_administration_is_for_loopback_clients_only() -> None:
    app = Starlette(routes=admin_routes(FaultRegistry(), RequestLog()))

    async def ask(address: str) -> httpx.Response:
        transport = httpx.ASGITransport(app, client=(address, 5000))
        async with httpx.AsyncClient(transport=transport, base_url="http://sandbox") as api:
            return await api.get("/_sandbox/faults")

    with pytest.raises(ServiceError) as refused:
        asyncio.run(ask("192.0.2.7"))
    assert refused.value.status == 404
    assert asyncio.run(ask("127.0.0.9")).json() == {"faults": []}


def test_invalid_fault_is_refused_and_none_is_added(server: SandboxClient) -> None:
    response = server.admin("POST", "faults", {"faults": ["speech:1:500", "speech:1:what"]})
    assert response.status_code == 400
    assert "unknown action 'what'" in response.json()["error"]["message"]
    assert server.admin("GET", "faults").json() == {"faults": []}
