"""The sandbox that these tests share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.sandbox.client import RealtimeClient, SandboxClient, run_sandbox


@pytest.fixture(scope="session")
def shared_server() -> Iterator[SandboxClient]:
    with run_sandbox() as server:
        yield server


@pytest.fixture
def server(shared_server: SandboxClient) -> SandboxClient:
    """A sandbox without faults and with an empty log."""
    shared_server.reset()
    return shared_server


@pytest.fixture
def realtime(server: SandboxClient) -> Iterator[RealtimeClient]:
    """A realtime session that has just been opened."""
    with server.connect() as socket:
        yield RealtimeClient(socket)
