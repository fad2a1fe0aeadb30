"""Read along with streamed speech: text that grows while it is played."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from stepcli.subtitles.read_along import Place, Span, current, places
from stepcli.subtitles.timeline import Timeline
from stepcli.tasks.streaming.sentence_output import Sentence, SentenceOutput
from stepcli.tasks.streaming.word_times import StreamWordTimes
from stepcli.text.markdown import without_markdown


class ReadAlongSentences:
    """Knows the text and the words of the sentences that a player plays, in its time.

    Each sentence is a line, which is added when it begins to play. Its words are known when all of
    its sound has arrived; until its word times arrive, they share its time. Only one thread may
    call `at`, which need not be the thread that receives.
    """

    def __init__(self, output: SentenceOutput, times: StreamWordTimes, *, markdown: bool) -> None:
        self._output = output
        self._times = times
        self._markdown = markdown
        self._origin = output.seconds + output.discarded_seconds
        self._first = self._next = len(output.sentences)
        self._text = ""
        self._line = Span(0, 0)
        self._known: tuple[object, list[Place]] = (None, [])

    def at(self, seconds: float) -> tuple[str, Span | None]:
        """Return the text that has begun to play after `seconds`, and the current word in it.

        The word is None before the first sentence, and empty while the words are unknown.
        """
        while (text := self._received(self._next)) is not None:
            if self._start(self._next) >= seconds:
                break
            self._append(text)
            self._next += 1
        word = current(self._places(self._next - 1), seconds) if self._next > self._first else None
        return self._text, word

    def _append(self, text: str) -> None:
        line = (without_markdown(text) if self._markdown else text).strip()
        self._text += "\n" if self._text else ""
        self._line = Span(len(self._text), len(self._text) + len(line))
        self._text += line

    def _received(self, number: int) -> str | None:
        """Return the text of a sentence; None if it is not known yet."""
        if number < len(self._output.sentences):
            return self._output.sentences[number].text
        started, text = self._times.started
        return text if started == number and text else None

    def _start(self, number: int) -> float:
        """Return when a sentence begins, which is where the one before it ends."""
        if number == self._first:
            return 0.0
        return self._output.sentences[number - 1].end + self._delay(number - 1)

    def _delay(self, number: int) -> float:
        """Return by how much the player plays a sentence later than it is in the output."""
        return self._times.discarded(number) - self._origin

    def _places(self, number: int) -> list[Place]:
        """Return the places of the start and the words of the last sentence in the text."""
        start = Place(self._start(number), Span(self._line.start, self._line.start))
        if number >= len(self._output.sentences):
            return [start]
        sentence = self._output.sentences[number]
        key = (number, bool(self._times.of_sentence(number, sentence)))
        if key != self._known[0]:
            self._known = (key, [start, *self._words(number, sentence)])
        return self._known[1]

    def _words(self, number: int, sentence: Sentence) -> Iterator[Place]:
        text, timeline = self._text[slice(*self._line)], Timeline()
        shown = replace(sentence, text=text)
        self._times.extend(timeline, number, shown, self._delay(number), markdown=False)
        return places(text, timeline.words, self._line.start)
