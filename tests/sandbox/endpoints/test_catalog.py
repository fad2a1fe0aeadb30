"""Official voices, models and the account."""

from __future__ import annotations

from tests.sandbox.server import SandboxServer

MODEL = "stepaudio-2.5-tts"


def test_official_voices_are_described(server: SandboxServer) -> None:
    """For one model only."""
    url = f"{server.open}/audio/system_voices"
    result = server.api.get(url, params={"model": "step-tts-2"}).json()
    assert {"lively-girl", "zixinnansheng", "cixingnansheng"} < set(result["voices"])
    assert set(result["voices"]) == set(result["voices-details"])
    for details in result["voices-details"].values():
        assert set(details) == {"voice-name", "voice-description", "recommended_scene"}
    assert server.api.get(url).status_code == 400
    assert server.api.get(url, params={"model": MODEL}).status_code == 400


def test_models_and_account_are_listed(server: SandboxServer) -> None:
    result = server.api.get(f"{server.open}/models").json()
    assert {"stepaudio-2.5-tts", "stepaudio-2.5-asr"} < {each["id"] for each in result["data"]}
    assert server.api.get(f"{server.open}/accounts").json()["balance"] > 0
