"""The sandbox that these tests share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.sandbox.running import Running, Talk, running


@pytest.fixture(scope="session")
def shared_server() -> Iterator[Running]:
    with running(pace=None) as server:
        yield server


@pytest.fixture
def server(shared_server: Running) -> Running:
    """A well-behaved sandbox with an empty log."""
    shared_server.reset()
    return shared_server


@pytest.fixture
def talk(server: Running) -> Iterator[Talk]:
    """A realtime session that has just begun."""
    with server.connect() as socket:
        yield Talk(socket)
