"""Make the speech of a cue fit the time it has."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stepcli.api.speech import SpeechRequest, SpokenAudio
    from stepcli.api.spoken_sentence import SpokenSentence
    from stepcli.audio_types import PCM
    from stepcli.tasks.speech.arrangement import Slot
    from stepcli.tasks.speech.prefetch import Speak

_FASTEST = 2.0
_MARGIN = 1.08
"""Two answers to a request have different lengths, so a little more speed is asked for."""


class Fit(StrEnum):
    """What is done with speech that is too long for its cue."""

    SPEED = "speed"
    STRETCH = "stretch"
    NONE = "none"


def fitted(speak: Speak, slots: Sequence[Slot], pcm: PCM, fit: Fit) -> Speak:
    """Return `speak` for the requests of `slots`, shortened as `fit` says where they are too long.

    SPEED requests the text once more with a higher speed, STRETCH changes the tempo of the answer
    without changing its pitch; both at most double the speed. Equal cues are shortened alike.
    """
    places: dict[SpeechRequest, float] = {}
    for slot in slots:
        place = slot.end - slot.start
        if fit is not Fit.NONE and 0 < place < math.inf:
            places[slot.request] = min(place, places.get(slot.request, math.inf))

    def speak_fitted(request: SpeechRequest) -> AbstractContextManager[SpokenAudio]:
        if request not in places:
            return speak(request)
        return _shortened(speak, request, places[request], pcm, fit)

    return speak_fitted


@contextmanager
def _shortened(
    speak: Speak, request: SpeechRequest, place: float, pcm: PCM, fit: Fit
) -> Iterator[SpokenAudio]:
    whole = _whole(speak, request)
    ratio = pcm.seconds(len(whole.sound)) / place
    if ratio > 1 and fit is Fit.STRETCH:
        whole = whole.at_tempo(pcm, min(ratio, _FASTEST))
    elif ratio > 1 and (speed := _speed(request, ratio)) > (request.speed or 1.0):
        faster = _whole(speak, replace(request, speed=speed))
        whole = min(whole, faster, key=lambda answer: len(answer.sound))
    yield whole


def _speed(request: SpeechRequest, ratio: float) -> float:
    return min(_FASTEST, math.ceil(100 * _MARGIN * ratio * (request.speed or 1.0)) / 100)


def _whole(speak: Speak, request: SpeechRequest) -> _WholeAudio:
    with speak(request) as audio:
        sound = b"".join(audio)
        return _WholeAudio(sound, audio.sentences)


@dataclass(frozen=True, slots=True)
class _WholeAudio:
    """The sound of one answer in one block."""

    sound: bytes
    sentences: Sequence[SpokenSentence]

    def __iter__(self) -> Iterator[bytes]:
        yield self.sound

    def at_tempo(self, pcm: PCM, tempo: float) -> _WholeAudio:
        """Return the same speech at `tempo` times the tempo."""
        from stepcli.audio.ffmpeg import at_tempo

        sentences = [sentence.stretched(1 / tempo) for sentence in self.sentences]
        return _WholeAudio(at_tempo(self.sound, pcm, tempo), sentences)
