"""A sound file as a voice sample: mono wav, without the silence around the speech."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from stepcli.audio import wav
from stepcli.audio.open import open_track
from stepcli.audio.track import Track
from stepcli.audio_types import PCM
from stepcli.errors import UsageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Samples = NDArray[np.float32]

MIN_SECONDS, MAX_SECONDS = 5.0, 10.0
"""Seconds of speech that cloning wants (protocol.md §5)."""

TOO_LONG = 300.0
"""The maximum seconds of a sample, even with --force."""

FAINT_PEAK = 0.05
"""A loudest sample below which a voice is too faint to copy well (-26 dBFS)."""

CLIPPED_PEAK = 0.999

_WINDOW = 0.02
_SILENT_BELOW = 0.02
_MARGIN = 0.1


@dataclass(frozen=True, slots=True)
class VoiceSample:
    """A complete wav file: s16le, mono, at ``rate`` Hz. ``peak`` is its loudest sample, 0 to 1."""

    wav: bytes = field(repr=False)
    rate: int
    duration: float
    peak: float

    @property
    def fits(self) -> bool:
        """Whether it is as long as cloning wants, rounded as it is shown."""
        return MIN_SECONDS <= round(self.duration, 1) <= MAX_SECONDS


def read_voice_sample(path: Path) -> VoiceSample:
    """The sample in the sound file at ``path``: one channel, silence at both ends taken off.

    Raises UsageError for a file that cannot be read or converted, is silent or far too long.
    """
    track = open_track(path, rate=None)
    spoken = _trimmed(_all_of(track, path), track.pcm.rate)
    if not len(spoken):
        raise UsageError(f"{path} is silent")
    return make_voice_sample(spoken, track.pcm.rate)


def make_voice_sample(samples: Samples, rate: int) -> VoiceSample:
    """``samples``, -1 to 1, as they are."""
    import numpy as np

    data = np.rint(np.clip(samples, -1, 1) * np.float32(32767)).astype("<i2").tobytes()
    pcm = PCM(rate)
    peak = float(np.abs(samples).max(initial=0))
    return VoiceSample(wav.header(pcm, len(data)) + data, rate, pcm.seconds(len(data)), peak)


def _all_of(track: Track, path: Path) -> Samples:
    import numpy as np

    sound = bytearray()
    for block in track.part(0, None):
        sound += block
        if track.pcm.seconds(len(sound)) > TOO_LONG:
            raise UsageError(
                f"{path} is longer than {TOO_LONG / 60:g} minutes",
                hint=f"a voice sample is {MIN_SECONDS:g} to {MAX_SECONDS:g} s: cut one out first",
            )
    return np.frombuffer(sound, "<i2").astype(np.float32) / np.float32(32768)


def _trimmed(samples: Samples, rate: int) -> Samples:
    """Return the samples from the first to the last window that is not silent, with a margin.

    A window is silent if it is 34 dB quieter than the loudest one: a room's noise, not a breath.
    """
    import numpy as np

    window = max(1, round(_WINDOW * rate))
    padded = np.pad(samples, (0, -len(samples) % window))
    levels = np.sqrt(np.square(padded.reshape(-1, window)).mean(axis=1))
    loud = np.flatnonzero(levels > max(_SILENT_BELOW * levels.max(initial=0), 1e-4))
    if not len(loud):
        return samples[:0]
    margin = round(_MARGIN * rate)
    return samples[max(0, loud[0] * window - margin) : (loud[-1] + 1) * window + margin]
