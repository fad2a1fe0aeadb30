"""``stepcli.api.service_errors``: one mapping, whichever way the service reports a failure."""

from __future__ import annotations

import json

import pytest

from stepcli.api.endpoint import Endpoint
from stepcli.api.service_errors import (
    ErrorDetails,
    SessionLost,
    error_details,
    error_for_event,
    error_for_realtime_event,
    error_for_status,
    is_error,
    parse_error_body,
)
from stepcli.base_url import BaseURL
from stepcli.errors import (
    AuthError,
    ContentError,
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

BASE = BaseURL.parse("https://service.example/step_plan/v1")
ENDPOINT = Endpoint(BASE, "error-mapping-test-key")


def plain(failure: StepcliError | SessionLost) -> StepcliError:
    return failure.failure if isinstance(failure, SessionLost) else failure


@pytest.mark.parametrize(
    ("type", "message", "kind"),
    [
        ("censorship_block", "no", ContentError),
        ("invalid_api_key", "no", AuthError),
        ("", "Incorrect API key provided", AuthError),
        ("forbidden", "no", AuthError),
        ("quota_exceeded", "no", OutOfCreditError),
        ("", "quota exceeded", OutOfCreditError),
        ("rate_limited", "no", QuotaError),
        ("rate_limit", "no", QuotaError),
        ("", "request limited concurrency reached, current: 16, limit: 15", QuotaError),
        ("", "no speech detected", NoSpeechError),
        ("", "No speech found in the audio", NoSpeechError),
        ("", "audio data size 9 bytes exceeds maximum allowed size 8 bytes", TooLargeError),
        ("", "voice_id does not exist", UnknownVoiceError),
        ("", "language xx is not supported", UsageError),
    ],
)
def test_type_and_message_decide_where_the_status_does_not(
    type: str, message: str, kind: type[StepcliError]
) -> None:
    """In a 400, in an error event of a 200 response and in a realtime event alike."""
    error = {"message": message, "type": type} if type else {"message": message}
    details = error_details(error)
    for status in (400, 422, 500):
        assert isinstance(error_for_status(status, details, BASE), kind)
    assert isinstance(error_for_event({"error": error}, "it failed", BASE, None), kind)
    assert isinstance(error_for_event(error, "it failed", BASE, None), kind)
    event = error_details({"code": type or "x", "message": message})
    assert isinstance(plain(error_for_realtime_event(event, None, ENDPOINT)), kind)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, UsageError), (401, AuthError), (402, OutOfCreditError), (403, AuthError),
        (404, UsageError), (408, ServiceTimeoutError), (413, UsageError), (422, UsageError),
        (429, QuotaError), (451, ContentError), (500, NetworkError), (503, NetworkError),
        (206, NetworkError),
    ],
)  # fmt: skip
def test_status_decides_first(status: int, kind: type[StepcliError]) -> None:
    failure = error_for_status(status, ErrorDetails("words", frozenset({"unknown"})), BASE, "trace")
    assert isinstance(failure, kind)
    assert (failure.status, failure.trace_id) == (status, "trace")
    assert failure.message.endswith(f"({status}): words")
    if status >= 400:
        event = ErrorDetails("words", frozenset({str(status)}))
        assert isinstance(plain(error_for_realtime_event(event, "s", ENDPOINT)), kind)


@pytest.mark.parametrize(
    ("status", "code"),
    [(400, "request_params_invalid"), (503, "overloaded"), (500, "server_error"), (504, "timeout")],
)
def test_vague_codes_of_events_are_classified_as_the_statuses_they_name(
    status: int, code: str
) -> None:
    """In an event of any protocol, with the code as a word or as a number."""
    kind = type(error_for_status(status, ErrorDetails("words"), BASE))
    for one in (code, str(status), status):
        event = {"code": one, "message": "words"}
        assert type(error_for_event({"type": "error", **event}, "failed", BASE, None)) is kind
        realtime = error_for_realtime_event(error_details(event), None, ENDPOINT)
        assert type(plain(realtime)) is kind


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ({"type": "error"}, True),
        ({"type": "speech.audio.error", "message": "no"}, True),
        ({"error": {"message": "no"}}, True),
        ({"error": "no"}, True),
        ({"error": None, "message": "no"}, True),
        ({"error": None, "object": "list"}, False),
        ({"error": None, "type": "transcript.text.delta", "message": "no"}, False),
        ({"type": ["error"]}, False),
        ({}, False),
    ],
)
def test_error_events_of_any_shape(event: dict[str, object], expected: bool) -> None:
    assert is_error(event) is expected


@pytest.mark.parametrize("type", [{}, {"type": "error"}])
def test_message_beside_an_empty_error_is_kept(type: dict[str, object]) -> None:
    event = {**type, "error": None, "message": "the reason"}
    assert error_for_event(event, "it failed", BASE, None).message == "it failed: the reason"
    assert parse_error_body(json.dumps(event)).message == "the reason"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (json.dumps({"error": {"message": "no", "type": "x"}}), "no"),
        (json.dumps({"error": "no"}), "no"),
        (json.dumps({"message": "no"}), "no"),
        ('"no"', "no"),
        ("no", "no"),
        ("", ""),
        ("<html>no</html>", ""),
        (json.dumps({"error": {"message": 7}}), ""),
        ("[1]", ""),
    ],
)
def test_error_bodies_of_any_shape(body: str, message: str) -> None:
    assert parse_error_body(body).message == message
