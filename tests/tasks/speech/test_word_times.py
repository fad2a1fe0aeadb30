"""The time line of a spoken text: exact in its file, whatever precedes the words."""

from __future__ import annotations

from pathlib import Path

import pytest

from stepcli.api.speech import SpeechRequest
from stepcli.api.spoken_sentence import SpokenItem, SpokenSentence
from stepcli.audio_types import PCM, AudioFormat
from stepcli.tasks.speech.parts import Passage
from stepcli.tasks.speech.word_times import timeline_of_answer, timeline_of_parts
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
