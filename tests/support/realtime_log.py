"""What a sandbox's log says about realtime sessions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.support.service import Sandbox


def messages(service: Sandbox) -> list[dict[str, Any]]:
    """Every message of every session, as it crossed the wire, with ``n`` and ``event`` beside."""
    entries = service.log("realtime")
    return [
        {"n": entry["n"], "event": entry["event"], **entry["message"]}
        for entry in entries
        if "message" in entry
    ]


def received(service: Sandbox) -> list[str]:
    """The text that each session was given, in the order of the sessions."""
    texts: dict[int, str] = {}
    for message in messages(service):
        if message["event"] == "received":
            texts.setdefault(message["n"], "")
            if message["type"] == "tts.text.delta":
                texts[message["n"]] += message["data"]["text"]
    return list(texts.values())


def kinds(service: Sandbox, event: str) -> list[str]:
    """The types of what was ``sent`` or ``received``, in order."""
    return [message["type"] for message in messages(service) if message["event"] == event]


def created(service: Sandbox) -> Iterator[dict[str, Any]]:
    """The data of each ``tts.create``."""
    for message in messages(service):
        if message["type"] == "tts.create":
            yield message["data"]
