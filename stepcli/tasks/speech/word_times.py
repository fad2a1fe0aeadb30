"""The time line of spoken text, from the word times that its answers reported."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from pathlib import Path
from typing import Generic

from stepcli.api.speech import SpeechRequest
from stepcli.audio_types import PCM, AudioFormat
from stepcli.subtitles.read_along import Place, Span, current, places
from stepcli.subtitles.timeline import Timeline
from stepcli.tasks.speech.delivery import P, PartSource
from stepcli.tasks.speech.parts import Passage
from stepcli.text.markdown import without_markdown
from stepcli.text.speaking_time import speaking_time


def timeline_of_parts(
    request: SpeechRequest, passages: Iterable[Passage], pcm: PCM, delay: float
) -> Timeline:
    """Return the words of `passages`, the sound of which is joined after `delay` seconds.

    `request` has the options of the requests.
    """
    timeline = Timeline(delay)
    for passage in passages:
        text, seconds = passage.text, pcm.seconds(passage.size)
        if passage.start is not None:
            timeline.seconds = delay + pcm.seconds(passage.start)
            text = f"\n\n{text}"
        timeline.add(
            text,
            passage.sentences,
            seconds,
            markdown=request.markdown,
            speaker=passage.speaker,
        )
    return timeline


def timeline_of_answer(request: SpeechRequest, passage: Passage, path: Path) -> Timeline:
    """Return the words of a single answer, whose bytes are in the file `path`.

    Without the file, the sound is taken to be as long as the last word says.
    """
    from stepcli.audio.decode import read_info
    from stepcli.audio.mp3 import delay

    kept = path.is_file()
    timeline = Timeline(delay(path) if kept and request.format is AudioFormat.MP3 else 0.0)
    measured = read_info(path) if kept and request.format is not AudioFormat.PCM else None
    if measured:
        seconds = measured.duration - timeline.seconds
    else:
        seconds = _last_end(passage) or speaking_time(passage.text)
    timeline.add(passage.text, passage.sentences, seconds, markdown=request.markdown)
    return timeline


def _last_end(passage: Passage) -> float:
    """Return where in a passage its last word ends in seconds, 0 if no word has a time."""
    return max((sentence.end for sentence in passage.sentences), default=0.0)


class ReadAlongParts(Generic[P]):
    """Yields the parts of `source`, and knows where their words are while they are played.

    `text`, which is shown, joins the texts of their `requests` with `separator`. All methods but
    `at` and `places` belong to the thread that plays; these belong to one other thread.
    """

    def __init__(
        self,
        source: PartSource[P],
        requests: Sequence[SpeechRequest],
        pcm: PCM,
        separator: str = "",
    ) -> None:
        self._markdown = requests[0].markdown
        self._texts = texts = [self._shown(request.text) for request in requests]
        self.text = separator.join(texts)
        self._offsets = list(accumulate((len(text) + len(separator) for text in texts), initial=0))
        self._source = source
        self._pcm = pcm
        self._begun: list[P] = []
        self._settled: list[Place] = []
        self._settled_parts = 0
        self._position = 0.0
        self._key: object = None
        self._current: list[Place] = []

    @property
    def first_audio_at(self) -> float | None:
        """The time (time.monotonic) of the first sound."""
        return self._source.first_audio_at

    def __iter__(self) -> Iterator[P]:
        """Yield the parts in order."""
        for part in self._source:
            self._begun.append(part)
            yield part

    def close(self, part: P) -> None:
        """Close the files of a part that was output."""
        self._source.close(part)

    def settle(self) -> None:
        """Request nothing new, and wait until what is under way has arrived and is kept."""
        self._source.settle()

    def at(self, seconds: float) -> tuple[str, Span | None]:
        """Return `text`, and its word that is spoken after `seconds`; None before the first."""
        return self.text, current(self.places(), seconds)

    def places(self) -> list[Place]:
        """Return where the words are in `text` whose times are known, in the order of times."""
        while self._settled_parts < len(self._begun) - 1:
            found, self._position = self._places(self._settled_parts, is_complete=True)
            self._settled += found
            self._settled_parts += 1
        if self._begun:
            number = self._settled_parts
            part = self._begun[number]
            is_complete = part.is_ready
            key = [(len(one.sentences), is_complete and one.size) for one in part.live_passages()]
            if (number, key) != self._key:
                self._key = (number, key)
                self._current, _ = self._places(number, is_complete=is_complete)
        return self._settled + self._current

    def _places(self, number: int, *, is_complete: bool) -> tuple[list[Place], float]:
        """Return the places of the words of a part, and where its sound ends in seconds.

        Of an answer that is not complete, only words have a place whose times have come.
        """
        found: list[Place] = []
        position, whole = self._position, self._texts[number]
        for passage in self._begun[number].live_passages():
            text, timeline = self._shown(passage.text), Timeline()
            if passage.start is not None:
                position = self._pcm.seconds(passage.start)
            timeline.seconds = position
            last = _last_end(passage)
            known = math.inf if is_complete else position + last
            timeline.add(text, passage.sentences, max(self._pcm.seconds(passage.size), last))
            offset = self._offsets[number] + (len(whole) - len(text)) * whole.endswith(text)
            found += [one for one in places(text, timeline.words, offset) if one.seconds < known]
            position += self._pcm.seconds(passage.size)
        return found, position

    def _shown(self, text: str) -> str:
        return without_markdown(text) if self._markdown else text
