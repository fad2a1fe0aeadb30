"""Arrange the parts of one sound: silence between them, times to begin at, one level for voices."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from stepcli.api.speech import SpeechRequest
from stepcli.audio.signal import amplified, largest_gain, speech_power
from stepcli.audio_types import PCM, AudioFormat
from stepcli.tasks.speech.fit import Fit
from stepcli.tasks.speech.parts import LivePacing, Passage, SpeechPart
from stepcli.tasks.speech.prefetch import Prefetcher

_BLOCK = 64 * 1024
_LARGEST_CHANGE = 4.0
"""The largest factor by which a voice is amplified or attenuated (12 dB)."""
_TOLERANCE = 0.01
"""Seconds by which a cue may run over without being reported."""


@dataclass(frozen=True, slots=True)
class Slot:
    """The place of a part in the sound, times in seconds.

    The part follows the one before it after `pause`, but does not begin before `start`; `rest` is
    silence after it. `end` is when the next part is due, infinity if this one may take any time.
    `speaker` is the name in a script, `cue` the number of a subtitle, counted from 1.
    """

    request: SpeechRequest
    speaker: str | None = None
    pause: float = 0.0
    rest: float = 0.0
    start: float = 0.0
    end: float = math.inf
    cue: int | None = None


@dataclass(frozen=True, slots=True)
class Composition:
    """A sound of several voices or times: its parts in order.

    With `level`, all voices are brought to the level of the first. `fit` says what is done with
    speech that is too long for its cue. `text` is what was written, including stage directions that
    are in no part.
    """

    slots: Sequence[Slot]
    level: bool = True
    fit: Fit = Fit.NONE
    text: str = ""

    @property
    def is_timed(self) -> bool:
        """Whether the parts are cues with times of their own."""
        return any(slot.cue for slot in self.slots)

    @property
    def identity(self) -> list[str]:
        """What else than the requests decides which sound is kept for them."""
        if self.fit is Fit.NONE:
            return []
        return [self.fit, *(f"{slot.end - slot.start:.3f}" for slot in self.slots)]

    @property
    def requests(self) -> list[SpeechRequest]:
        """The requests of the parts in order."""
        return [slot.request for slot in self.slots]

    @property
    def labels(self) -> list[str]:
        """The number of each part, and its speaker if a name in the script selected one."""
        numbered = enumerate(self.slots, 1)
        return [f"{number} {slot.speaker or ''}".rstrip() for number, slot in numbered]

    def with_format(self, format: AudioFormat) -> Composition:
        """Return the same composition of audio in `format`."""
        slots = [replace(one, request=replace(one.request, format=format)) for one in self.slots]
        return replace(self, slots=slots)


class Arrangement:
    """Iterates over the parts of a `Prefetcher`, each with its place and level in the sound.

    `late` maps each cue that ran over to the seconds by which it did; it is complete when the last
    part was output.
    """

    def __init__(self, parts: Prefetcher, composition: Composition, pcm: PCM) -> None:
        self.late: dict[int, float] = {}
        self._parts = parts
        self._slots = composition.slots
        self._live = _Layout(pcm, self.late)
        self._file = _Layout(pcm, self.late)
        voices = {slot.request.voice for slot in composition.slots}
        self._leveler = Leveler(pcm) if composition.level and len(voices) > 1 else None

    @property
    def first_audio_at(self) -> float | None:
        """The time (time.monotonic) of the first sound."""
        return self._parts.first_audio_at

    def __iter__(self) -> Iterator[ArrangedPart]:
        """Yield the parts in order, as the `Prefetcher` does."""
        for slot, part in zip(self._slots, self._parts, strict=True):
            yield ArrangedPart(part, slot, self._leveler, self._live, self._file)

    def close(self, part: ArrangedPart) -> None:
        """Close the files of a part that was output."""
        self._parts.close(part.part)

    def settle(self) -> None:
        """Request nothing new, and wait until what is under way has arrived and is kept."""
        self._parts.settle()


class ArrangedPart:
    """A part with the silence around it, at its level; it is read as a `SpeechPart` is."""

    def __init__(
        self,
        part: SpeechPart,
        slot: Slot,
        leveler: Leveler | None,
        live: _Layout,
        file: _Layout,
    ) -> None:
        self.part = part
        self._slot = slot
        self._leveler = leveler
        self._live = live
        self._file = file
        self._live_start = self._file_start = 0
        self._gain: float | None = None

    @property
    def is_ready(self) -> bool:
        """Whether `blocks` does not have to wait."""
        return self.part.is_ready

    def live_blocks(self, pacing: LivePacing) -> Iterator[bytes]:
        """Yield silence and sound for a listener.

        A part whose level may change is delivered when it is whole. That of the first part does
        not: it is the level that others are brought to.
        """
        yield from _delivered(self._live.before(self._slot), pacing)
        self._live_start = self._live.size
        yield from self._live.add(self._live_sound(pacing))
        yield from _delivered(self._live.after(self._slot), pacing)

    def blocks(self) -> Iterator[bytes]:
        """Wait until one answer is whole, then yield its sound with the silence around it."""
        yield from self._file.before(self._slot)
        self._file_start = self._file.size
        sound = self._leveled(self._leveler) if self._leveler else self.part.blocks()
        yield from self._file.add(sound)
        yield from self._file.after(self._slot)

    def live_passages(self) -> list[Passage]:
        """Return what `live_blocks` has yielded so far, without the silence."""
        return self._placed(self.part.live_passages(), self._live_start)

    def passages(self) -> list[Passage]:
        """Return what `blocks` yielded, without the silence."""
        return self._placed(self.part.passages(), self._file_start)

    def _placed(self, passages: Sequence[Passage], start: int) -> list[Passage]:
        named = [replace(one, speaker=self._slot.speaker) for one in passages]
        return [replace(named[0], start=start), *named[1:]] if named else []

    def _live_sound(self, pacing: LivePacing) -> Iterator[bytes]:
        if self._leveler is None:
            yield from self.part.live_blocks(pacing)
        elif self.part.number:
            yield from _delivered(self._leveled(self._leveler), pacing)
        else:
            delivered = []
            for block in self.part.live_blocks(pacing):
                delivered.append(block)
                yield block
            self._gain = self._leveler.gain(self._slot.request, b"".join(delivered))

    def _leveled(self, leveler: Leveler) -> Iterator[bytes]:
        sound = b"".join(self.part.blocks())
        if self._gain is None:
            self._gain = leveler.gain(self._slot.request, sound)
        yield amplified(sound, self._gain)


def _delivered(blocks: Iterator[bytes], pacing: LivePacing) -> Iterator[bytes]:
    for block in blocks:
        pacing.delivered(len(block))
        yield block


class _Layout:
    """The sound so far of one output, in samples."""

    def __init__(self, pcm: PCM, late: dict[int, float]) -> None:
        self._pcm = pcm
        self._late = late
        self._position = 0

    @property
    def size(self) -> int:
        """The sound so far in bytes."""
        return self._position * self._pcm.frame_bytes

    def before(self, slot: Slot) -> Iterator[bytes]:
        """Yield the silence before a part."""
        pause = round(slot.pause * self._pcm.rate)
        start = round(slot.start * self._pcm.rate)
        return self._silence(max(pause, start - self._position))

    def add(self, sound: Iterator[bytes]) -> Iterator[bytes]:
        """Yield `sound`, and count it."""
        for block in sound:
            self._position += len(block) // self._pcm.frame_bytes
            yield block

    def after(self, slot: Slot) -> Iterator[bytes]:
        """Note whether the part has run over, and yield the silence after it."""
        over = self._position / self._pcm.rate - slot.end
        if slot.cue is not None and over > _TOLERANCE:
            self._late[slot.cue] = round(over, 3)
        return self._silence(round(slot.rest * self._pcm.rate))

    def _silence(self, samples: int) -> Iterator[bytes]:
        size = self._pcm.frame_bytes * max(0, samples)
        return self.add(bytes(min(_BLOCK, size - at)) for at in range(0, size, _BLOCK))


class Leveler:
    """Chooses the gain that brings each voice to the level of the first one.

    The level of a voice is measured over all its parts so far, so that what one part whispers
    stays quieter than another. The volume that a request asks for is kept.
    """

    def __init__(self, pcm: PCM) -> None:
        self._pcm = pcm
        self._reference: str | None = None
        self._energies: dict[str, float] = {}
        self._seconds: dict[str, float] = {}

    def gain(self, request: SpeechRequest, sound: bytes) -> float:
        """Return the gain for `sound`, the next part that `request` was for."""
        voice = request.voice
        self._reference = self._reference or voice
        power, seconds = speech_power(sound, self._pcm)
        power /= (request.volume or 1.0) ** 2
        self._energies[voice] = self._energies.get(voice, 0.0) + power * seconds
        self._seconds[voice] = self._seconds.get(voice, 0.0) + seconds
        if voice == self._reference or not self._power(voice) or not self._power(self._reference):
            return 1.0
        wanted = math.sqrt(self._power(self._reference) / self._power(voice))
        bounded = min(max(wanted, 1 / _LARGEST_CHANGE), _LARGEST_CHANGE)
        return min(bounded, max(1.0, largest_gain(sound)))

    def _power(self, voice: str) -> float:
        seconds = self._seconds[voice]
        return self._energies[voice] / seconds if seconds else 0.0
