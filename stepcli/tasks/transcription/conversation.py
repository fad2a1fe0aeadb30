"""The transcript of a recording whose channels are speakers: turns in the order of time."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING

from stepcli.audio.segments import Segment
from stepcli.audio.signal import LOWEST_LEVEL, mean_level
from stepcli.subtitles.formats import DEFAULT_STYLE, Cue, CueStyle
from stepcli.tasks.transcription.transcript import PARAGRAPH_PAUSE, Transcript

if TYPE_CHECKING:
    from stepcli.subtitles.alignment import Word

CROSSTALK_LEVEL = 10.0
"""How much fainter, in dB, the same words are on a channel that has them by crosstalk."""
_SAME_TIME = 0.8
"""Most seconds between the middles of a word on two channels."""
_TIME_ERROR = 0.2
"""Seconds by which the times of words are often wrong."""
_PAUSE = 0.8
"""Seconds between two stretches of speech on a channel."""


@dataclass(frozen=True)
class Conversation(Transcript):
    """Results of the pieces of all channels, each piece with the name of its speaker."""

    @cached_property
    def text(self) -> str:
        """A line ``NAME: text`` for each turn, as `speak --script` reads it."""
        return "\n".join(turn.named_text for turn in self._turns())

    @property
    def paragraphs(self) -> str:
        """The text with a blank line between turns with a pause of PARAGRAPH_PAUSE seconds."""
        text, end = "", math.inf
        for turn in self._turns():
            text += "\n" * (1 + (turn.start - end > PARAGRAPH_PAUSE)) * bool(text)
            text += turn.named_text
            end = turn.end
        return text

    def _turns(self) -> Iterator[Cue]:
        """Yield what each speaker says before the next one does."""
        from stepcli.subtitles.alignment import spaced

        for speaker, turn in groupby(self.cues(), lambda cue: cue.speaker):
            cues = list(turn)
            texts = [cue.text for cue in cues]
            text = "".join(map(spaced, ["", *texts], texts))
            yield Cue(cues[0].start, max(cue.end for cue in cues), text, speaker=speaker)

    @property
    def duration(self) -> float:
        return max(one.end for one in self.segments) - min(one.start for one in self.segments)

    def cues(self, style: CueStyle = DEFAULT_STYLE) -> list[Cue]:
        """Return the cues of all speakers by their start, with room for the name in a line."""
        from stepcli.subtitles.cues import cues

        found = []
        for speaker, words in self._words.items():
            own = cues(words, style.beside(speaker))
            found += [replace(cue, speaker=speaker) for cue in own if cue.text]
        return sorted(found, key=lambda cue: cue.start)

    @cached_property
    def _words(self) -> Mapping[str, Sequence[Word]]:
        """The words of each speaker that are not crosstalk."""
        channels = {}
        for speaker in dict.fromkeys(segment.speaker for segment in self.segments):
            pairs = [
                (segment, result)
                for segment, result in zip(self.segments, self.results, strict=True)
                if segment.speaker == speaker
            ]
            segments, results = zip(*pairs, strict=True)
            channels[speaker or ""] = _Channel(Transcript(segments, results))
        return {
            name: list(own.without_crosstalk([one for one in channels.values() if one is not own]))
            for name, own in channels.items()
        }


class _Channel:
    """The words of one speaker, and how loud the channel is."""

    def __init__(self, transcript: Transcript) -> None:
        self._segments = transcript.segments
        self.words = list(transcript.words())

    def without_crosstalk(self, others: Sequence[_Channel]) -> Iterator[Word]:
        """Yield the words that no other channel has louder at the same time.

        Crosstalk is faint, so some of it is misheard: where half of a stretch of speech is on
        another channel, the rest of it is too, if that channel is louder.
        """
        for stretch in _stretches(self.words):
            same = [self._has(word, others) for word in stretch]
            mostly = 2 * sum(same) >= len(stretch)
            for word, is_same in zip(stretch, same, strict=True):
                if not is_same and not (mostly and self._is_fainter(word, others)):
                    yield word

    def level(self, start: float, end: float) -> float:
        """Return the level in dBFS from `start` to `end` in seconds of the recording."""
        return max((_level(one, start, end) for one in self._segments), default=LOWEST_LEVEL)

    def _has(self, word: Word, others: Sequence[_Channel]) -> bool:
        return any(self._is_fainter(word, [other]) for other in others if other.says(word))

    def says(self, word: Word) -> bool:
        """Return whether the same word is on this channel at about the same time."""
        from stepcli.subtitles.alignment import key

        middle, text = _middle(word), key(word.text)
        return any(
            abs(_middle(own) - middle) <= _SAME_TIME and key(own.text) == text
            for own in self._near(middle)
        )

    def _near(self, time: float) -> Sequence[Word]:
        from bisect import bisect_left

        first = bisect_left(self.words, time - 2 * _SAME_TIME, key=_middle)
        last = bisect_left(self.words, time + 2 * _SAME_TIME, key=_middle)
        return self.words[first:last]

    def _is_fainter(self, word: Word, others: Iterable[_Channel]) -> bool:
        start, end = word.start - _TIME_ERROR, word.end + _TIME_ERROR
        own = self.level(start, end)
        return any(other.level(start, end) - own >= CROSSTALK_LEVEL for other in others)


def _stretches(words: Sequence[Word]) -> Iterator[list[Word]]:
    stretch: list[Word] = []
    for word in words:
        if stretch and word.start - stretch[-1].end > _PAUSE:
            yield stretch
            stretch = []
        stretch.append(word)
    if stretch:
        yield stretch


def _middle(word: Word) -> float:
    return (word.start + word.end) / 2


def _level(segment: Segment, start: float, end: float) -> float:
    """Return the level of the part of `segment` from `start` to `end` in the recording."""
    first, last = max(start, segment.start), min(end, segment.end)
    if first >= last:
        return LOWEST_LEVEL
    track = segment.samples
    rate = track.pcm.rate
    part = track.part(round((first - segment.start) * rate), round((last - segment.start) * rate))
    return mean_level(part)
