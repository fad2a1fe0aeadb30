"""Map what the service reports to the exceptions of this program.

One table serves HTTP, event streams and the WebSocket. Statuses and error bodies are described in
PROTOCOL.md, section 2.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from stepcli.api.endpoint import Endpoint
from stepcli.api.hints import (
    other_site_hint,
    unsupported_model_hint,
    used_up_credit_hint,
)
from stepcli.api.retry import TRANSIENT, AttemptFailed
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

_LONGEST_MESSAGE = 500
BASE_URL_HINT = "check --base-url"
_KEY_HINT = "stepcli auth status shows which key is used"
_VOICES_HINT = "list the voices with: stepcli voices list"
_LANGUAGE_HINT = "use another language, such as -l en, or leave out -l"


@dataclass(frozen=True, slots=True)
class ErrorDetails:
    """What an error body says: a message, and the service's `type` and `code`.

    `structured` is whether the body is the service's JSON, not the page of a server in between.
    """

    message: str
    kinds: frozenset[str] = frozenset()
    structured: bool = False


class SessionLost(AttemptFailed):
    """A realtime session that did not open, failed or ended, and that another may replace."""

    def __init__(self, failure: StepcliError, after: float | None = None) -> None:
        super().__init__(failure, retry=True, after=after)


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


def error_for_status(
    status: int, details: ErrorDetails, base: BaseURL, trace_id: str | None = None
) -> StepcliError:
    """Return the error for an HTTP status and its body, in the response to a request to `base`."""
    kind, sentence, hint = _classified(effective_status(status, details), details, base)
    return kind(
        f"{sentence} ({status}){quoted(details.message)}",
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
    message = f"{sentence} ({shown(code)}){quoted(details.message)}"
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
        return _refused_request(details, base)
    if status >= 500:
        return NetworkError, "the service failed", "try again later"
    return NetworkError, f"unexpected response from {base.authority}", BASE_URL_HINT


def _refused_request(details: ErrorDetails, base: BaseURL) -> Classification:
    if _UNSUPPORTED_LANGUAGE.search(details.message):
        return UsageError, "the service refused the language", _LANGUAGE_HINT
    if _UNSUPPORTED_MODEL.search(details.message):
        return UsageError, "the service refused the model", unsupported_model_hint(base)
    return UsageError, "the service refused the request", None


def _not_found(details: ErrorDetails) -> Classification:
    """Distinguish an unknown model from a path that is not routed."""
    if "model_invalid" in details.kinds:
        return UsageError, "the service does not have this model", "check --model"
    if details.structured:
        return UsageError, "the service did not find what was requested", BASE_URL_HINT
    return EndpointNotFoundError, "the base URL does not have this endpoint", BASE_URL_HINT


def quoted(message: str) -> str:
    """Return `message` of the service as the end of a sentence, after a colon."""
    text = shown(message)
    return f": {text}" if text else ""


def _is_plain_text(body: str) -> bool:
    """Return whether `body` is neither HTML nor binary, with NULs or bytes that are not UTF-8."""
    return body.lstrip()[:1] != "<" and not {"\0", "\ufffd"} & set(body)
