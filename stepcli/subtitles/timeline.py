"""The words of a sound that consists of several answers, in the time of the whole sound."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple, Protocol

from stepcli.subtitles.alignment import TimedText, Word, key, shift, spaced, words
from stepcli.text.markdown import without_markdown
from stepcli.text.stage_directions import without_directions


class TimedSentence(Protocol):
    """A sentence as the service reports it; there are no items where it has no word times."""

    @property
    def text(self) -> str: ...
    @property
    def items(self) -> Sequence[TimedText]: ...


class Timeline:
    """The words of a sound, at their times in it.

    `seconds` is the length of the sound so far. Of the `sentences`, `untimed` had no word times;
    `is_reported` says whether the service reported any sentence.
    """

    def __init__(self, start: float = 0.0) -> None:
        self.words: list[Word] = []
        self.seconds = start
        self.sentences = 0
        self.untimed = 0
        self.is_reported = False

    def add(
        self,
        text: str,
        sentences: Sequence[TimedSentence],
        seconds: float,
        *,
        markdown: bool = False,
        speaker: str | None = None,
    ) -> None:
        """Append a sound of `seconds` that speaks `text`.

        `sentences` have times relative to its beginning. Words without times share the time
        between their neighbors. The words are those of `text`, without its formatting if it is
        `markdown`, and have the name of the `speaker`.
        """
        spoken = without_directions(without_markdown(text) if markdown else text)
        spoken = spaced(self.words[-1].text if self.words else "", spoken)
        timed = words(spoken, list(_deltas(sentences)), seconds)
        self.words += [replace(one, speaker=speaker) for one in shift(timed, self.seconds)]
        self.seconds += seconds
        self._count(spoken, sentences)

    def _count(self, spoken: str, sentences: Sequence[TimedSentence]) -> None:
        audible = [sentence for sentence in sentences if key(sentence.text)]
        missing = bool(key(spoken)) and not audible
        self.sentences += len(audible) + missing
        self.untimed += sum(not sentence.items for sentence in audible) + missing
        self.is_reported = self.is_reported or bool(audible)


class _Untimed(NamedTuple):
    text: str
    start: float | None = None
    end: float | None = None


def _deltas(sentences: Iterable[TimedSentence]) -> Iterable[TimedText]:
    for sentence in sentences:
        yield from sentence.items or [_Untimed(sentence.text)]
