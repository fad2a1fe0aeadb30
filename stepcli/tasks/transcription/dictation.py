"""Microphone to utterances: a recording is followed while it grows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from stepcli.audio.recorder import Capture
from stepcli.audio.segments import Segment
from stepcli.audio.signal import peak_level
from stepcli.audio.vad import TimeSpan, UtteranceDetector, VoiceActivityModel

_BLINK = 0.05
"""Seconds between two looks at what else has happened."""
_PATIENCE = 100
"""Looks at a device that gives nothing before it is taken for gone."""
_BLOCK_SECONDS = 0.1
_SILENCE_TOLD = 2.0
"""Seconds of nothing but zeros after which a microphone is not one."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What was just heard: ``seconds`` from the beginning, ``level`` in dBFS."""

    seconds: float
    level: float
    speaking: bool
    dead: bool
    """Whether all there has been so far, and for a while, is zeros."""


@dataclass(slots=True)
class Listener:
    """Follows ``capture`` until ``stopped``, and tells moments and the utterances that end.

    None is told where nothing has happened, so that who listens can look after something else.
    Whatever was captured before the stop is heard.
    """

    capture: Capture
    voice: VoiceActivityModel
    utterances: UtteranceDetector
    stopped: Callable[[], bool]
    _alive: bool = False

    def __iter__(self) -> Iterator[Moment | TimeSpan | None]:
        heard = 0
        for block in self._blocks():
            if not block:
                yield None
                continue
            heard += len(block)
            for probability in self.voice.feed(block):
                if span := self.utterances.feed(probability):
                    yield span
            yield self._moment(heard, block)
        if span := self.utterances.finish():
            yield span

    def _blocks(self) -> Iterator[bytes]:
        """What is on the tape, as it comes; nothing where nothing comes for a while."""
        recording_file = self.capture.recording_file
        size = round(_BLOCK_SECONDS * recording_file.pcm.rate) * recording_file.pcm.frame_bytes
        position = waited = 0
        while True:
            over = self.capture.over
            if not over and self.stopped():
                self.capture.stop()
                continue
            if block := recording_file.read(position, size):
                position, waited = position + len(block), 0
                yield block
            elif over:
                return
            elif not recording_file.wait_beyond(position, _BLINK):
                waited += 1
                yield b""
                if waited == _PATIENCE:
                    self.capture.give_up()

    def _moment(self, heard: int, block: bytes) -> Moment:
        self._alive = self._alive or any(block)
        seconds = self.capture.recording_file.pcm.seconds(heard)
        dead = not self._alive and seconds >= _SILENCE_TOLD
        return Moment(seconds, peak_level(block), self.utterances.speaking, dead)


def segment_of(capture: Capture, span: TimeSpan) -> Segment:
    """``span`` of the recording as something to recognise."""
    recording_file = capture.recording_file
    last = recording_file.size // recording_file.pcm.frame_bytes
    start, stop = (
        min(last, round(second * recording_file.pcm.rate)) for second in (span.start, span.end)
    )
    recording = recording_file.recording(start, stop)
    return Segment(
        start / recording_file.pcm.rate, stop / recording_file.pcm.rate, 0.0, "", recording
    )
