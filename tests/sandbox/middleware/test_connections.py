"""The count of connections in use, and that they can be broken."""

from __future__ import annotations

import asyncio

import httpx

from stepcli.sandbox.middleware.connections import ConnectionTracker
from tests.sandbox.client import SandboxClient

SPEECH = {"model": "stepaudio-2.5-tts", "voice": "lively-girl", "input": "Hello there"}


class _Transport(asyncio.Transport):
    aborted = False

    def abort(self) -> None:
        self.aborted = True


def test_only_connections_with_a_request_are_in_use() -> None:
    tracker = ConnectionTracker()
    first, second, unused = (tracker.add(_Transport()) for _ in range(3))
    assert len({first.id, second.id, unused.id}) == 3
    tracker.mark_used(first)
    tracker.mark_used(second)
    tracker.mark_used(second)
    assert (tracker.in_use, tracker.peak) == (2, 2)
    tracker.remove(first)
    assert (tracker.in_use, tracker.peak) == (1, 2)
    assert first.lost.is_set()
    tracker.peak = 0
    tracker.mark_used(second)
    assert tracker.peak == 1


def test_open_connections_are_aborted_together() -> None:
    tracker = ConnectionTracker()
    transports = [_Transport() for _ in range(2)]
    closed = tracker.add(_Transport())
    for transport in transports:
        tracker.add(transport)
    tracker.remove(closed)
    tracker.abort_all()
    assert [transport.aborted for transport in transports] == [True, True]
    assert not closed.transport.aborted  # type: ignore[attr-defined]


def test_requests_on_one_connection_have_its_number(server: SandboxClient) -> None:
    assert server.is_idle()
    with httpx.Client(headers=server.api.headers) as api:
        server.admin("DELETE", "log")
        for _ in range(3):
            api.post(f"{server.base}/audio/speech", json=SPEECH)
    entries = server.log("speech")
    assert [each["busy"] for each in entries] == [1, 1, 1]
    assert len({each["connection"]["id"] for each in entries}) == 1
