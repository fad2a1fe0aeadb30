"""Transcribe a recording while it is made: find utterances, recognize each when it ends."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Protocol

from stepcli.audio.open import open_track
from stepcli.audio.recorder import Capture
from stepcli.audio.segments import Segment, split_into_segments
from stepcli.audio.signal import peak_level
from stepcli.audio.track import Track
from stepcli.audio.vad import TimeSpan, UtteranceDetector, VoiceActivityModel
from stepcli.errors import StepcliError, UsageError
from stepcli.tasks.concurrency import OrderedResults, Outcome
from stepcli.tasks.transcription.results import RecognitionResult

_POLL_SECONDS = 0.05
_MAX_POLLS = 100
"""Polls without data after which a device is considered gone."""
_BLOCK_SECONDS = 0.1
_SILENCE_SECONDS = 2.0
"""Seconds of nothing but zeros after which a microphone is considered silent."""
_LONG_SILENCE = 5.0
"""Seconds before the first word, or after the last, that are not sent."""


@dataclass(frozen=True, slots=True)
class RecordingStatus:
    """The state of a recording after `seconds`; `level` is that of the last block in dBFS."""

    seconds: float
    level: float
    speaking: bool
    silent: bool
    """Whether the microphone has delivered only zeros so far."""


@dataclass(slots=True)
class RecordingMonitor:
    """Follows `capture` until `stopped`, and finds utterances in it.

    Iterating yields the status after each block, utterances as they end, and None while nothing
    happens. Everything that was captured before the stop is examined.
    """

    capture: Capture
    voice: VoiceActivityModel
    utterances: UtteranceDetector
    stopped: Callable[[], bool]
    _has_sound: bool = False

    def __iter__(self) -> Iterator[RecordingStatus | TimeSpan | None]:
        position = 0
        for block in self._blocks():
            if not block:
                yield None
                continue
            position += len(block)
            for probability in self.voice.feed(block):
                if span := self.utterances.feed(probability):
                    yield span
            yield self._status(position, block)
        if span := self.utterances.finish():
            yield span

    def _blocks(self) -> Iterator[bytes]:
        """Yield recorded blocks as they arrive, an empty one after each poll without data."""
        file = self.capture.recording_file
        size = round(_BLOCK_SECONDS * file.pcm.rate) * file.pcm.frame_bytes
        position = polls = 0
        while True:
            over = self.capture.ended
            if not over and self.stopped():
                self.capture.stop()
                continue
            if block := file.read(position, size):
                position, polls = position + len(block), 0
                yield block
            elif over:
                return
            elif not file.wait_beyond(position, _POLL_SECONDS):
                polls += 1
                yield b""
                if polls == _MAX_POLLS and not self.capture.may_pause:
                    self.capture.abandon()

    def _status(self, position: int, block: bytes) -> RecordingStatus:
        self._has_sound = self._has_sound or any(block)
        seconds = self.capture.recording_file.pcm.seconds(position)
        silent = not self._has_sound and seconds >= _SILENCE_SECONDS
        return RecordingStatus(seconds, peak_level(block), self.utterances.speaking, silent)


class UtteranceWriter(Protocol):
    """Takes utterances in order."""

    def add(self, segment: Segment, result: RecognitionResult) -> None: ...


class DictationView(Protocol):
    """Shows the progress of a dictation."""

    def show(self, status: RecordingStatus, pending: int = 0) -> None:
        """Show the status; `pending` utterances are being recognized."""

    def wait(self, pending: int) -> None:
        """Show that recording is over and `pending` utterances are being recognized."""

    def clear(self) -> None:
        """Make room for a result."""

    def note(self, text: str) -> None:
        """Print a message."""


@dataclass(slots=True)
class LiveTranscription:
    """Recognizes each utterance when it ends, while the next one is recorded.

    At most `jobs` are recognized at a time. `stop` ends the recording; `check` is called between
    blocks and may raise.
    """

    capture: Capture
    recognize: Callable[[Segment], RecognitionResult]
    jobs: int
    view: DictationView
    stop: Callable[[], None]
    check: Callable[[], None]
    sent: int = 0
    has_text: bool = False
    """Whether words were recognized in any utterance."""
    errors: list[StepcliError] = field(default_factory=list)

    def run(
        self,
        events: Iterable[RecordingStatus | TimeSpan | None],
        writer: UtteranceWriter,
        end: Callable[[], None],
    ) -> None:
        """Write utterances in order; call `end` when the recording is over.

        A failed utterance does not end the recording, unless the service would refuse all others
        too. Raises the first error when everything else is written.
        """
        results = OrderedResults(self.recognize, self.jobs)
        for event in events:
            if isinstance(event, RecordingStatus):
                self.view.show(event, len(results))
                self.check()
            elif event and not self._is_hopeless:
                results.submit(segment_of(self.capture, event))
                self.sent += 1
            self._write(results.completed(), writer)
        end()
        self.view.wait(len(results))
        self._write(results.remaining(), writer)
        if self.errors:
            first = self.errors[0]
            first.add_context(f"{len(self.errors)} of {self.sent} utterances are not transcribed")
            raise first

    def _write(
        self, outcomes: Iterator[Outcome[Segment, RecognitionResult]], writer: UtteranceWriter
    ) -> None:
        for outcome in outcomes:
            if outcome.result:
                self.view.clear()
                self.has_text = self.has_text or bool(outcome.result.text.strip())
                writer.add(outcome.item, outcome.result)
            elif outcome.failure:
                self._handle_error(outcome.item, outcome.failure)

    def _handle_error(self, segment: Segment, error: StepcliError) -> None:
        self.errors.append(error)
        if self._is_hopeless:
            self.stop()
        else:
            self.view.note(f"{segment.start:.1f} to {segment.end:.1f} s: {error.message}")

    @property
    def _is_hopeless(self) -> bool:
        """Whether the service would refuse all other utterances too."""
        return any(
            error.affects_all_requests or isinstance(error, UsageError) for error in self.errors
        )


def segment_of(capture: Capture, span: TimeSpan) -> Segment:
    """Return the part `span` of the recording as a segment to recognize."""
    file = capture.recording_file
    last = file.size // file.pcm.frame_bytes
    start, stop = (min(last, round(second * file.pcm.rate)) for second in (span.start, span.end))
    recording = file.recording(start, stop)
    return Segment(start / file.pcm.rate, stop / file.pcm.rate, 0.0, "", recording)


def spoken_segments(
    capture: Capture, span: TimeSpan, max_seconds: float
) -> tuple[float | None, Iterator[Segment]]:
    """Return the end in seconds and the segments of a recording, without long silence around it.

    `span` reaches from the first word to the last; a segment has at most `max_seconds`.
    """
    track = open_track(capture.recording_file.path, "the recording")
    seconds = capture.recording_file.seconds
    start = span.start if span.start > _LONG_SILENCE else 0.0
    end = span.end if seconds - span.end > _LONG_SILENCE else seconds
    if (start, end) == (0.0, seconds):
        return seconds, split_into_segments(track, max_seconds)
    first, last = (round(second * track.pcm.rate) for second in (start, end))

    def part(begin: int, stop: int | None) -> Iterator[bytes]:
        return track.part(first + begin, last if stop is None else first + stop)

    spoken = split_into_segments(Track(track.pcm, part, end - start), max_seconds)
    return end, (replace(one, start=one.start + start, end=one.end + start) for one in spoken)
