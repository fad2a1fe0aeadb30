"""Names of voices: aliases, what can follow ``-v``, and hints about voices that are unknown."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from stepcli.api.catalog import INTERNATIONAL, SITES, voices_at
from stepcli.api.speech import SpeechRequest
from stepcli.base_url import BaseURL
from stepcli.cli.params.voice_names import (
    checked_alias,
    known_voices,
    remember,
    suggesting_voices,
    voice_id,
    voices_for,
    warn_about_voices,
)
from stepcli.errors import UnknownVoiceError, UsageError
from stepcli.settings import DEFAULT_BASE_URL
from tests.support.program import Program

BASE = BaseURL.parse(DEFAULT_BASE_URL)
OTHER_BASE = BaseURL.parse("https://service.example/step_plan/v1")
ALL = "list the voices with: stepcli voices list"
CLONED = "voice-tone-1"
ALIASES = f'[aliases]\ngrandmother = "{CLONED}"\nvoice1 = "voice-tone-2"\n'


@pytest.fixture
def environ(home: Path) -> dict[str, str]:
    """The environment of a user with aliases; the cache of listed voices is empty."""
    file = home / "config.toml"
    file.write_text(ALIASES)
    file.chmod(0o600)
    return {"STEPCLI_CONFIG": str(file)}


def test_alias_stands_for_its_voice(environ: dict[str, str], home: Path) -> None:
    """A config file that cannot be read has none."""
    assert voice_id("grandmother", environ) == CLONED
    assert voice_id("lively-girl", environ) == "lively-girl"
    (home / "config.toml").write_text("[")
    assert voice_id("grandmother", environ) == "grandmother"


@pytest.mark.parametrize(
    "name", ["two words", "", "-v", "lively-girl", "file-1", "voice-tone-1", "a.b"]
)
def test_alias_that_hides_a_voice_or_is_no_word_is_refused(name: str) -> None:
    assert checked_alias("奶奶") == "奶奶"
    with pytest.raises(UsageError, match="cannot be a name"):
        checked_alias(name)


def test_known_voices_are_built_in_listed_or_aliases(environ: dict[str, str]) -> None:
    remember([(CLONED, "cloned"), ("two words", "no id")], BASE)
    remember([("brand-new", "official")], BASE)
    known = known_voices(BASE, environ)
    assert known.keys() == {voice.id for voice in voices_at(INTERNATIONAL)} | {
        CLONED,
        "brand-new",
        "grandmother",
        "voice1",
    }
    assert known["grandmother"] == f"alias of {CLONED}"
    assert known[CLONED] == "cloned"


def test_model_without_cloned_voices_has_no_aliases_of_them(environ: dict[str, str]) -> None:
    aliases = {"grandmother", "voice1"}
    assert aliases.isdisjoint(voices_for(BASE, "stepaudio-3-tts", environ))
    assert aliases <= voices_for(BASE, "step-tts-mini", environ).keys()


def test_listed_voices_are_known_only_at_the_host_that_listed_them(home: Path) -> None:
    assert home.exists()
    remember([(CLONED, "cloned")], OTHER_BASE)
    assert CLONED in known_voices(OTHER_BASE, {})
    for site in SITES:
        base = BaseURL.parse(f"https://{site.host}/step_plan/v1")
        assert known_voices(base, {}).keys() == {voice.id for voice in voices_at(site)}


@pytest.mark.parametrize("cache", ["{[", "[]", '{"api.stepfun.ai": []}'])
def test_broken_cache_and_config_file_are_ignored(home: Path, cache: str) -> None:
    for path in (home / ".cache/stepcli/voices.json", home / ".config/stepcli/config.toml"):
        path.parent.mkdir(parents=True)
        path.write_text(cache)
    assert "lively-girl" in known_voices(BASE, {})


def _hint(voice: str, environ: dict[str, str], model: str = "stepaudio-2.5-tts") -> str | None:
    error = UnknownVoiceError("voice_id does not exist")
    error.voice, error.model = voice_id(voice, environ), model
    with pytest.raises(UnknownVoiceError), suggesting_voices(BASE, environ):
        raise error
    return error.hint


@pytest.mark.parametrize(
    ("voice", "suggestion"),
    [
        ("livly-girl", "did you mean lively-girl?"),
        ("grandmothr", "did you mean grandmother?"),
        ("lively-girl", "another voice is zixinnansheng"),
        ("zixinnansheng", "another voice is lively-girl"),
        ("voice-tone-gone", "another voice is lively-girl"),
        ("qqqq", "another voice is lively-girl"),
        ("grandmother", "another voice is lively-girl"),
    ],
)
def test_similar_voice_is_suggested_for_a_mistyped_one(
    environ: dict[str, str], voice: str, suggestion: str
) -> None:
    """A common one for others: some accounts do not have all official voices."""
    assert _hint(voice, environ) == f"{suggestion}; {ALL}"


def test_only_voices_of_the_model_are_suggested(environ: dict[str, str]) -> None:
    model = "step-tts-mini"  # which has no lively-girl
    hint = _hint("lively-girls", environ, model) or ""
    assert "lively-girl;" not in hint
    assert hint.endswith(f"{ALL} --model {model}")


SPEAKING = {
    "speak": ("speak", "Hi", "-o", "x.mp3", "-v"),
    "long": ("speak", "Hello there. " * 90, "-o", "x.mp3", "-v"),
    "stream": ("stream", "Hi", "-o", "x.wav", "-v"),
    "batch": ("speak", "--batch", "b.txt", "--output-dir", "out", "-v"),
    "preview": ("voices", "preview", "-o", "x.wav"),
}


@pytest.mark.parametrize("kind", SPEAKING)
def test_every_command_that_speaks_suggests_a_voice(
    kind: str, stepcli: Program, home: Path
) -> None:
    (home / "b.txt").write_text("Hi\n")
    done = stepcli(*SPEAKING[kind], "livly-girl", "--json", "--retries", "0")
    assert done.code == 2, done.stderr
    error: dict[str, Any] = json.loads(done.stderr.splitlines()[-1])["error"]
    assert "voice_id does not exist" in error["message"]
    assert error["hint"].startswith(f"did you mean lively-girl?; {ALL}")


def test_each_voice_that_the_model_replaces_is_a_warning() -> None:
    voices = [CLONED, "lively-girl", CLONED, "voice-tone-2"]
    for model, warned in (("stepaudio-3-tts", [CLONED, "voice-tone-2"]), ("step-tts-2", [])):
        notes: list[str] = []
        requests = [SpeechRequest("Hi", voice, model) for voice in voices]
        warn_about_voices(requests, notes.append)
        assert [note.rpartition(" instead of ")[2] for note in notes] == warned


@pytest.mark.parametrize(
    "command",
    [
        ("speak", "Hi", "--dry-run", "-v", "me"),
        ("speak", "Hi", "-o", "x.mp3", "-v", "me"),
        ("speak", "--batch", "lines.txt", "--output-dir", "out", "--dry-run", "-v", "me"),
        ("stream", "Hi", "-o", "x.wav", "-v", "me"),
        ("voices", "preview", "me", "-o", "x.wav"),
    ],
    ids=["dry-run", "speak", "batch", "stream", "preview"],
)
def test_every_command_that_speaks_warns_about_replaced_voices(
    command: tuple[str, ...], offline: Program, home: Path
) -> None:
    (home / "lines.txt").write_text("One\nTwo\n")
    offline("config", "set", "aliases.me", CLONED)
    done = offline(*command, "--model", "stepaudio-3-tts")
    assert done.stderr.count(f"the service uses an official voice instead of {CLONED}") == 1
