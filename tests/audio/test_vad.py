"""The start and end of utterances for given speech probabilities."""

from __future__ import annotations

import pytest

from stepcli.audio.vad import CHUNK_SECONDS, TimeSpan, UtteranceDetector

QUIET, SPEECH = 0.05, 0.95


def chunks(seconds: float) -> int:
    return round(seconds / CHUNK_SECONDS)


def spans(utterances: UtteranceDetector, *stretches: tuple[float, float]) -> list[TimeSpan]:
    """Return the utterances in ``stretches`` of a probability and its seconds."""
    fed = [p for p, seconds in stretches for _ in range(chunks(seconds))]
    found = [span for p in fed if (span := utterances.feed(p))]
    last = utterances.finish()
    return [*found, last] if last else found


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


def test_bounded_utterance_is_split_after_a_minute() -> None:
    """Where speech is least likely, without a gap."""
    utterances = UtteranceDetector(1.2, 0.5, bounded=True)
    found = spans(utterances, (SPEECH, 50), (0.6, CHUNK_SECONDS), (SPEECH, 40), (QUIET, 2))
    assert [round(span.start) for span in found] == [0, 50]
    assert found[0].end == found[1].start == pytest.approx(50, abs=0.05)


def test_long_utterance_ends_at_a_short_pause() -> None:
    """After half a minute, but not before."""
    utterances = UtteranceDetector(1.2, 0.5, bounded=True)
    breath = (QUIET, 0.4)
    found = spans(utterances, (SPEECH, 20), breath, (SPEECH, 15), breath, (SPEECH, 5))
    assert [round(span.end) for span in found] == [36, 41]


def test_unbounded_utterance_is_never_split() -> None:
    """However long."""
    (span,) = spans(UtteranceDetector(1.2, 0.5), (SPEECH, 200))
    assert span.end == pytest.approx(200, abs=0.05)
