"""Follow a recording while it is made: its level, and the speech in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from stepcli.audio.recorder import Capture
from stepcli.audio.signal import peak_level
from stepcli.audio.vad import Ended, SpeechEvent, TimeSpan, UtteranceDetector, VoiceActivityModel

_POLL_SECONDS = 0.05
_MAX_POLLS = 100
"""Polls without data after which a device is considered gone."""
_BLOCK_SECONDS = 0.1
_SILENCE_SECONDS = 2.0
"""Seconds of nothing but zeros after which a microphone is considered silent."""


@dataclass(frozen=True, slots=True)
class RecordingStatus:
    """The state of a recording after `seconds`; `level` is that of the last block in dBFS.

    `spoken` is the current segment so far, None where nothing is being said.
    """

    seconds: float
    level: float
    speaking: bool
    silent: bool
    """Whether the microphone has delivered only zeros so far."""
    spoken: TimeSpan | None = None


RecordingEvent = RecordingStatus | SpeechEvent


@dataclass(slots=True)
class RecordingMonitor:
    """Follows `capture` until `stopped`, and finds utterances in it.

    Iterating yields the status after each block, what happens in the speech, and None while
    nothing does. Everything that was captured before the stop is examined.
    """

    capture: Capture
    voice: VoiceActivityModel
    utterances: UtteranceDetector
    stopped: Callable[[], bool]
    _has_sound: bool = False

    def __iter__(self) -> Iterator[RecordingEvent | None]:
        position = 0
        for block in self._blocks():
            if not block:
                yield None
                continue
            position += len(block)
            for probability in self.voice.feed(block):
                if event := self.utterances.feed(probability):
                    yield event
            yield self._status(position, block)
        if event := self.utterances.finish():
            yield event

    def _blocks(self) -> Iterator[bytes]:
        """Yield recorded blocks as they arrive, an empty one after each poll without data."""
        file = self.capture.recording_file
        size = file.pcm.size(_BLOCK_SECONDS)
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
        level, utterances = peak_level(block), self.utterances
        return RecordingStatus(seconds, level, utterances.speaking, silent, utterances.spoken)


def until_final(events: Iterable[RecordingEvent | None]) -> Iterator[RecordingEvent | None]:
    """Yield `events` up to the end of the first utterance."""
    for event in events:
        yield event
        if isinstance(event, Ended) and event.final:
            return
