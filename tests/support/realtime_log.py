"""Realtime sessions in the log of a sandbox."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.support.service import Sandbox


def messages(service: Sandbox) -> list[dict[str, Any]]:
    """Return every message of every session, with ``n`` and ``event`` added."""
    entries = service.log("realtime")
    return [
        {"n": entry["n"], "event": entry["event"], **entry["message"]}
        for entry in entries
        if "message" in entry
    ]


def received(service: Sandbox) -> list[str]:
    """Return the text that each session received."""
    texts: dict[int, str] = {}
    for message in messages(service):
        if message["event"] == "received":
            texts.setdefault(message["n"], "")
            if message["type"] == "tts.text.delta":
                texts[message["n"]] += message["data"]["text"]
    return list(texts.values())


def kinds(service: Sandbox, event: str) -> list[str]:
    """Return the types of the messages that were ``sent`` or ``received``."""
    return [message["type"] for message in messages(service) if message["event"] == event]


def created(service: Sandbox) -> Iterator[dict[str, Any]]:
    """Yield the data of each ``tts.create``."""
    for message in messages(service):
        if message["type"] == "tts.create":
            yield message["data"]
