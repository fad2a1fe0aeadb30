"""The documented sites, models and voices."""

from __future__ import annotations

import re

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
from tests.support.protocol import paragraph

MAINLAND_LIST = paragraph(5, "Mainland site, 39 voices")
NOT_WITH_MINI = set(
    re.split(r",\s*", paragraph(5, "All of them work with").rpartition(": ")[2].rstrip("."))
)


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
    assert {voice.id for voice in voices_at(MAINLAND)} == set(_ids(MAINLAND_LIST))
    assert len(VOICES) == 39
    listed = paragraph(5, "International site, seven voices").partition(". ")[0]
    assert {voice.id for voice in voices_at(INTERNATIONAL)} == set(_ids(listed))
    assert all(VOICES[DEFAULT_VOICE] in voices_at(site) for site in (MAINLAND, INTERNATIONAL))


def _ids(text: str) -> list[str]:
    return re.findall(r"`([a-z-]+)`", text)


def test_voices_are_described_as_documented() -> None:
    english, chinese = MAINLAND_LIST.split(" Chinese: ")
    sexes = dict(re.findall(r"`([a-z-]+)` \(([fm])\)", english))
    names = dict(re.findall(r"`([a-z-]+)` (\w+)", chinese))
    assert len(sexes) + len(names) == len(VOICES)
    for voice in VOICES.values():
        assert voice.language == ("en" if voice.id in sexes else "zh")
        assert voice.chinese == names.get(voice.id, "")
        assert voice.sex[0] == sexes.get(voice.id, _sex(voice.chinese))
        assert voice.english


def _sex(name: str) -> str:
    """Return the sex that a Chinese name suggests."""
    return "m" if re.search(r"男|公子|青年|大学生", name) else "f"


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
