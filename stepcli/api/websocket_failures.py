"""Where what the websockets library reports, and the service over it, becomes an error of ours."""

from __future__ import annotations

import re
import ssl
from typing import TYPE_CHECKING

from stepcli.api.failures import (
    Complaint,
    is_moderation,
    of_proxy,
    of_status,
    read_complaint,
    shown,
    verdict,
)
from stepcli.api.realtime import Lost
from stepcli.api.retry import PASSING, retry_after
from stepcli.api.service import Service
from stepcli.errors import NetworkError, StepcliError, TimedOut

if TYPE_CHECKING:
    from websockets.datastructures import Headers
    from websockets.exceptions import ConnectionClosed, InvalidStatus

_REACH_HINT = "check your network and --base-url"
_BASE_HINT = "check --base-url"


def of_opening(error: Exception, service: Service) -> StepcliError | Lost:
    """What a connection that did not open amounts to; Lost where trying again may help."""
    from websockets.exceptions import (
        InvalidHandshake,
        InvalidMessage,
        InvalidProxy,
        InvalidStatus,
        ProxyError,
    )

    match error:
        case InvalidStatus():
            return _of_answer(error, service)
        case InvalidProxy():
            return of_proxy(error)
        case ProxyError():
            return NetworkError(f"the proxy failed: {error}", hint="check HTTPS_PROXY")
        case InvalidMessage():
            return Lost(NetworkError(f"{service.host} hung up before it answered", hint=_BASE_HINT))
        case InvalidHandshake():
            return NetworkError(f"{service.host} does not speak WebSocket", hint=_BASE_HINT)
        case TimeoutError():
            return Lost(
                TimedOut(f"no connection to {service.host} in time", hint="check your network")
            )
        case ssl.SSLCertVerificationError():
            return _unreachable(service, "its TLS certificate cannot be verified")
        case OSError():
            return Lost(_unreachable(service, error.strerror or str(error)))
        case ImportError() | ValueError():
            return of_proxy(error)
    return NetworkError(f"the exchange with {service.host} failed: {error}")


def of_closing(closed: ConnectionClosed, dialogue_id: str | None, service: Service) -> Lost:
    """What the end of an open connection amounts to, should it be missed."""
    sentence = f"the connection to {service.host} was cut off"
    if closed.rcvd is not None:
        said = shown(closed.rcvd.reason, service.masked)
        sentence = f"{service.host} ended the session ({closed.rcvd.code})"
        sentence += f": {said}" if said else ""
    return Lost(NetworkError(sentence, hint="try again", trace_id=dialogue_id))


def of_error_event(
    complaint: Complaint, session_id: str | None, service: Service
) -> StepcliError | Lost:
    """What ``tts.response.error`` amounts to; Lost where trying again may help."""
    code = next(iter(sorted(complaint.kinds)), "no code")
    status = _status_of(code)
    kind, sentence, hint = verdict(status, complaint, service.host)
    message = shown(complaint.message, service.masked)
    said = f": {message}" if message else ""
    named = shown(code, service.masked)
    failure = kind(f"{sentence} ({named}){said}", hint=hint, trace_id=session_id)
    return Lost(failure) if status in PASSING and not is_moderation(complaint) else failure


def _status_of(code: str) -> int:
    """The HTTP status that the code of an error event stands for.

    No list of codes is published. A number means what it says; a word is told by its parts; all
    else is a failure of the service that trying again would not mend.
    """
    if re.fullmatch(r"[45][0-9]{2}", code):
        return int(code)
    return next((status for part, status in _PARTS.items() if part in code.lower()), _UNEXPLAINED)


_UNEXPLAINED = 599
_PARTS = {
    "auth": 401, "permission": 403, "balance": 402, "quota": 402, "rate_limit": 429,
    "overload": 503, "unavailable": 503, "server_error": 500, "internal": 500, "timeout": 504,
    "invalid": 400, "not_found": 400, "order": 400,
}  # fmt: skip


def _of_answer(error: InvalidStatus, service: Service) -> StepcliError | Lost:
    """An HTTP answer where a WebSocket was asked for."""
    response = error.response
    status, headers = response.status_code, response.headers
    trace_id = shown(_first(headers, "X-Trace-Id"), service.masked) or None
    if 300 <= status < 400:
        return NetworkError(
            f"{service.host} answered with a redirect, which a key does not follow",
            hint=_BASE_HINT,
            status=status,
            trace_id=trace_id,
        )
    body = bytes(response.body or b"").decode(errors="replace")
    complaint = read_complaint(body)
    failure = of_status(status, complaint, service, trace_id)
    if status in PASSING and not is_moderation(complaint):
        return Lost(failure, retry_after(_first(headers, "Retry-After")))
    return failure


def _first(headers: Headers, name: str) -> str:
    """The header's value, the first of several; empty where there is none."""
    return next(iter(headers.get_all(name)), "")


def _unreachable(service: Service, reason: str) -> NetworkError:
    return NetworkError(f"cannot reach {service.host}: {reason}", hint=_REACH_HINT)
