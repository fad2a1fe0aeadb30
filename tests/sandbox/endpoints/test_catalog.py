"""Official voices, models and the account."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.client import SandboxClient, run_sandbox

MODEL = "stepaudio-2.5-tts"


def system_voices(server: SandboxClient) -> dict[str, Any]:
    url = f"{server.open}/audio/system_voices"
    voices: dict[str, Any] = server.api.get(url, params={"model": "step-tts-2"}).json()
    return voices


def test_international_site_has_seven_official_voices() -> None:
    with run_sandbox("--site", "ai") as server:
        voices = system_voices(server)["voices"]
    assert len(voices) == 7
    assert {"lively-girl", "zixinnansheng"} < set(voices)


def test_mainland_voices_are_described_beginning_with_their_sex(server: SandboxClient) -> None:
    result = system_voices(server)
    assert len(result["voices"]) == 39
    assert set(result["voices"]) == set(result["voices-details"])
    for details in result["voices-details"].values():
        assert set(details) == {"voice-name", "voice-description", "recommended_scene"}
        assert details["voice-description"][0] in "男女"


@pytest.mark.parametrize("query", [{}, {"model": MODEL}])
def test_official_voices_are_listed_for_step_tts_2_only(
    server: SandboxClient, query: dict[str, str]
) -> None:
    url = f"{server.open}/audio/system_voices"
    assert server.api.get(url, params=query).status_code == 400


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
