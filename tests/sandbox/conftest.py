"""The sandbox that these tests share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.sandbox.server import RealtimeClient, SandboxServer, run_sandbox


@pytest.fixture(scope="session")
def shared_server() -> Iterator[SandboxServer]:
    with run_sandbox(pace=None) as server:
        yield server


@pytest.fixture
def server(shared_server: SandboxServer) -> SandboxServer:
    """A sandbox without faults and with an empty log."""
    shared_server.reset()
    return shared_server


@pytest.fixture
def realtime(server: SandboxServer) -> Iterator[RealtimeClient]:
    """A realtime session that has just been opened."""
    with server.connect() as socket:
        yield RealtimeClient(socket)
