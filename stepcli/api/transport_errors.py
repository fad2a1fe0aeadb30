"""Map failures of connections to the exceptions of this program, for HTTP and the WebSocket."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from stepcli.api.endpoint import Endpoint
from stepcli.api.hints import CERTIFICATE_HINT
from stepcli.api.network import PROXY_HINT
from stepcli.api.retry import TRANSIENT, retry_after
from stepcli.api.service_errors import (
    BASE_URL_HINT,
    SessionLost,
    effective_status,
    error_for_status,
    parse_error_body,
    quoted,
    shown,
)
from stepcli.errors import NetworkError, ServiceTimeoutError, StepcliError, UsageError

if TYPE_CHECKING:
    import httpx
    from websockets.datastructures import Headers
    from websockets.exceptions import ConnectionClosed, InvalidStatus

_REACH_HINT = "check your network and --base-url"
TIMEOUT_HINT = "--timeout allows longer silence"


def redirected(host: str, status: int, trace_id: str | None) -> NetworkError:
    """Return the error for a redirect: none is followed, it could lead the key elsewhere."""
    return NetworkError(
        f"{host} redirected; refusing to send the API key to another address",
        hint=BASE_URL_HINT,
        status=status,
        trace_id=trace_id,
    )


def silence(host: str, timeout: float, trace_id: str | None = None) -> ServiceTimeoutError:
    """Return the error for a service that sent nothing for `timeout` seconds."""
    return ServiceTimeoutError(
        f"{host} was silent for {timeout:g} s", hint=TIMEOUT_HINT, trace_id=trace_id
    )


def error_for_transport(
    error: httpx.HTTPError | httpx.InvalidURL | UnicodeError, host: str, timeout: float
) -> StepcliError:
    """Return the error for what httpx raises."""
    import httpx

    match error:
        case httpx.ConnectTimeout():
            return _no_connection_in_time(host)
        case httpx.TimeoutException():
            return silence(host, timeout)
        case httpx.ProxyError():
            return _proxy_failed(error)
        case httpx.ConnectError():
            return _unreachable(host, error)
        case httpx.RemoteProtocolError() if not _DISCONNECTED.search(str(error)):
            return NetworkError(f"{host} sent an invalid HTTP response", hint=BASE_URL_HINT)
        case httpx.RemoteProtocolError() | httpx.ReadError() | httpx.WriteError():
            return _disconnected(host)
    return NetworkError(f"the request to {host} failed: {_reason(error)}")


@contextmanager
def mapped_errors(host: str, timeout: float, trace_id: str | None = None) -> Iterator[None]:
    """Raise the errors of this program instead of httpx's while an answer is read."""
    import httpx

    from stepcli.api.content_encoding import InvalidEncoding

    try:
        yield
    except (httpx.HTTPError, httpx.InvalidURL) as exc:
        raise error_for_transport(exc, host, timeout).with_trace_id(trace_id) from exc
    except (httpx.StreamError, InvalidEncoding) as exc:
        message = f"the response of {host} cannot be read: {exc}"
        raise NetworkError(message, trace_id=trace_id) from exc


def error_for_handshake(error: Exception, endpoint: Endpoint) -> StepcliError | SessionLost:
    """Return the error for a WebSocket that did not open; SessionLost if a retry may succeed."""
    from websockets.exceptions import (
        InvalidHandshake,
        InvalidMessage,
        InvalidProxy,
        InvalidStatus,
        ProxyError,
        WebSocketException,
    )

    host = endpoint.host
    match error:
        case InvalidStatus():
            return _error_for_answer(error, endpoint)
        case InvalidProxy():
            return error_for_proxy(error)
        case ProxyError():
            return _proxy_failed(error)
        case InvalidMessage():
            return SessionLost(_disconnected(host))
        case InvalidHandshake():
            return NetworkError(f"{host} is not a WebSocket server", hint=BASE_URL_HINT)
        case TimeoutError():
            return SessionLost(_no_connection_in_time(host))
        case ssl.SSLCertVerificationError():
            return _unreachable(host, error)
        case OSError():
            return SessionLost(_unreachable(host, error))
        case WebSocketException():
            return NetworkError(f"the request to {host} failed: {_reason(error)}")
    return error_for_proxy(error)


def error_for_close(
    closed: ConnectionClosed, session_id: str | None, endpoint: Endpoint
) -> SessionLost:
    """Return the error for the end of an open WebSocket."""
    if closed.rcvd is None:
        return SessionLost(_disconnected(endpoint.host).with_trace_id(session_id))
    sentence = f"{endpoint.host} ended the session ({closed.rcvd.code})"
    sentence += quoted(closed.rcvd.reason)
    return SessionLost(NetworkError(sentence, hint="try again", trace_id=session_id))


def error_for_proxy(error: Exception) -> UsageError:
    """Return the error for a proxy setting that a library cannot use."""
    if isinstance(error, ImportError):
        return UsageError(
            "SOCKS proxies are not supported",
            hint="set HTTPS_PROXY to an http:// proxy, or exempt the service with NO_PROXY",
        )
    return UsageError(f"the proxy cannot be used: {type(error).__name__}", hint=PROXY_HINT)


def _error_for_answer(error: InvalidStatus, endpoint: Endpoint) -> StepcliError | SessionLost:
    """Return the error for an HTTP response in place of a WebSocket."""
    response = error.response
    status, headers = response.status_code, response.headers
    trace_id = shown(_first(headers, "X-Trace-Id")) or None
    if 300 <= status < 400:
        return redirected(endpoint.host, status, trace_id)
    details = parse_error_body(bytes(response.body or b"").decode(errors="replace"))
    failure = error_for_status(status, details, endpoint.plan, trace_id)
    if effective_status(status, details) in TRANSIENT:
        wait = retry_after(_first(headers, "Retry-After"), _first(headers, "Date"))
        return SessionLost(failure, wait)
    return failure


def _first(headers: Headers, name: str) -> str:
    """Return the first value of a header, empty if there is none."""
    return next(iter(headers.get_all(name)), "")


def _no_connection_in_time(host: str) -> ServiceTimeoutError:
    return ServiceTimeoutError(f"no connection to {host} in time", hint="check your network")


def _disconnected(host: str) -> NetworkError:
    return NetworkError(f"the connection to {host} was cut off")


def _proxy_failed(error: Exception) -> NetworkError:
    return NetworkError(f"the proxy failed: {shown(str(error))}", hint="check HTTPS_PROXY")


def _unreachable(host: str, error: Exception) -> NetworkError:
    hint = CERTIFICATE_HINT if is_untrusted_certificate(error) else _REACH_HINT
    return NetworkError(f"cannot reach {host}: {_reason(error)}", hint=hint)


def is_untrusted_certificate(error: Exception) -> bool:
    """Return whether a connection failed because the certificate is not trusted."""
    return isinstance(error, ssl.SSLCertVerificationError) or (
        "CERTIFICATE_VERIFY_FAILED" in str(error)
    )


_DISCONNECTED = re.compile(r"disconnected|closed|incomplete")


def _reason(error: Exception) -> str:
    text = str(error)
    if is_untrusted_certificate(error):
        return "its TLS certificate cannot be verified"
    if isinstance(error, OSError) and error.strerror and not isinstance(error, ssl.SSLError):
        return error.strerror
    return text.partition("] ")[2] or text or type(error).__name__
