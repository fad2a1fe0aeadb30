"""The start and end of utterances for given speech probabilities."""

from __future__ import annotations

import pytest

from stepcli.audio.vad import (
    CHUNK_SECONDS,
    Ended,
    Paused,
    Resumed,
    SpeechEvent,
    TimeSpan,
    UtteranceDetector,
)

QUIET, SPEECH = 0.05, 0.95


def chunks(seconds: float) -> int:
    return round(seconds / CHUNK_SECONDS)


def events(utterances: UtteranceDetector, *stretches: tuple[float, float]) -> list[SpeechEvent]:
    """Return what happens in ``stretches`` of a probability and its seconds, and at their end."""
    fed = [p for p, seconds in stretches for _ in range(chunks(seconds))]
    found = [event for p in fed if (event := utterances.feed(p))]
    last = utterances.finish()
    return [*found, last] if last else found


def spans(utterances: UtteranceDetector, *stretches: tuple[float, float]) -> list[TimeSpan]:
    """Return the segments in ``stretches``."""
    ended = (one for one in events(utterances, *stretches) if isinstance(one, Ended))
    return [one.span for one in ended if one.span]


def test_utterance_ends_at_a_pause() -> None:
    """It includes half a second before the first word, and little of the pause."""
    utterances = UtteranceDetector(1.2, 0.5)
    (span,) = spans(utterances, (QUIET, 2), (SPEECH, 3), (QUIET, 1.3))
    assert span.start == pytest.approx(1.5, abs=0.04)
    assert span.end == pytest.approx(5.4, abs=0.04)


def test_short_pause_does_not_end_an_utterance() -> None:
    (span,) = spans(UtteranceDetector(1.2, 0.5), (SPEECH, 1), (QUIET, 1.1), (SPEECH, 1), (QUIET, 2))
    assert span.end == pytest.approx(3.5, abs=0.05)


def test_utterances_do_not_overlap() -> None:
    """Even if the lead-in of the second would begin before the end of the first."""
    first, second = spans(
        UtteranceDetector(0.4, 0.5), (SPEECH, 1), (QUIET, 0.45), (SPEECH, 1), (QUIET, 1)
    )
    assert first.end <= second.start
    assert second.start == pytest.approx(1.4, abs=0.05)


def test_click_is_not_an_utterance() -> None:
    """But a short word is."""
    click, word = 2 * CHUNK_SECONDS, 5 * CHUNK_SECONDS
    assert spans(UtteranceDetector(1.2, 0.5), (QUIET, 1), (SPEECH, click), (QUIET, 3)) == []
    assert len(spans(UtteranceDetector(1.2, 0.5), (QUIET, 1), (SPEECH, word), (QUIET, 3))) == 1


def test_utterance_begins_at_the_threshold() -> None:
    """A little less is enough to continue it."""
    assert spans(UtteranceDetector(1.2, 0.5), (0.45, 3)) == []
    assert len(spans(UtteranceDetector(1.2, 0.3), (0.45, 3))) == 1
    (span,) = spans(UtteranceDetector(1.2, 0.5), (SPEECH, 1), (0.4, 2), (QUIET, 2))
    assert span.end == pytest.approx(3.4, abs=0.05)


def test_end_of_the_audio_ends_the_utterance() -> None:
    """Also in the middle of a word."""
    (span,) = spans(UtteranceDetector(1.2, 0.5), (QUIET, 1), (SPEECH, 1))
    assert span.end == pytest.approx(2, abs=0.04)


def test_utterance_is_split_after_twenty_seconds() -> None:
    """Where speech is least likely, without a gap."""
    utterances = UtteranceDetector(1.2, 0.5)
    found = spans(utterances, (SPEECH, 15), (0.6, CHUNK_SECONDS), (SPEECH, 14), (QUIET, 2))
    assert [round(span.start) for span in found] == [0, 15]
    assert found[0].end == found[1].start == pytest.approx(15, abs=0.05)


def test_long_segment_ends_at_a_short_pause() -> None:
    """After ten seconds, but not before."""
    utterances = UtteranceDetector(1.2, 0.5)
    breath = (QUIET, 0.3)
    found = spans(utterances, (SPEECH, 7), breath, (SPEECH, 5), breath, (SPEECH, 5))
    assert [span.end for span in found] == pytest.approx([12.5, 17.6], abs=0.1)


def test_segment_is_known_at_a_short_pause() -> None:
    """It is the one that ends with the utterance if speech does not go on."""
    paused, ended = events(UtteranceDetector(1.2, 0.5), (SPEECH, 2), (QUIET, 1.3))
    assert isinstance(paused, Paused)
    assert paused.span.end == pytest.approx(2.4, abs=0.04)
    assert ended == Ended(paused.span, final=True)


def test_segment_goes_on_after_a_short_pause() -> None:
    first, resumed, second, ended = events(
        UtteranceDetector(1.2, 0.5), (SPEECH, 2), (QUIET, 0.6), (SPEECH, 1), (QUIET, 1.3)
    )
    assert isinstance(first, Paused)
    assert resumed == Resumed()
    assert isinstance(second, Paused)
    assert ended == Ended(second.span, final=True)
    assert second.span.start == first.span.start
    assert second.span.end == pytest.approx(4.0, abs=0.05)


def test_long_enough_segment_ends_where_speech_goes_on() -> None:
    """The next one begins after it, at most half a second before the first word."""
    utterances = UtteranceDetector(1.2, 0.5, shortest_segment=1.5)
    first, one, second, two = events(
        utterances, (SPEECH, 2), (QUIET, 1.1), (SPEECH, 1), (QUIET, 1.3)
    )
    assert isinstance(first, Paused)
    assert isinstance(second, Paused)
    assert one == Ended(first.span, final=False)
    assert two == Ended(second.span, final=True)
    assert second.span.start == pytest.approx(2.6, abs=0.05)


def test_utterance_ends_although_nothing_but_a_click_follows_its_last_segment() -> None:
    utterances = UtteranceDetector(1.2, 0.5, shortest_segment=1.5)
    click = (SPEECH, 2 * CHUNK_SECONDS)
    paused, segment, utterance = events(utterances, (SPEECH, 2), (QUIET, 0.6), click, (QUIET, 3))
    assert isinstance(paused, Paused)
    assert segment == Ended(paused.span, final=False)
    assert utterance == Ended(None, final=True)
    assert not utterances.speaking


def test_segment_so_far_ends_at_the_last_chunk_except_in_a_pause() -> None:
    utterances = UtteranceDetector(1.2, 0.5)
    events_so_far = [utterances.feed(SPEECH) for _ in range(chunks(1))]
    assert not any(events_so_far)
    assert utterances.spoken == TimeSpan(0.0, chunks(1) * CHUNK_SECONDS)
    for _ in range(chunks(0.5)):
        utterances.feed(QUIET)
    assert utterances.spoken is None
