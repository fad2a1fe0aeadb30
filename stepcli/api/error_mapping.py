"""The one place where what httpx and the service report becomes an error of ours.

Status codes and error bodies: protocol.md §2.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stepcli.api.endpoint import Endpoint
from stepcli.api.retry import TRANSIENT, retry_after
from stepcli.api.strict_json import parsed
from stepcli.errors import (
    AuthError,
    ContentError,
    NetworkError,
    QuotaError,
    ServiceTimeoutError,
    StepcliError,
    UsageError,
)
from stepcli.redaction import shorten

if TYPE_CHECKING:
    import httpx
    from websockets.datastructures import Headers
    from websockets.exceptions import ConnectionClosed, InvalidStatus

_LONGEST_MESSAGE = 500
_MODERATION = "censorship_block"


@dataclass(frozen=True, slots=True)
class ErrorDetails:
    """What an error body says: a message and the service's words for the kind of error.

    Nothing of it is fit to be shown before ``shown`` has seen to that.
    """

    message: str
    kinds: frozenset[str] = frozenset()


class SessionLost(Exception):
    """A session that did not open, failed or ended, and that another may replace.

    ``failure`` is what to tell where none does; ``after`` the seconds the service asks to wait.
    """

    def __init__(self, failure: StepcliError, after: float | None = None) -> None:
        super().__init__(failure.message)
        self.failure = failure
        self.after = after


def parse_error_body(body: str) -> ErrorDetails:
    """Whatever an error answer carries: the documented object, a bare string, HTML, nothing."""
    try:
        value = parsed(body)
    except ValueError:
        return ErrorDetails("" if _looks_like_html(body) else body)
    if isinstance(value, Mapping):
        value = value.get("error", value)
    return error_details(value)


def error_details(value: object) -> ErrorDetails:
    """An error as the service writes it inside JSON: an object, or a bare string."""
    if isinstance(value, str):
        return ErrorDetails(value)
    if not isinstance(value, Mapping):
        return ErrorDetails("")
    message = value.get("message")
    told = (value.get(name) for name in ("type", "code"))
    kinds = frozenset(str(one) for one in told if one and isinstance(one, str | int))
    return ErrorDetails(message if isinstance(message, str) else "", kinds)


def shown(text: str) -> str:
    """Return ``text`` of the service for use in a sentence: on one line, shortened, redacted."""
    return shorten(" ".join(text.split()), _LONGEST_MESSAGE)


def error_for_status(
    status: int, complaint: ErrorDetails, service: Endpoint, trace_id: str | None = None
) -> StepcliError:
    """The error that an HTTP status and its body amount to."""
    message = shown(complaint.message)
    said = f": {message}" if message else ""
    kind, sentence, hint = classify(status, complaint, service.host)
    return kind(f"{sentence} ({status}){said}", hint=hint, status=status, trace_id=trace_id)


def classify(
    status: int, complaint: ErrorDetails, host: str
) -> tuple[type[StepcliError], str, str | None]:
    """The kind of error that ``status`` stands for, a sentence about it, and a hint."""
    if status == 451 or is_moderation(complaint):
        return ContentError, "the content was refused by moderation", None
    if status in (401, 403):
        return AuthError, "the service refused the API key", _KEY_HINT
    if status == 402:
        return (
            QuotaError,
            "the account's credit is used up",
            f"add credit to your account at {host}",
        )
    if status == 429:
        return QuotaError, "too many requests", "wait a little, or raise --retries"
    if status == 404:
        return UsageError, "the service knows no such path", "check --base-url and --model"
    if status == 413:
        return UsageError, "the request is too large for the service", None
    if status == 408:
        return ServiceTimeoutError, "the service gave up waiting for the request", None
    if 400 <= status < 500:
        return UsageError, "the service refused the request", None
    if status >= 500:
        return NetworkError, "the service failed", "try again later"
    return NetworkError, f"unexpected answer from {host}", _BASE_HINT


_KEY_HINT = (
    "stepcli auth status shows which key is used; "
    "keys of stepfun.ai and stepfun.com are not interchangeable"
)


def is_moderation(complaint: ErrorDetails) -> bool:
    return any(_MODERATION in said for said in (*complaint.kinds, complaint.message))


def error_for_event(event: Mapping[str, Any], what: str, trace_id: str | None) -> StepcliError:
    """The error that an error event in a stream amounts to; ``what`` failed."""
    complaint = error_details(event.get("error", event))
    blame = ContentError if is_moderation(complaint) else NetworkError
    said = shown(complaint.message) or "no reason given"
    return blame(f"{what}: {said}", trace_id=trace_id)


def error_for_transport(
    error: httpx.HTTPError | httpx.InvalidURL | UnicodeError, host: str, timeout: float
) -> StepcliError:
    """The error that a failure below HTTP amounts to."""
    import httpx

    match error:
        case httpx.ConnectTimeout():
            return ServiceTimeoutError(
                f"no connection to {host} in time", hint="check your network"
            )
        case httpx.TimeoutException():
            return ServiceTimeoutError(
                f"{host} was silent for {timeout:g} s", hint="--timeout allows longer silence"
            )
        case httpx.ProxyError():
            return NetworkError(f"the proxy failed: {error}", hint="check HTTPS_PROXY")
        case httpx.ConnectError():
            return NetworkError(f"cannot reach {host}: {_reason(error)}", hint=_REACH_HINT)
        case httpx.RemoteProtocolError() if not _CUT.search(str(error)):
            return NetworkError(f"{host} does not speak HTTP as it should", hint=_BASE_HINT)
        case httpx.RemoteProtocolError() | httpx.ReadError() | httpx.WriteError():
            return NetworkError(f"the connection to {host} was cut off")
    return NetworkError(f"the exchange with {host} failed: {_reason(error)}")


def error_for_proxy(error: Exception) -> UsageError:
    """The error that a proxy setting amounts to which cannot be used."""
    if isinstance(error, ImportError):
        return UsageError(
            "a SOCKS proxy is set, which stepcli cannot use",
            hint="set HTTPS_PROXY to an http:// proxy, or exempt the service with NO_PROXY",
        )
    return UsageError(f"the proxy settings cannot be used: {error}", hint=_PROXY_HINT)


_PROXY_HINT = "check HTTPS_PROXY, ALL_PROXY and NO_PROXY"
_REACH_HINT = "check your network and --base-url"
_BASE_HINT = "check --base-url"
_CUT = re.compile(r"disconnected|closed|incomplete")


def _reason(error: Exception) -> str:
    text = str(error)
    if "CERTIFICATE_VERIFY_FAILED" in text:
        return "its TLS certificate cannot be verified"
    return text.partition("] ")[2] or text or type(error).__name__


@contextmanager
def mapped_errors(host: str, timeout: float, trace_id: str | None = None) -> Iterator[None]:
    """Turns httpx's exceptions into ours while an answer is read."""
    import httpx

    try:
        yield
    except (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL) as exc:
        if isinstance(exc, httpx.StreamError):
            raise NetworkError(f"the answer of {host} could not be read: {exc}") from exc
        failure = error_for_transport(exc, host, timeout)
        failure.trace_id = trace_id
        raise failure from exc


