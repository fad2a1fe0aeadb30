"""The time line of streamed speech: word times arrive late, and belong to one of several sessions.

The times of a session count from its own first sound, and each names the sentence that it is for
(stepcli/api/PROTOCOL.md, section 4).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from stepcli.api.spoken_sentence import SpokenSentence
from stepcli.subtitles.alignment import key
from stepcli.subtitles.formats import Sentence
from stepcli.subtitles.timeline import Timeline


@dataclass(slots=True)
class _Session:
    """Where the sound of a session begins, in seconds, and the word times that came in it."""

    start: float
    reported: list[SpokenSentence] = field(default_factory=list)

    def take(self, sentence: Sentence, request_id: str) -> SpokenSentence | None:
        """Return the word times of `sentence`, by its id, or by its text if an id is missing."""
        for spoken in self.reported:
            known = request_id and spoken.request_id
            if known and spoken.request_id == request_id:
                break
            if not known and key(spoken.text) == key(sentence.text):
                break
        else:
            return None
        self.reported.remove(spoken)
        return spoken


class StreamWordTimes:
    """Collects word times while sentences are spoken, for the time line of all of them."""

    def __init__(self) -> None:
        self._sessions: list[_Session] = []
        self._places: dict[int, tuple[_Session, str]] = {}

    def begin_session(self, start: float) -> None:
        """Note that the sound of a session begins after `start` seconds of the output."""
        self._sessions.append(_Session(start))

    def end_sentence(self, number: int, request_id: str) -> None:
        """Note that sentence `number` of the output, from 0, belongs to the current session."""
        self._places[number] = (self._sessions[-1], request_id)

    def add(self, spoken: SpokenSentence) -> None:
        """Take the word times of a sentence of the current session."""
        self._sessions[-1].reported.append(spoken)

    def timeline(self, sentences: Sequence[Sentence], delay: float, *, markdown: bool) -> Timeline:
        """Return the words of the output, which consists of `sentences`.

        In its file, the sound begins after `delay` seconds. `markdown` says that the text is
        Markdown.
        """
        timeline = Timeline(delay)
        for number, sentence in enumerate(sentences):
            spoken = self._spoken(number, sentence)
            start, end = _extent(sentence, spoken)
            timeline.seconds = delay + start
            timeline.add(
                sentence.text,
                [one.moved(-start) for one in spoken],
                end - start,
                markdown=markdown,
            )
        return timeline

    def _spoken(self, number: int, sentence: Sentence) -> list[SpokenSentence]:
        """Return the word times of a sentence in seconds of the output, if there are any."""
        if number not in self._places:
            return []
        session, request_id = self._places[number]
        spoken = session.take(sentence, request_id)
        return [spoken.moved(session.start)] if spoken else []


def _extent(sentence: Sentence, spoken: Sequence[SpokenSentence]) -> tuple[float, float]:
    """Return where a sentence begins and ends; compressed sound is measured in whole pages."""
    items = [item for one in spoken for item in one.items]
    starts = [item.start for item in items if item.start is not None]
    ends = [item.end for item in items if item.end is not None]
    return min([sentence.start, *starts]), max([sentence.end, *ends])
