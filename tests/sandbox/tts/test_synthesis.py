"""Synthesis: word times, variation and enhanced reading."""

from __future__ import annotations

import numpy as np
import pytest

from stepcli.sandbox.tts.alignment import TimedItem, align_sentence
from stepcli.sandbox.tts.synthesis import (
    Performance,
    Samples,
    SynthesisSettings,
    Variation,
    VariationSource,
    synthesize,
)
from stepcli.sandbox.tts.voices import Speaker

PAUSE = 0.1  # seconds


PAUSED = ["No. Any. One. May. Learn.", "今，天，我，们，来，玩。", "(softly)Now. (pause)One. Two."]


"""Texts whose words contain no pauses of their own."""


def perform(text: str, variation: Variation | None = None, **settings: object) -> Performance:
    """Synthesize with the default voice."""
    default = SynthesisSettings(Speaker("f2"), **settings)  # type: ignore[arg-type]
    return synthesize(text, default, variation or Variation(word_gap=2))


def sounding(samples: Samples, rate: int) -> list[tuple[float, float]]:
    """Return the start and end in seconds of every stretch of sound between pauses."""
    loudness = np.abs(samples, dtype=np.float32)
    loud = np.flatnonzero(loudness > 0.005 * loudness.max())
    pauses = np.flatnonzero(np.diff(loud) > PAUSE * rate)
    starts = [loud[0], *loud[pauses + 1]]
    ends = [*loud[pauses], loud[-1]]
    return [(start / rate, end / rate) for start, end in zip(starts, ends, strict=True)]


def items(performance: Performance) -> list[TimedItem]:
    return align_sentence(performance.shown, performance.words).items


@pytest.mark.parametrize("text", PAUSED)
@pytest.mark.parametrize("rate", [8000, 24000])
@pytest.mark.parametrize("speed", [0.7, 1.0, 1.6])
def test_item_times_are_right_to_20_ms(text: str, rate: int, speed: float) -> None:
    performance = perform(text, Variation(word_gap=40), rate=rate, speed=speed)
    stretches = sounding(performance.samples, rate)
    timed = items(performance)
    assert len(timed) == len(stretches)
    for item, (start, end) in zip(timed, stretches, strict=True):
        assert item.start == pytest.approx(start, abs=0.02), item
        assert item.end == pytest.approx(end, abs=0.02), item


@pytest.mark.parametrize(
    "text", ["One of the 42 best, isn't it?", "我用Python写，今日。", "こんにちは"]
)
def test_items_are_in_order_within_the_audio(text: str) -> None:
    performance = perform(text)
    times = [time for item in items(performance) for time in (item.start, item.end)]
    assert times == sorted(times)
    assert 0 <= times[0] < times[-1] <= performance.seconds


def test_varied_performances_differ_in_length_and_samples() -> None:
    source = VariationSource(1)
    performances = [perform("Hello there.", source.draw("")) for _ in range(8)]
    assert len({each.samples.tobytes() for each in performances}) == 8
    assert len({len(each.samples) for each in performances}) == 8
    lengths = [each.seconds for each in performances]
    assert max(lengths) / min(lengths) < 1.3


def test_word_times_include_the_varied_lead() -> None:
    plain, late = perform("Hello."), perform("Hello.", Variation(word_gap=2, lead=0.5))
    assert items(late)[0].start == pytest.approx(items(plain)[0].start + 0.5, abs=1e-3)


def test_enhanced_reading_is_slower_and_says_units() -> None:
    assert perform("5 km", enhanced=True).seconds > 1.2 * perform("5 km").seconds
    assert perform("Hello.", enhanced=True).seconds > 1.03 * perform("Hello.").seconds


def test_no_two_performances_are_alike() -> None:
    source = VariationSource()
    assert len({source.draw("Hello") for _ in range(1000)}) == 1000


def test_same_seed_gives_the_same_performances_in_any_order() -> None:
    one, other = VariationSource(7), VariationSource(7)
    expected = {text: [one.draw(text) for _ in range(3)] for text in "ab"}
    interleaved = [(text, other.draw(text)) for text in "bababa"]
    for text in "ab":
        assert [each for name, each in interleaved if name == text] == expected[text]


def test_another_seed_gives_other_performances() -> None:
    assert VariationSource(1).draw("Hello") != VariationSource(2).draw("Hello")
