"""How the service says no: ``{"error": {"message", "type", "param"?}}`` (protocol.md §2)."""

from __future__ import annotations

from typing import Any

TYPES = {
    400: "request_params_invalid",
    401: "authentication_error",
    402: "insufficient_balance",
    403: "permission_denied",
    404: "not_found",
    405: "method_not_allowed",
    413: "payload_too_large",
    429: "rate_limit_exceeded",
    451: "censorship_block",
    500: "server_error",
    503: "service_overloaded",
    504: "timeout",
}
"""``type`` by status. Only those of 400 and 451 are documented; the rest follow their manner."""


class Refusal(Exception):
    """A request the service does not serve, and what it says instead."""

    def __init__(
        self, message: str, *, status: int = 400, type: str | None = None, param: str | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.type = type or TYPES.get(status, "server_error")
        self.param = param

    def body(self) -> dict[str, Any]:
        """The JSON of an HTTP answer."""
        error = {"message": self.message, "type": self.type}
        if self.param is not None:
            error["param"] = self.param
        return {"error": error}


def moderate(text: str) -> None:
    """Refuse what a test marks as unspeakable: any text with the word ``censored-sample``."""
    if "censored-sample" in text:
        raise Refusal("The content you provided may violate our policies.", status=451)
