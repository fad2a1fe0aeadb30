"""The service that requests go to, and how patient to be with it."""

from __future__ import annotations

from dataclasses import dataclass, field

from stepcli.base_url import BaseURL
from stepcli.settings import DEFAULT_RETRIES, DEFAULT_TIMEOUT


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One service, over HTTP or WebSocket.

    `plan` is the plan base (PROTOCOL.md, section 1). `timeout` is the longest silence in seconds,
    `retries` the number of further attempts that a request may have.
    """

    plan: BaseURL
    key: str = field(repr=False)
    timeout: float = DEFAULT_TIMEOUT
    retries: int = DEFAULT_RETRIES

    @property
    def open(self) -> BaseURL:
        """The open base."""
        return self.plan.open

    def base_of(self, url: str) -> BaseURL:
        """Return the base, plan or open, that the URL of a request is below."""
        return self.plan if url.startswith(f"{self.plan}/") else self.open

    @property
    def host(self) -> str:
        """Host and port, for messages."""
        return self.plan.authority
