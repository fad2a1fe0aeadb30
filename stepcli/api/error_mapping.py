"""The errors that failures of the service and of the connection become.

One table serves HTTP, event streams and the WebSocket. Statuses and error bodies are described in
PROTOCOL.md, section 2.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from stepcli.api.endpoint import Endpoint
from stepcli.api.hints import (
    CERTIFICATE_HINT,
    other_site_hint,
    unsupported_model_hint,
    used_up_credit_hint,
)
from stepcli.api.network import PROXY_HINT
from stepcli.api.retry import TRANSIENT, retry_after
from stepcli.api.strict_json import parsed
from stepcli.base_url import BaseURL
from stepcli.errors import (
    AuthError,
    ContentError,
    EndpointNotFoundError,
    NetworkError,
    NoSpeechError,
    OutOfCreditError,
    QuotaError,
    ServiceTimeoutError,
    StepcliError,
    TooLargeError,
    UnknownVoiceError,
    UsageError,
)
from stepcli.redaction import shorten

if TYPE_CHECKING:
    import httpx
    from websockets.datastructures import Headers
    from websockets.exceptions import ConnectionClosed, InvalidStatus

_LONGEST_MESSAGE = 500
_REACH_HINT = "check your network and --base-url"
_BASE_HINT = "check --base-url"
_KEY_HINT = "stepcli auth status shows which key is used"
_VOICES_HINT = "list the voices with: stepcli voices list"
_LANGUAGE_HINT = "use another language, such as -l en, or leave out -l"
_TIMEOUT_HINT = "--timeout allows longer silence"


@dataclass(frozen=True, slots=True)
class ErrorDetails:
    """What an error body says: a message, and the service's `type` and `code`.

    `structured` is whether the body is the service's JSON, not the page of a server in between.
    """

    message: str
    kinds: frozenset[str] = frozenset()
    structured: bool = False


class SessionLost(Exception):
    """A realtime session that did not open, failed or ended, and that another may replace.

    `failure` is the error to raise if none does; `after` is how many seconds the service asks to
    wait.
    """

    def __init__(self, failure: StepcliError, after: float | None = None) -> None:
        super().__init__(failure.message)
        self.failure = failure
        self.after = after


def parse_error_body(body: str) -> ErrorDetails:
    """Return what an error body says: the documented object, a bare string, HTML or nothing."""
    try:
        value = parsed(body)
    except ValueError:
        return ErrorDetails(body if _is_plain_text(body) else "")
    if not isinstance(value, Mapping):
        return error_details(value)
    details = error_details(value.get("error") or value)
    return replace(details, structured="error" in value)


def error_details(value: object) -> ErrorDetails:
    """Return the details of an error inside JSON: an object or a bare string."""
    if isinstance(value, str):
        return ErrorDetails(value)
    if not isinstance(value, Mapping):
        return ErrorDetails("")
    message = value.get("message")
    names = (value.get(name) for name in ("type", "code"))
    kinds = frozenset(str(one) for one in names if one and isinstance(one, str | int))
    return ErrorDetails(message if isinstance(message, str) else "", kinds)


def shown(text: str) -> str:
    """Return `text` of the service for use in a sentence: on one line, shortened, redacted."""
    return shorten(" ".join(text.split()), _LONGEST_MESSAGE)


# What the service reports.


def error_for_status(
    status: int, details: ErrorDetails, base: BaseURL, trace_id: str | None = None
) -> StepcliError:
    """Return the error for an HTTP status and its body, in the response to a request to `base`."""
    kind, sentence, hint = _classified(effective_status(status, details), details, base)
    return kind(
        f"{sentence} ({status}){_quoted(details.message)}",
        hint=hint,
        status=status,
        trace_id=trace_id,
    )


def is_error(value: Mapping[str, Any]) -> bool:
    """Return whether an event or the body of a 200 response reports an error."""
    kind = value.get("type")
    if value.get("error") or (isinstance(kind, str) and kind in _ERROR_EVENTS):
        return True
    return kind is None and "error" in value and bool(value.get("message"))


def error_for_event(
    event: Mapping[str, Any], what: str, base: BaseURL, trace_id: str | None
) -> StepcliError:
    """Return the error for an error event, or an error in a 200 answer; `what` says what failed."""
    details = error_details(event.get("error") or event)
    kind, _, hint = _classified(effective_status(None, details), details, base)
    message = shown(details.message) or "no reason given"
    return kind(f"{what}: {message}", hint=hint, trace_id=trace_id)


def error_for_realtime_event(
    details: ErrorDetails, session_id: str | None, endpoint: Endpoint
) -> StepcliError | SessionLost:
    """Return the error for `tts.response.error`, SessionLost if another session may succeed."""
    code = next(iter(sorted(details.kinds)), "no code")
    status = effective_status(None, details)
    kind, sentence, hint = _classified(status, details, endpoint.plan)
    message = f"{sentence} ({shown(code)}){_quoted(details.message)}"
    failure = kind(message, hint=hint, trace_id=session_id)
    return SessionLost(failure) if status in TRANSIENT else failure


def effective_status(status: int | None, details: ErrorDetails) -> int:
    """Return the status that classifies a failure; `status` is None for an event.

    Moderation comes first, then `status` or the number in `code` if it is specific, then what
    `type`, `code` and the message say. A failure that none of them explains is one that a retry
    would not repair.
    """
    status = status or _numeric_code(details)
    in_words = _status_in_words(details)
    if in_words == _MODERATION or (in_words and status not in _DECISIVE):
        return in_words
    return status or _vague_status(details)


_ERROR_EVENTS = ("error", "speech.audio.error")
_NO_SPEECH = 1000
"""Stands for the status of audio without speech, which has none of its own."""
_MODERATION = 451
_UNEXPLAINED = 599
_DECISIVE = {401, 402, 403, 404, 408, 413, 429, 451}
"""Statuses that say all; others are specified by `type`, `code` or the message."""

_KINDS = {
    "censorship": 451, "api_key": 401, "auth": 401, "permission": 403, "forbidden": 403,
    "quota": 402, "balance": 402, "rate_limit": 429,
}  # fmt: skip
_VAGUE_KINDS = {
    "overload": 503, "unavailable": 503, "server_error": 500, "internal": 500, "timeout": 504,
    "invalid": 400, "not_found": 400, "order": 400,
}  # fmt: skip
_UNKNOWN_VOICE = re.compile(r"\bvoice(?:_id)?\b.{0,80}\bdoes not exist", re.IGNORECASE)
_UNSUPPORTED_LANGUAGE = re.compile(
    r"(?:unsupported|invalid) language|language\b.{0,80}not supported", re.IGNORECASE
)
_UNSUPPORTED_MODEL = re.compile(r"\bmodel\b.{0,80}\bnot supported", re.IGNORECASE)
_WORDS = {
    re.compile(r"censorship_block"): 451,
    re.compile(r"(?:incorrect|invalid) api key|invalid_api_key", re.IGNORECASE): 401,
    re.compile(r"quota[ _]exceeded|insufficient (?:quota|balance|credit)", re.IGNORECASE): 402,
    re.compile(r"too many requests|concurrency reached", re.IGNORECASE): 429,
    _UNKNOWN_VOICE: 400,
    _UNSUPPORTED_LANGUAGE: 400,
    re.compile(r"exceeds maximum allowed size", re.IGNORECASE): 413,
    re.compile(r"no speech (?:was )?(?:detected|found)", re.IGNORECASE): _NO_SPEECH,
}


def _numeric_code(details: ErrorDetails) -> int | None:
    codes = (code for code in details.kinds if re.fullmatch(r"[45][0-9]{2}", code))
    return next((int(code) for code in sorted(codes)), None)


def _status_in_words(details: ErrorDetails) -> int | None:
    kinds = " ".join(sorted(details.kinds)).lower()
    found = (status for part, status in _KINDS.items() if part in kinds)
    words = (status for pattern, status in _WORDS.items() if pattern.search(details.message))
    return next(found, None) or next(words, None)


def _vague_status(details: ErrorDetails) -> int:
    kinds = " ".join(sorted(details.kinds)).lower()
    return next((status for part, status in _VAGUE_KINDS.items() if part in kinds), _UNEXPLAINED)


Classification = tuple[type[StepcliError], str, str | None]
"""A kind of error, a sentence about it, and a hint."""


def _classified(status: int, details: ErrorDetails, base: BaseURL) -> Classification:
    """Return the kind of error for `status`, a sentence about it, and a hint."""
    if status in (400, 404) and _UNKNOWN_VOICE.search(details.message):
        return UnknownVoiceError, "the service does not have this voice", _VOICES_HINT
    if status == _NO_SPEECH:
        return NoSpeechError, "the audio contains no speech", None
    match status:
        case 451:
            return ContentError, "the content was refused by moderation", None
        case 401:
            hint = "; ".join(filter(None, (_KEY_HINT, other_site_hint(base))))
            return AuthError, "the service refused the API key", hint
        case 403:
            return AuthError, "the service refused the API key", _KEY_HINT
        case 402:
            whose = "account's" if base.open == base else "plan's"
            return OutOfCreditError, f"the {whose} credit is used up", used_up_credit_hint(base)
        case 429:
            return QuotaError, "too many requests", "wait a little, or raise --retries"
        case 404:
            return _not_found(details)
        case 413:
            return TooLargeError, "the request is too large for the service", None
        case 408:
            return ServiceTimeoutError, "the service timed out waiting for the request", None
    if 400 <= status < 500:
        if _UNSUPPORTED_LANGUAGE.search(details.message):
            return UsageError, "the service refused the language", _LANGUAGE_HINT
        if _UNSUPPORTED_MODEL.search(details.message):
            return UsageError, "the service refused the model", unsupported_model_hint(base)
        return UsageError, "the service refused the request", None
    if status >= 500:
        return NetworkError, "the service failed", "try again later"
    return NetworkError, f"unexpected response from {base.authority}", _BASE_HINT


def _not_found(details: ErrorDetails) -> Classification:
    """Distinguish an unknown model from a path that is not routed."""
    if "model_invalid" in details.kinds:
        return UsageError, "the service does not have this model", "check --model"
    if details.structured:
        return UsageError, "the service did not find what was requested", _BASE_HINT
    return EndpointNotFoundError, "the base URL does not have this endpoint", _BASE_HINT


def _quoted(message: str) -> str:
    text = shown(message)
    return f": {text}" if text else ""


def _is_plain_text(body: str) -> bool:
    """Return whether `body` is neither HTML nor binary, with NULs or bytes that are not UTF-8."""
    return body.lstrip()[:1] != "<" and not {"\0", "\ufffd"} & set(body)


# What happens to the connection.


def redirected(host: str, status: int, trace_id: str | None) -> NetworkError:
    """Return the error for a redirect: none is followed, it could lead the key elsewhere."""
    return NetworkError(
        f"{host} redirected; refusing to send the API key to another address",
        hint=_BASE_HINT,
        status=status,
        trace_id=trace_id,
    )


def silence(host: str, timeout: float, trace_id: str | None = None) -> ServiceTimeoutError:
    """Return the error for a service that sent nothing for `timeout` seconds."""
    return ServiceTimeoutError(
        f"{host} was silent for {timeout:g} s", hint=_TIMEOUT_HINT, trace_id=trace_id
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
            return NetworkError(f"{host} sent an invalid HTTP response", hint=_BASE_HINT)
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
            return NetworkError(f"{host} is not a WebSocket server", hint=_BASE_HINT)
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
    sentence += _quoted(closed.rcvd.reason)
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
