"""A single fault and its expected effect."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from urllib.parse import quote

from tests.support.fake_service import EndpointFault, Frames, Http

USAGE, AUTH, QUOTA, TIMEOUT, NETWORK, CONTENT = 2, 3, 4, 5, 6, 10
"""Exit codes."""

KEY = "sk-matrix-0123456789/abcdefghijklmnopqrstuvwxyz=="
SPELLINGS = {
    "upper": KEY.upper(),
    "lower": KEY.lower(),
    "percent": quote(KEY, safe=""),
    "base64": b64encode(KEY.encode()).decode(),
    "html": KEY.replace("/", "&#x2F;").replace("=", "&#61;"),
    "json": KEY.replace("/", "\\/"),
}
"""The key as a server or a proxy may echo it."""


@dataclass(frozen=True)
class Fault:
    """A fault. ``code`` is its exit code for a command that needs the response, 0 if harmless.

    ``again`` says which requests may be repeated after it: ``never`` none, ``429`` and ``503`` all
    but cloning, ``5xx`` paid requests and reads, ``unanswered`` reads, ``cut`` a part of a long
    text, ``session`` a realtime session.
    """

    name: str
    code: int
    again: str = "never"
    http: Http | None = None
    frames: Frames | None = None
    at: int = 0
    base: str | None = None
    slow: bool = False
    says: str = ""
    """Words that stderr must contain for each exit code."""

    def at_endpoint(self, endpoint: str, first: int = 1) -> EndpointFault:
        """Return the fault of an endpoint from its request ``first`` on."""
        return EndpointFault(endpoint, self.http, self.frames, self.at, first)
