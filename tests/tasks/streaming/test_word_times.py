"""Word times that come late and out of order, from several sessions."""

from __future__ import annotations

import pytest

from stepcli.api.spoken_sentence import SpokenItem, SpokenSentence
from stepcli.tasks.streaming.sentence_output import Sentence
from stepcli.tasks.streaming.word_times import StreamWordTimes


def spoken(text: str, start: float, request_id: str) -> SpokenSentence:
    return SpokenSentence(text, (SpokenItem(text, start, start + 0.5),), request_id)


def starts(times: StreamWordTimes, sentences: list[Sentence], delay: float = 0.0) -> list[float]:
    return [word.start for word in times.timeline(sentences, delay, markdown=False).words]


def test_times_are_matched_by_id_and_count_from_their_session() -> None:
    times = StreamWordTimes()
    times.begin_session(0.0)
    times.end_sentence(0, "a")
    times.end_sentence(1, "b")
    times.add(spoken("Same.", 2.25, "b"))
    times.add(spoken("Same.", 0.25, "a"))
    times.begin_session(4.0)
    times.add(spoken("Same.", 0.5, "a"))
    times.end_sentence(2, "a")
    sentences = [Sentence("Same.", 0, 2), Sentence("Same.", 2, 4), Sentence("Same.", 4, 6)]
    assert starts(times, sentences, 0.125) == [0.375, 2.375, 4.625]


def test_times_without_an_id_are_matched_by_their_text() -> None:
    times = StreamWordTimes()
    times.begin_session(1.0)
    times.end_sentence(0, "")
    times.end_sentence(1, "b")
    times.add(spoken("Two!", 1.5, ""))
    times.add(spoken("One", 0.25, ""))
    assert starts(times, [Sentence("One.", 1, 2), Sentence("Two.", 2, 4)]) == [1.25, 2.5]


def test_sentence_without_times_is_spread_over_its_sound() -> None:
    times = StreamWordTimes()
    times.begin_session(0.0)
    times.end_sentence(0, "a")
    times.add(spoken("Another.", 0.25, "z"))
    sentences = [Sentence("One two.", 0, 8), Sentence("rest", 8, 9)]
    timeline = times.timeline(sentences, 0.0, markdown=False)
    assert [word.start for word in timeline.words] == pytest.approx([0.0, 3.0, 8.0])
    assert timeline.untimed == 2
    assert not timeline.is_reported


def test_share_of_a_sentence_that_was_cut_begins_with_its_second_session() -> None:
    """Only a live sink has the sound of the first."""
    times = StreamWordTimes()
    times.begin_session(0.0)
    times.begin_session(2.0)
    times.end_sentence(0, "a")
    assert starts(times, [Sentence("One two.", 0, 10)]) == pytest.approx([2.0, 5.0])
