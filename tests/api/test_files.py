"""Files in the account's storage."""

from __future__ import annotations

import pytest

from stepcli.api.client import Client
from stepcli.api.endpoint import Endpoint
from stepcli.api.files import delete
from stepcli.base_url import BaseURL
from stepcli.errors import NetworkError

BASE = BaseURL.parse("http://127.0.0.1:1/step_plan/v1")


def test_an_id_that_no_url_can_hold() -> None:
    """A malformed file id is an error of the service, and retrying does not help."""
    tries: list[str] = []
    service = Endpoint(BASE, "sandbox-key", timeout=1, retries=1)
    with Client(service, tries.append) as client, pytest.raises(NetworkError, match="too long"):
        delete(client, "x" * 70_000)
    assert tries == []
