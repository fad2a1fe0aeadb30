"""Models and the account."""

from __future__ import annotations

from tests.sandbox.client import SandboxClient


def test_plan_base_lists_the_models_of_the_plan(server: SandboxClient) -> None:
    plan, everything = (
        {each["id"] for each in server.api.get(f"{base}/models").json()["data"]}
        for base in (server.base, server.open)
    )
    assert plan == {"stepaudio-2.5-tts", "stepaudio-2.5-asr"}
    assert plan < everything


def test_plan_key_has_no_access_to_accounts(server: SandboxClient) -> None:
    response = server.api.get(f"{server.open}/accounts")
    assert (response.status_code, response.json()["error"]["type"]) == (403, "forbidden")
