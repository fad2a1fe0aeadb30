"""Faults in an open WebSocket session."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from tests.faults.wire.answers import reset, until_gone
from tests.support.fake_service import Frames, WebSocket


def say(change: Callable[[dict[str, Any]], Any], *, goes_on: bool = True) -> Frames:
    """Send other messages than the expected one: one, a list, or raw bytes."""

    def act(socket: WebSocket, event: dict[str, Any]) -> bool:
        said = change(event)
        for one in said if isinstance(said, list) else [said]:
            if isinstance(one, bytes):
                socket.frame(one)
            else:
                socket.send(one)
        return goes_on

    return act


def close(code: int | None, reason: bytes = b"") -> Frames:
    def act(socket: WebSocket, _event: dict[str, Any]) -> bool:
        socket.close(code, reason)
        farewell(socket)
        return False

    return act


def farewell(socket: WebSocket) -> None:
    """Wait until the client closes the session or disconnects."""
    with suppress(OSError):
        while socket.receive() is not None:
            pass


def sent(data: bytes, *, goes_on: bool = False) -> Frames:
    """Send bytes that need not be a frame."""

    def act(socket: WebSocket, event: dict[str, Any]) -> bool:
        socket.connection.sendall(data)
        if goes_on:
            socket.send(event)
        else:
            farewell(socket)
        return goes_on

    return act


def gone(socket: WebSocket, _event: dict[str, Any]) -> bool:
    socket.connection.close()
    return False


def torn(socket: WebSocket, _event: dict[str, Any]) -> bool:
    reset(socket.connection)
    return False


def silent(socket: WebSocket, _event: dict[str, Any]) -> bool:
    until_gone(socket.connection)
    return False


def pings(socket: WebSocket, event: dict[str, Any]) -> bool:
    for number in range(500):
        socket.frame(b"%d" % number, 9)
    socket.send(event)
    return True


def only_pings(socket: WebSocket, _event: dict[str, Any]) -> bool:
    while True:
        socket.frame(b"", 9)
        time.sleep(0.02)


def repeated(socket: WebSocket, event: dict[str, Any]) -> bool:
    data = json.dumps(event).encode()
    while True:
        socket.frame(data)


def fragments(socket: WebSocket, event: dict[str, Any]) -> bool:
    data = json.dumps(event).encode()
    half = len(data) // 2
    socket.frame(data[:half], 1, last=False)
    socket.frame(b"ping", 9)
    socket.frame(b"", 0, last=False)
    socket.frame(data[half:], 0)
    return True


def binary(socket: WebSocket, event: dict[str, Any]) -> bool:
    socket.frame(json.dumps(event).encode(), 2)
    return True


def binary_junk(socket: WebSocket, _event: dict[str, Any]) -> bool:
    socket.frame(b"\xff\xfe\x00junk", 2)
    farewell(socket)
    return False


def junk(data: bytes) -> Frames:
    def act(socket: WebSocket, _event: dict[str, Any]) -> bool:
        socket.frame(data)
        farewell(socket)
        return False

    return act


def babble(socket: WebSocket, _event: dict[str, Any]) -> bool:
    while True:
        socket.send({"type": "tts.response.audio.paused", "data": {}})
        time.sleep(0.01)


def then_close(frames: Frames) -> Frames:
    def act(socket: WebSocket, event: dict[str, Any]) -> bool:
        frames(socket, event)
        return close(1000)(socket, event)

    return act
