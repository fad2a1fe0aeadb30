"""Hints that depend on the base URL."""

from __future__ import annotations

import pytest

from stepcli.api.hints import other_site_hint, used_up_credit_hint
from stepcli.base_url import BaseURL


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


def test_credit_of_a_plan_is_renewed_or_replaced_by_the_balance() -> None:
    hint = used_up_credit_hint(BaseURL.parse("https://api.stepfun.com/step_plan/v1"))
    assert "upgrade the plan at https://platform.stepfun.com" in hint
    assert "--base-url https://api.stepfun.com/v1 " in hint


def test_balance_of_an_account_is_topped_up() -> None:
    hint = used_up_credit_hint(BaseURL.parse("https://api.stepfun.ai/v1"))
    assert hint == "add credit at https://platform.stepfun.ai"
    hint = used_up_credit_hint(BaseURL.parse("https://proxy.example/v1"))
    assert hint == "add credit at proxy.example"
