"""Where what the websockets library reports, and the service over it, becomes an error of ours."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

from stepcli.api.failures import (
    Complaint,
    is_moderation,
    of_status,
    read_complaint,
)
from stepcli.api.realtime import Lost
from stepcli.api.retry import retry_after
from stepcli.api.service import Service
from stepcli.errors import NetworkError, StepcliError, TimedOut

if TYPE_CHECKING:
    from websockets.exceptions import ConnectionClosed, InvalidStatus

_PASSING = frozenset({429, 500, 502, 503, 504})
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
        case ProxyError() | InvalidProxy():
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
    return NetworkError(f"the exchange with {service.host} failed: {error}")


def of_closing(closed: ConnectionClosed, dialogue_id: str | None, service: Service) -> Lost:
    """What the end of an open connection amounts to, should it be missed."""
    sentence = f"the connection to {service.host} was cut off"
    if closed.rcvd is not None:
        said = service.masked(closed.rcvd.reason)
        sentence = f"{service.host} ended the session ({closed.rcvd.code})"
        sentence += f": {said}" if said else ""
    return Lost(NetworkError(sentence, hint="try again", trace_id=dialogue_id))


def of_error_event(
    complaint: Complaint, session_id: str | None, service: Service
) -> StepcliError | Lost:
    """What ``tts.response.error`` amounts to. Codes that are HTTP statuses mean what they say."""
    complaint = Complaint(service.masked(complaint.message), complaint.kinds)
    status = _status_in(complaint)
    if status is not None or is_moderation(complaint):
        failure = of_status(status or 451, complaint, host=service.host, trace_id=session_id)
        return Lost(failure) if status in _PASSING else failure
    said = complaint.message or ", ".join(sorted(complaint.kinds)) or "no reason given"
    return NetworkError(f"the service gave up: {said}", trace_id=session_id)


def _of_answer(error: InvalidStatus, service: Service) -> StepcliError | Lost:
    """An HTTP answer where a WebSocket was asked for."""
    response = error.response
    status, headers = response.status_code, response.headers
    trace_id = headers.get("X-Trace-Id")
    if 300 <= status < 400:
        return NetworkError(
            f"{service.host} answered with a redirect, which a key does not follow",
            hint=_BASE_HINT,
            status=status,
            trace_id=trace_id,
        )
    body = bytes(response.body or b"").decode(errors="replace")
    complaint = read_complaint(service.masked(body))
    failure = of_status(status, complaint, host=service.host, trace_id=trace_id)
    if status in _PASSING and not is_moderation(complaint):
        return Lost(failure, retry_after(headers.get("Retry-After")))
    return failure


def _status_in(complaint: Complaint) -> int | None:
    codes = (int(kind) for kind in complaint.kinds if kind.isdecimal())
    return next((code for code in codes if 400 <= code < 600), None)


def _unreachable(service: Service, reason: str) -> NetworkError:
    return NetworkError(f"cannot reach {service.host}: {reason}", hint=_REACH_HINT)
