"""Parts of a text on disk, with the times of their words."""

from __future__ import annotations

from pathlib import Path

import pytest

from stepcli.api.speech import SpeechRequest
from stepcli.api.spoken_sentence import SpokenItem, SpokenSentence
from stepcli.audio_types import PCM
from stepcli.tasks.speech.cache import SpeechCache

REQUESTS = [SpeechRequest("One.", timestamp=True), SpeechRequest("Two.", timestamp=True)]
SENTENCES = [SpokenSentence("One.", (SpokenItem("One.", 0.25, 1.0),))]


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SpeechCache:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return SpeechCache(REQUESTS, [], PCM(8000))


def keep(cache: SpeechCache, number: int) -> None:
    cache.keep_sentences(number, SENTENCES)
    part = cache.begin(number)
    part.write(bytes(20))
    part.finish()
    part.close()


def test_later_run_finds_the_word_times(cache: SpeechCache) -> None:
    keep(cache, 0)
    again = SpeechCache(REQUESTS, [], PCM(8000))
    assert again.load_sentences(0) == SENTENCES
    assert again.load_sentences(1) == []
    assert again.count() == 1


def test_parts_without_word_times_belong_to_another_run(cache: SpeechCache) -> None:
    keep(cache, 0)
    plain = [SpeechRequest("One."), SpeechRequest("Two.")]
    assert SpeechCache(plain, [], PCM(8000)).count() == 0


@pytest.mark.parametrize("content", [b"", b"[", b"{}", b"[1]" * 3])
def test_damaged_word_times_are_none(cache: SpeechCache, content: bytes) -> None:
    keep(cache, 0)
    (cache.directory / "00000.json").write_bytes(content)
    assert cache.load_sentences(0) == []


def test_word_times_are_removed_with_the_parts(cache: SpeechCache) -> None:
    keep(cache, 0)
    cache.clear()
    assert not cache.directory.exists()


def test_description_names_what_is_kept(cache: SpeechCache) -> None:
    keep(cache, 1)
    described = cache.describe()
    assert described
    assert f"1 of 2 parts are kept in {cache.directory}" in described
