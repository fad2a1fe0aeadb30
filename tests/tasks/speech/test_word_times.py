"""The time line of a spoken text: exact in its file, whatever precedes the words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from stepcli.api.speech import SpeechRequest
from stepcli.api.spoken_sentence import SpokenItem, SpokenSentence
from stepcli.audio_types import PCM, AudioFormat
from stepcli.tasks.speech.parts import LivePacing, Passage
from stepcli.tasks.speech.word_times import ReadAlongParts, timeline_of_answer, timeline_of_parts
from tests.support.recordings import silence, write_wav

SENTENCE = SpokenSentence("One two.", (SpokenItem("One", 0.5, 1.0), SpokenItem("two.", 1.0, 2.0)))
REQUEST = SpeechRequest("One two.", format=AudioFormat.WAV)


def test_parts_are_joined_to_the_sample() -> None:
    passages = [Passage("One two. ", [SENTENCE], 4802), Passage("One two.", [SENTENCE], 6000)]
    timeline = timeline_of_parts(REQUEST, passages, PCM(1000), 0.25)
    assert [word.start for word in timeline.words] == [0.75, 1.25, 0.25 + 2.901, 0.25 + 3.401]


def test_passage_may_begin_after_silence() -> None:
    """It is a paragraph of its own."""
    passages = [Passage("One two.", [SENTENCE], 4000, start=2000), Passage("三。", [], 2000)]
    timeline = timeline_of_parts(REQUEST, passages, PCM(1000), 0.0)
    assert [word.start for word in timeline.words] == [1.5, 2.0, 3.0]
    assert timeline.words[0].text == "\n\nOne"


def test_sentence_without_times_has_the_length_of_the_file(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "a.wav", silence(3))
    passage = Passage("One two.", [SpokenSentence("One two.", ())], 1)
    assert timeline_of_answer(REQUEST, passage, path).words[-1].end == pytest.approx(3)


def test_answer_that_is_not_in_a_file_ends_with_its_last_word(tmp_path: Path) -> None:
    missing = tmp_path / "missing.wav"
    timeline = timeline_of_answer(REQUEST, Passage("One two.", [SENTENCE], 1), missing)
    assert (timeline.words[-1].end, timeline.seconds) == (2.0, 2.0)
    assert timeline_of_answer(REQUEST, Passage("One two.", [], 1), missing).seconds > 0


@dataclass
class Part:
    passages_so_far: list[Passage]
    is_ready: bool = True

    def live_passages(self) -> list[Passage]:
        return self.passages_so_far

    passages = live_passages

    def blocks(self) -> Iterator[bytes]:
        return iter(())

    def live_blocks(self, pacing: LivePacing) -> Iterator[bytes]:  # noqa: ARG002
        return iter(())


@dataclass
class Source:
    parts: list[Part]
    first_audio_at: float | None = None

    def __iter__(self) -> Iterator[Part]:
        return iter(self.parts)

    def close(self, part: Part) -> None: ...

    def settle(self) -> None: ...


def test_places_are_those_of_the_words_that_are_played() -> None:
    """Of an answer under way, only words whose times have come."""
    first = Part([Passage("One two. ", [SENTENCE], 5000)])
    second = Part([Passage("(so) One two. Three.", [], 100)], is_ready=False)
    requests = [SpeechRequest("One two. "), SpeechRequest("(so) One two. Three.")]
    parts = ReadAlongParts(Source([first, second]), requests, PCM(1000))
    assert parts.places() == []
    assert list(parts) == [first, second]
    assert parts.text == "One two. (so) One two. Three."
    assert [one.seconds for one in parts.places()] == [0.5, 1.0]
    second.passages_so_far = [Passage(requests[1].text, [SENTENCE], 100)]
    found = [(one.seconds, parts.text[slice(*one.span)]) for one in parts.places()]
    assert found == [(0.5, "One"), (1.0, "two."), (3.0, "One"), (3.5, "two.")]


def test_place_of_text_that_is_spoken_again_is_where_it_was_cut() -> None:
    cut = [Passage("One two. ", [SENTENCE], 4000), Passage("One two.", [SENTENCE], 4000)]
    requests = [SpeechRequest("One two. One two.")]
    parts = ReadAlongParts(Source([Part(cut)]), requests, PCM(1000))
    list(parts)
    assert [one.span.start for one in parts.places()] == [0, 4, 9, 13]
