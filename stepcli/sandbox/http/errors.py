"""The service's error responses: ``{"error": {"message", "type", "param"?}}`` (PROTOCOL.md §2)."""

from __future__ import annotations

from typing import Any

ERROR_TYPES = {
    400: "request_params_invalid",
    401: "invalid_api_key",
    402: "quota_exceeded",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    413: "payload_too_large",
    429: "rate_limited",
    451: "censorship_block",
    500: "server_error",
    503: "service_overloaded",
    504: "timeout",
}
"""The default ``type`` of each status: those seen in responses, and guesses for the others."""

BLOCKED_MARKER = "censored-sample"
"""Any text that contains this is refused by moderation, so that tests can provoke it."""


class ServiceError(Exception):
    """A request that the service refuses, as an HTTP error or a realtime error event."""

    def __init__(
        self, message: str, *, status: int = 400, type: str | None = None, param: str | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.type = type or ERROR_TYPES.get(status, "server_error")
        self.param = param

    def body(self) -> dict[str, Any]:
        """Return the JSON body of the HTTP response."""
        error = {"message": self.message, "type": self.type}
        if self.param is not None:
            error["param"] = self.param
        return {"error": error}


def check_moderation(text: str) -> None:
    """Raise ServiceError (451) if ``text`` contains ``BLOCKED_MARKER``."""
    if BLOCKED_MARKER in text:
        raise ServiceError("The content you provided or machine outputted is blocked.", status=451)
