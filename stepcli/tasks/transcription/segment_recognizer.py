"""Recognize one piece of a recording, with as many requests as that takes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

from stepcli.api.recognition import RecognitionRequest, TranscriptDelta, TranscriptDone
from stepcli.api.traffic import traffic
from stepcli.audio.segments import Segment, is_silent, split_in_two
from stepcli.audio_types import Recording
from stepcli.errors import TooLargeError, UsageError
from stepcli.tasks.transcription.results import CompactDeltas, RecognitionResult, ResultStore
from stepcli.tasks.transcription.transcript import Transcript, add_usage

Recognize = Callable[
    [RecognitionRequest], AbstractContextManager[Iterator[TranscriptDelta | TranscriptDone]]
]
Received = Callable[[TranscriptDelta], None]

_MAX_HALVINGS = 2
"""How many times in a row a refused piece is cut in two."""


@dataclass(frozen=True, slots=True)
class SegmentRecognizer:
    """Recognizes pieces; `request` makes the request for a recording, `recognize` sends it.

    `store` keeps results for a later run. A piece that the service refuses as too large is cut in
    two. If no language is requested and no words are recognized in a piece that is not silent,
    each of `languages` is tried.
    """

    request: Callable[[Recording], RecognitionRequest]
    recognize: Recognize
    store: ResultStore | None = None
    languages: Sequence[str] = ()

    def result(self, segment: Segment, received: Received) -> RecognitionResult:
        """Return the result of `segment`; call `received` with each delta as it arrives."""
        return self._result(segment, received, _MAX_HALVINGS)

    def _result(self, segment: Segment, received: Received, halvings: int) -> RecognitionResult:
        request = self.request(segment.recording)
        result = self.store.load(segment.digest, request) if self.store else None
        if result:
            traffic.reuse()
            for delta in result.deltas:
                received(delta)
            return result
        try:
            result = self._recognized(segment, request, received)
        except TooLargeError:
            parts = split_in_two(segment) if halvings else []
            if len(parts) < 2:
                raise
            return self._joined(segment, parts, received, halvings - 1)
        if self.store:
            self.store.save(segment.digest, request, result)
        return result

    def _recognized(
        self, segment: Segment, request: RecognitionRequest, received: Received
    ) -> RecognitionResult:
        """Return the result, in another language if there are no words."""
        result = self._sent(request, received)
        if result.text.strip() or request.language or not self.languages or is_silent(segment):
            return result
        for language in self.languages:
            try:
                again = self._sent(replace(request, language=language), received)
            except UsageError:  # the model does not support this language
                continue
            usage = add_usage(result.usage, again.usage)
            result = replace(again, usage=usage, other_ids=result.ids)
            if result.text.strip():
                break
        return result

    def _sent(self, request: RecognitionRequest, received: Received) -> RecognitionResult:
        with self.recognize(request) as events:
            return collect(events, received)

    def _joined(
        self, segment: Segment, parts: Sequence[Segment], received: Received, halvings: int
    ) -> RecognitionResult:
        """Return the results of `parts` as that of `segment`."""
        results = [
            self._result(part, _shifted(received, part.start - segment.start), halvings)
            for part in parts
        ]
        transcript = Transcript(parts, results)
        deltas = [TranscriptDelta(transcript.text)]
        if transcript.timed:
            deltas = [
                TranscriptDelta(word.text, word.start - segment.start, word.end - segment.start)
                for word in transcript.words()
            ]
        *others, (session, trace) = (ids for result in results for ids in result.ids)
        return RecognitionResult(
            transcript.text,
            CompactDeltas(deltas),
            transcript.usage,
            session,
            trace,
            tuple(others),
        )


def collect(
    events: Iterable[TranscriptDelta | TranscriptDone], received: Received
) -> RecognitionResult:
    """Return the result at the end of `events`; call `received` with each delta."""
    deltas: list[TranscriptDelta] = []
    for event in events:
        if isinstance(event, TranscriptDone):
            return RecognitionResult.of(deltas, event)
        deltas.append(event)
        received(event)
    raise AssertionError("recognition ends with TranscriptDone or raises")


def _shifted(received: Received, seconds: float) -> Received:
    """Return a function that calls `received` with a delta that is `seconds` later."""

    def call(delta: TranscriptDelta) -> None:
        if delta.start is not None and delta.end is not None:
            delta = replace(delta, start=delta.start + seconds, end=delta.end + seconds)
        received(delta)

    return call
