"""Where the service is, what it may be told, and how patient to be with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

CONNECT_TIMEOUT = 10.0
"""Seconds to reach the service and be greeted by it."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One service, spoken to over HTTP or WebSocket.

    ``plan`` is the plan base without a trailing slash (protocol.md §1); ``timeout`` is seconds of
    silence; ``retries`` is how many further attempts a request may have.
    """

    plan: str
    key: str = field(repr=False)
    timeout: float = 180.0
    retries: int = 3

    @property
    def open(self) -> str:
        """The open base: the same host with ``/step_plan`` removed."""
        return self.plan.replace("/step_plan", "", 1)

    @property
    def host(self) -> str:
        return urlsplit(self.plan).netloc

    def masked(self, text: str) -> str:
        """``text`` without the key, should a server have echoed it, as JSON may write it or not."""
        for key in (self.key, self.key.replace("/", "\\/")):
            text = text.replace(key, "***")
        return text
