"""Hints that depend on the base URL."""

from __future__ import annotations

import pytest

from stepcli.api.hints import key_pages, other_site_hint, used_up_credit_hint
from stepcli.api.service_errors import error_for_event, error_for_status, parse_error_body
from stepcli.base_url import BaseURL
from stepcli.errors import (
    AuthError,
    EndpointNotFoundError,
    QuotaError,
    StepcliError,
    UnknownVoiceError,
    UsageError,
)

PLAN = BaseURL.parse("https://api.stepfun.ai/step_plan/v1")


@pytest.mark.parametrize(
    ("base", "other"),
    [
        ("https://api.stepfun.ai/step_plan/v1", "https://api.stepfun.com/step_plan/v1"),
        ("https://api.stepfun.com/step_plan/v1", "https://api.stepfun.ai/step_plan/v1"),
        ("https://api.stepfun.com/v1", "https://api.stepfun.ai/v1"),
    ],
)
def test_other_site_is_named_with_the_same_path(base: str, other: str) -> None:
    hint = other_site_hint(BaseURL.parse(base))
    assert hint is not None
    assert hint.endswith(f"needs --base-url {other}")


@pytest.mark.parametrize(
    "base", ["https://proxy.example/v1", "http://127.0.0.1:1/v1", "https://x.stepfun.ai/v1"]
)
def test_other_hosts_have_no_other_site(base: str) -> None:
    assert other_site_hint(BaseURL.parse(base)) is None


def test_pages_for_keys_are_named_for_both_sites() -> None:
    here, other = key_pages(PLAN)
    assert here.endswith(": https://platform.stepfun.ai/interface-key")
    assert "https://platform.stepfun.com/interface-key" in other
    assert other.endswith("--base-url https://api.stepfun.com/step_plan/v1")
    assert len(key_pages(BaseURL.parse("http://127.0.0.1:1/v1"))) == 1


def test_credit_of_a_plan_is_renewed_or_replaced_by_the_balance() -> None:
    hint = used_up_credit_hint(BaseURL.parse("https://api.stepfun.com/step_plan/v1"))
    assert "upgrade the plan at https://platform.stepfun.com" in hint
    assert "--base-url https://api.stepfun.com/v1 " in hint


def test_balance_of_an_account_is_topped_up() -> None:
    hint = used_up_credit_hint(BaseURL.parse("https://api.stepfun.ai/v1"))
    assert hint == "add credit at https://platform.stepfun.ai"
    hint = used_up_credit_hint(BaseURL.parse("https://proxy.example/v1"))
    assert hint == "add credit at proxy.example"


def _error(status: int, body: str, base: BaseURL = PLAN) -> StepcliError:
    return error_for_status(status, parse_error_body(body), base)


@pytest.mark.parametrize(
    ("body", "kind", "sentence", "hint"),
    [
        ("404 page not found", EndpointNotFoundError, "does not have this endpoint", "--base-url"),
        ("<html>no</html>", EndpointNotFoundError, "does not have this endpoint", "--base-url"),
        ("", EndpointNotFoundError, "does not have this endpoint", "--base-url"),
        ('{"message": "no route"}', EndpointNotFoundError, "this endpoint", "--base-url"),
        ('{"error": {"type": "model_invalid"}}', UsageError, "does not have this model", "--model"),
        ('{"error": {"code": "model_invalid"}}', UsageError, "does not have this model", "--model"),
        ('{"error": {"message": "no file-1"}}', UsageError, "did not find", "--base-url"),
        ('{"error": "no file-1"}', UsageError, "did not find", "--base-url"),
    ],
)
def test_404_tells_a_missing_endpoint_from_an_unknown_model(
    body: str, kind: type[StepcliError], sentence: str, hint: str
) -> None:
    error = _error(404, body)
    assert type(error) is kind
    assert sentence in error.message
    assert error.hint == f"check {hint}"


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (402, ""),
        (402, '{"error": {"type": "quota_exceeded", "message": "quota exceeded"}}'),
        (400, '{"error": {"type": "quota_exceeded"}}'),
    ],
)
def test_used_up_credit_is_that_of_the_base(status: int, body: str) -> None:
    for base, whose in ((PLAN, "the plan's credit"), (PLAN.open, "the account's credit")):
        error = _error(status, body, base)
        assert isinstance(error, QuotaError)
        assert error.message.startswith(f"{whose} is used up")
        assert error.hint == used_up_credit_hint(base)


def test_used_up_credit_in_an_event_has_the_same_hint() -> None:
    event = {"type": "error", "message": "quota exceeded"}
    error = error_for_event(event, "recognition failed", PLAN, None)
    assert isinstance(error, QuotaError)
    assert error.hint == used_up_credit_hint(PLAN)


def test_only_an_incorrect_key_may_be_one_of_the_other_site() -> None:
    incorrect, forbidden = _error(401, ""), _error(403, "")
    other = other_site_hint(PLAN)
    assert other is not None
    assert isinstance(incorrect, AuthError)
    assert isinstance(forbidden, AuthError)
    assert other in (incorrect.hint or "")
    assert other not in (forbidden.hint or "")


def test_model_outside_the_plan_needs_the_open_base() -> None:
    body = '{"error": {"type": "request_params_invalid", "message": "model not supported"}}'
    assert f"--base-url {PLAN.open}," in (_error(400, body).hint or "")
    assert _error(400, body, PLAN.open).hint == "check --model"
    assert _error(400, body.replace("model", "speed")).hint is None


def test_unknown_voice_is_told_from_other_refusals() -> None:
    body = '{"error": {"type": "request_params_invalid", "message": "%s"}}'
    for status in (400, 404):
        assert type(_error(status, body % "voice_id does not exist")) is UnknownVoiceError
        assert type(_error(status, body % "The voice 'ann' does not exist")) is UnknownVoiceError
        assert type(_error(status, body % "file-1 does not exist")) is UsageError
    assert type(_error(400, body % "speed is out of range")) is UsageError
    event = {"error": {"message": "voice_id does not exist"}}
    assert type(error_for_event(event, "speech failed", PLAN, None)) is UnknownVoiceError
