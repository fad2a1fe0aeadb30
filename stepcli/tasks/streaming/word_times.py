"""The time line of streamed speech: word times arrive late, and belong to one of several sessions.

The times of a session count from its own first sound, and each names the sentence that it is for
(stepcli/api/PROTOCOL.md, section 4).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from stepcli.api.spoken_sentence import SpokenSentence
from stepcli.subtitles.alignment import key
from stepcli.subtitles.timeline import Timeline
from stepcli.tasks.streaming.sentence_output import Sentence


@dataclass(slots=True)
class _Session:
    """Where the sound of a session begins, and the word times that came in it.

    `start` is in seconds of the output; before it, only live sinks had `discarded` seconds more.
    """

    start: float
    discarded: float
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
    """Collects word times while sentences are spoken.

    `started` are the number and the text of the sentence that was started last. The methods that
    return word times belong to one thread at a time, all others to the thread that receives.
    """

    def __init__(self) -> None:
        self.started = (-1, "")
        self._sessions: list[_Session] = []
        self._origins: dict[int, tuple[_Session, str]] = {}
        self._found: dict[int, SpokenSentence] = {}

    def begin_session(self, start: float, discarded: float = 0.0) -> None:
        """Note that the sound of a session begins after `start` seconds of the output.

        Live sinks had `discarded` seconds more before it.
        """
        self._sessions.append(_Session(start, discarded))

    def start_sentence(self, number: int, text: str) -> None:
        """Note that sentence `number` of the output, from 0, is started, possibly once more."""
        self.started = (number, text)

    def end_sentence(self, number: int, request_id: str) -> None:
        """Note that sentence `number` of the output, from 0, ends in the current session.

        Call it before the output has the sentence.
        """
        self._origins[number] = (self._sessions[-1], request_id)

    def add(self, spoken: SpokenSentence) -> None:
        """Take the word times of a sentence of the current session."""
        self._sessions[-1].reported.append(spoken)

    def discarded(self, number: int) -> float:
        """Return how many seconds more live sinks had before sentence `number`."""
        return self._origins[number][0].discarded if number in self._origins else 0.0

    def timeline(self, sentences: Sequence[Sentence], delay: float, *, markdown: bool) -> Timeline:
        """Return the words of the output, which consists of `sentences`.

        In its file, the sound begins after `delay` seconds. `markdown` says that the text is
        Markdown.
        """
        timeline = Timeline(delay)
        for number, sentence in enumerate(sentences):
            self.extend(timeline, number, sentence, delay, markdown=markdown)
        return timeline

    def extend(
        self, timeline: Timeline, number: int, sentence: Sentence, delay: float, *, markdown: bool
    ) -> None:
        """Append the words of `sentence` to `timeline`, `delay` seconds later than in the output.

        The sentence does not include the sound of a session in which it was cut.
        """
        spoken = self.of_sentence(number, sentence)
        session, _ = self._origins.get(number, (None, ""))
        if session:
            sentence = replace(sentence, start=max(sentence.start, session.start))
        start, end = _extent(sentence, spoken)
        timeline.seconds = delay + start
        timeline.add(
            sentence.text, [one.moved(-start) for one in spoken], end - start, markdown=markdown
        )

    def of_sentence(self, number: int, sentence: Sentence) -> list[SpokenSentence]:
        """Return the word times of a sentence in seconds of the output, if there are any."""
        if number not in self._origins:
            return []
        session, request_id = self._origins[number]
        spoken = self._found.get(number) or session.take(sentence, request_id)
        if spoken is None:
            return []
        self._found[number] = spoken
        return [spoken.moved(session.start)]


def _extent(sentence: Sentence, spoken: Sequence[SpokenSentence]) -> tuple[float, float]:
    """Return where a sentence begins and ends; compressed sound is measured in whole pages."""
    items = [item for one in spoken for item in one.items]
    starts = [item.start for item in items if item.start is not None]
    ends = [item.end for item in items if item.end is not None]
    return min([sentence.start, *starts]), max([sentence.end, *ends])
