"""The documented sites, models and voices."""

from __future__ import annotations

import pytest

from stepcli.api.catalog import (
    DEFAULT_VOICE,
    INTERNATIONAL,
    MAINLAND,
    SPEECH_LIMITS,
    VOICES,
    Site,
    may_speak,
    replaces_cloned_voices,
    site_of,
    voices_at,
)
from stepcli.base_url import BaseURL

NOT_WITH_MINI = {
    "lively-girl", "vibrant-youth", "soft-spoken-gentleman", "magnetic-voiced-male",
    "zixinnansheng", "shuangkuainansheng", "ganliannvsheng", "qinhenvsheng", "huolinvsheng",
}  # fmt: skip


@pytest.mark.parametrize(
    ("host", "site"),
    [
        ("api.stepfun.ai", INTERNATIONAL),
        ("api.stepfun.com", MAINLAND),
        ("stepfun.com", MAINLAND),
        ("eu.api.stepfun.com", MAINLAND),
        ("notstepfun.com", INTERNATIONAL),
        ("stepfun.com.example", INTERNATIONAL),
        ("127.0.0.1", INTERNATIONAL),
    ],
)
def test_site_is_that_of_the_domain_else_the_default(host: str, site: Site) -> None:
    assert site_of(BaseURL.parse(f"https://{host}/v1")) is site


def test_both_sites_have_their_documented_voices() -> None:
    assert len(voices_at(MAINLAND)) == 39
    assert {voice.id for voice in voices_at(INTERNATIONAL)} == {
        "elegantgentle-female", "lively-girl", "livelybreezy-female", "magnetic-voiced-male",
        "soft-spoken-gentleman", "vibrant-youth", "zixinnansheng",
    }  # fmt: skip
    assert all(
        DEFAULT_VOICE in {one.id for one in voices_at(site)} for site in (MAINLAND, INTERNATIONAL)
    )


def test_every_voice_is_described() -> None:
    for voice in VOICES.values():
        assert voice.sex in ("female", "male")
        assert voice.language in ("en", "zh")
        assert voice.english
        assert bool(voice.chinese) is (voice.language == "zh")
    assert sum(voice.language == "en" for voice in VOICES.values()) == 7


def test_voices_differ_only_in_the_small_model() -> None:
    for id in VOICES:
        assert may_speak(id, "stepaudio-2.5-tts")
        assert may_speak(id, "step-tts-2")
        assert may_speak(id, "step-tts-mini") is (id not in NOT_WITH_MINI)


def test_undocumented_voices_and_models_are_left_to_the_service() -> None:
    assert may_speak("new-voice", "step-tts-mini")
    assert may_speak("lively-girl", "step-tts-9")
    assert may_speak("lively-girl", "stepaudio-3-tts")


def test_only_one_model_replaces_cloned_voices() -> None:
    assert [model for model in SPEECH_LIMITS if replaces_cloned_voices(model)] == [
        "stepaudio-3-tts"
    ]
    assert not replaces_cloned_voices("step-tts-9")
    assert not may_speak("voice-tone-1", "stepaudio-3-tts")
    assert may_speak("voice-tone-1", "step-tts-mini")