def _looks_like_html(body: str) -> bool:
    return body.lstrip()[:1] == "<"


def error_for_handshake(error: Exception, service: Endpoint) -> StepcliError | SessionLost:
    """What a connection that did not open amounts to; SessionLost where trying again may help."""
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
            return error_for_proxy(error)
        case ProxyError():
            return NetworkError(f"the proxy failed: {error}", hint="check HTTPS_PROXY")
        case InvalidMessage():
            return SessionLost(
                NetworkError(f"{service.host} hung up before it answered", hint=_BASE_HINT)
            )
        case InvalidHandshake():
            return NetworkError(f"{service.host} does not speak WebSocket", hint=_BASE_HINT)
        case TimeoutError():
            return SessionLost(
                ServiceTimeoutError(
                    f"no connection to {service.host} in time", hint="check your network"
                )
            )
        case ssl.SSLCertVerificationError():
            return _unreachable(service, "its TLS certificate cannot be verified")
        case OSError():
            return SessionLost(_unreachable(service, error.strerror or str(error)))
        case ImportError() | ValueError():
            return error_for_proxy(error)
    return NetworkError(f"the exchange with {service.host} failed: {error}")


def error_for_close(
    closed: ConnectionClosed, dialogue_id: str | None, service: Endpoint
) -> SessionLost:
    """What the end of an open connection amounts to, should it be missed."""
    sentence = f"the connection to {service.host} was cut off"
    if closed.rcvd is not None:
        said = shown(closed.rcvd.reason)
        sentence = f"{service.host} ended the session ({closed.rcvd.code})"
        sentence += f": {said}" if said else ""
    return SessionLost(NetworkError(sentence, hint="try again", trace_id=dialogue_id))


def error_for_realtime_event(
    complaint: ErrorDetails, session_id: str | None, service: Endpoint
) -> StepcliError | SessionLost:
    """What ``tts.response.error`` amounts to; SessionLost where trying again may help."""
    code = next(iter(sorted(complaint.kinds)), "no code")
    status = _status_of(code)
    kind, sentence, hint = classify(status, complaint, service.host)
    message = shown(complaint.message)
    said = f": {message}" if message else ""
    named = shown(code)
    failure = kind(f"{sentence} ({named}){said}", hint=hint, trace_id=session_id)
    return SessionLost(failure) if status in TRANSIENT and not is_moderation(complaint) else failure


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


def _of_answer(error: InvalidStatus, service: Endpoint) -> StepcliError | SessionLost:
    """An HTTP answer where a WebSocket was asked for."""
    response = error.response
    status, headers = response.status_code, response.headers
    trace_id = shown(_first(headers, "X-Trace-Id")) or None
    if 300 <= status < 400:
        return NetworkError(
            f"{service.host} answered with a redirect, which a key does not follow",
            hint=_BASE_HINT,
            status=status,
            trace_id=trace_id,
        )
    body = bytes(response.body or b"").decode(errors="replace")
    complaint = parse_error_body(body)
    failure = error_for_status(status, complaint, service, trace_id)
    if status in TRANSIENT and not is_moderation(complaint):
        return SessionLost(failure, retry_after(_first(headers, "Retry-After")))
    return failure


def _first(headers: Headers, name: str) -> str:
    """The header's value, the first of several; empty where there is none."""
    return next(iter(headers.get_all(name)), "")


def _unreachable(service: Endpoint, reason: str) -> NetworkError:
    return NetworkError(f"cannot reach {service.host}: {reason}", hint=_REACH_HINT)
