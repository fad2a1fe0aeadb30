"""The two bases of a service, and the one that a request belongs to."""

from __future__ import annotations

import pytest

from stepcli.api.endpoint import Endpoint
from stepcli.base_url import BaseURL

ENDPOINT = Endpoint(BaseURL.parse("https://api.example:8443/step_plan/v1"), "secret-key")


@pytest.mark.parametrize(
    ("path", "plan"),
    [
        ("/step_plan/v1/audio/speech", True),
        ("/v1/audio/voices", False),
        ("/step_plan/v10/audio/speech", False),
    ],
)
def test_request_belongs_to_the_base_that_it_is_below(path: str, plan: bool) -> None:
    base = ENDPOINT.base_of(f"https://{ENDPOINT.host}{path}")
    assert base == (ENDPOINT.plan if plan else ENDPOINT.open)


def test_open_base_has_no_plan_segment() -> None:
    assert str(ENDPOINT.open) == "https://api.example:8443/v1"
    assert ENDPOINT.host == "api.example:8443"


def test_key_is_not_shown() -> None:
    assert "secret-key" not in repr(ENDPOINT)
