"""Speech that is too long for its cue."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest

from stepcli.api.speech import SpeechRequest
from stepcli.api.spoken_sentence import SpokenItem, SpokenSentence
from stepcli.audio_types import PCM
from stepcli.tasks.speech.arrangement import Slot
from stepcli.tasks.speech.fit import Fit, fitted
from tests.support.varying_speech import Sound

RATE = PCM(8000)


class Service:
    """Speaks a second of a 200 Hz tone for each word, divided by the speed."""

    def __init__(self) -> None:
        self.speeds: list[float | None] = []
        self.sentences: list[SpokenSentence] = []

    @contextmanager
    def speak(self, request: SpeechRequest) -> Iterator[Sound]:
        self.speeds.append(request.speed)
        seconds = len(request.text.split()) / (request.speed or 1.0)
        times = np.arange(round(seconds * RATE.rate)) / RATE.rate
        tone = (10_000 * np.sin(2 * np.pi * 200 * times)).astype("<i2").tobytes()
        yield Sound((tone[:1000], tone[1000:]), self.sentences)


def spoken(text: str, place: float, fit: Fit, speed: float | None = None) -> tuple[bytes, Service]:
    service, request = Service(), SpeechRequest(text, speed=speed)
    slots = [Slot(request, start=1.0, end=1.0 + place, cue=1)]
    with fitted(service.speak, slots, RATE, fit)(request) as blocks:
        return b"".join(blocks), service


@pytest.mark.parametrize("fit", list(Fit))
def test_speech_that_fits_is_requested_once(fit: Fit) -> None:
    sound, service = spoken("one two", 2.0, fit)
    assert RATE.seconds(len(sound)) == 2.0
    assert service.speeds == [None]


@pytest.mark.parametrize(
    ("speed", "place", "faster"), [(None, 1.6, 1.35), (1.2, 1.5, 1.44), (None, 0.5, 2.0)]
)
def test_long_speech_is_requested_once_more_with_a_higher_speed(
    speed: float | None, place: float, faster: float
) -> None:
    sound, service = spoken("one two", place, Fit.SPEED, speed)
    assert service.speeds == [speed, faster]
    assert RATE.seconds(len(sound)) == pytest.approx(2 / faster, abs=0.001)


def test_speech_at_the_highest_speed_is_not_requested_again() -> None:
    assert spoken("one two", 0.5, Fit.SPEED, 2.0)[1].speeds == [2.0]


def test_tempo_is_changed_without_the_pitch() -> None:
    sound, service = spoken("one two", 1.25, Fit.STRETCH)
    assert service.speeds == [None]
    assert RATE.seconds(len(sound)) == pytest.approx(1.25, abs=0.03)
    spectrum = np.abs(np.fft.rfft(np.frombuffer(sound, "<i2")))
    assert spectrum.argmax() / RATE.seconds(len(sound)) == pytest.approx(200, abs=3)


def test_word_times_follow_the_tempo() -> None:
    service, request = Service(), SpeechRequest("one two")
    service.sentences = [SpokenSentence("one two", (SpokenItem("two", 1.0, 2.0),))]
    with fitted(service.speak, [Slot(request, end=1.25, cue=1)], RATE, Fit.STRETCH)(request) as one:
        (item,) = one.sentences[0].items
    assert (item.start, item.end) == pytest.approx((0.625, 1.25))


def test_long_speech_may_run_over() -> None:
    sound, service = spoken("one two", 0.5, Fit.NONE)
    assert (RATE.seconds(len(sound)), service.speeds) == (2.0, [None])


def test_part_without_a_time_of_its_own_is_not_shortened() -> None:
    service, request = Service(), SpeechRequest("one two three")
    with fitted(service.speak, [Slot(request, start=1.0)], RATE, Fit.SPEED)(request) as blocks:
        assert RATE.seconds(len(b"".join(blocks))) == 3.0
