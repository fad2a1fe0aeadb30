"""A transcript composed of the results of its pieces."""

from __future__ import annotations

from typing import Any

import pytest

from stepcli.api.recognition import TranscriptDelta
from stepcli.tasks.transcription.results import RecognitionResult
from stepcli.tasks.transcription.transcript import Transcript, TranscriptFormat
from tests.support.segments import segment


def transcript(*texts: str, overlap: float = 0.0, **fields: Any) -> Transcript:
    """Return the transcript of pieces of ten seconds, spoken in the first five of them."""
    segments = [
        segment(10.0 * number, 10.0 * number + 10, overlap if number else 0.0)
        for number in range(len(texts))
    ]
    results = [
        RecognitionResult(text, (TranscriptDelta(text, 0.0, 5.0),), **fields) for text in texts
    ]
    return Transcript(segments, results)


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["Hello there."], "Hello there."),
        (["Hello", "there."], "Hello there."),
        (["Hello ", " there."], "Hello  there."),
        (["你好，", "世界。"], "你好，世界。"),
        (["你好", "world"], "你好 world"),
        (["Hello", " ", "", "there."], "Hello there."),
        (["", ""], ""),
        (["  "], "  "),
    ],
)
def test_texts_are_joined_by_spaces_where_the_script_has_them(
    texts: list[str], expected: str
) -> None:
    assert transcript(*texts).text == expected


def test_replaced_words_keep_their_times() -> None:
    deltas = [TranscriptDelta("step", 1.0, 2.0), TranscriptDelta(" fun", 2.0, 3.0)]
    deltas += [TranscriptDelta(" here", 4.0, 5.0)]
    spoken = Transcript([segment(10, 20)], [RecognitionResult("step fun here", deltas)])
    changed = spoken.replaced(lambda text: text.replace("step fun", "StepFun"))
    assert [(word.text, word.start) for word in changed.words()] == [("StepFun", 10), (" here", 14)]
    assert spoken.text == "step fun here"


def test_paragraphs_begin_after_pauses_of_more_than_a_second_and_a_half() -> None:
    deltas = [
        TranscriptDelta(text, start, start + 1)
        for text, start in (("One ", 1), ("two. ", 3.5), ("Three.", 6.1))
    ]
    spoken = Transcript([segment(10, 20)], [RecognitionResult("One two. Three.", deltas)])
    assert spoken.paragraphs == "One two.\n\nThree."
    assert transcript("").paragraphs == ""


def test_words_in_the_overlap_of_two_pieces_are_there_once() -> None:
    segments = [segment(0, 10), segment(8, 18, 2)]
    first = [TranscriptDelta("one", 7.0, 8.0), TranscriptDelta(" two", 8.5, 9.5)]
    second = [TranscriptDelta("two", 0.5, 1.5), TranscriptDelta(" three", 3.0, 4.0)]
    results = [RecognitionResult("one two", first), RecognitionResult("two three", second)]
    joined = Transcript(segments, results)
    assert joined.text == "one two three"
    assert joined.duration == 18
    assert [cue.start for cue in joined.cues()] == [7.0, 11.0]


def test_cues_have_the_times_of_the_whole_recording() -> None:
    first, second = transcript("One is here.", "Two is here.").cues()
    assert (first.text, first.start, first.end) == ("One is here.", 0.0, 5.0)
    assert (second.text, second.start, second.end) == ("Two is here.", 10.0, 15.0)


def test_usage_is_summed_in_depth() -> None:
    one = {"tokens": 1, "details": {"audio": 2}, "type": "tokens", "cached": True}
    assert transcript("a", "b", usage=one).usage == {
        "tokens": 2,
        "details": {"audio": 4},
        "type": "tokens",
        "cached": True,
    }


@pytest.mark.parametrize("number", [1e308, 10**400])
def test_usage_beyond_all_numbers_is_null(number: float) -> None:
    assert transcript("a", "b", usage={"tokens": number, "seconds": 1e308}).usage["seconds"] is None


def test_every_piece_has_its_ids() -> None:
    made = transcript("a", "b", session_id="s", trace_id="t")
    assert made.ids == [{"session_id": "s", "trace_id": "t"}] * 2


def test_transcript_is_timed_if_any_delta_has_a_time() -> None:
    made = transcript("a")
    assert made.timed
    untimed = RecognitionResult("a", (TranscriptDelta("a", None, None),))
    assert not Transcript(made.segments, [untimed]).timed
    assert Transcript(made.segments, [RecognitionResult(" ")]).timed


def test_formats_know_what_they_contain() -> None:
    assert {one for one in TranscriptFormat if not one.timed} == {"text", "jsonl"}
    assert {one for one in TranscriptFormat if one.joinable} == {"text", "json", "jsonl"}
