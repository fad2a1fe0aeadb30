"""Make a voice sample for cloning: mono WAV, without the silence around the speech."""

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
"""The recommended duration for cloning, in seconds (stepcli/api/PROTOCOL.md §5)."""

MAX_FORCED_SECONDS = 300.0
"""The longest recording that is read at all, also with ``--force``."""

FAINT_PEAK = 0.05
"""The peak below which a voice is too faint to be cloned well (-26 dBFS)."""

CLIPPED_PEAK = 0.999
"""The peak from which a recording counts as clipped."""

_WINDOW_SECONDS = 0.02
_SILENCE_RATIO = 0.02
"""The highest level of silence, relative to the loudest window (-34 dB): noise, but no breath."""
_MARGIN_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class VoiceSample:
    """A WAV file, s16le mono at ``rate`` Hz. ``duration`` is in seconds, ``peak`` from 0 to 1."""

    wav: bytes = field(repr=False)
    rate: int
    duration: float
    peak: float

    @property
    def fits(self) -> bool:
        """Whether the duration, rounded as it is shown, is what cloning recommends."""
        return MIN_SECONDS <= round(self.duration, 1) <= MAX_SECONDS


def read_voice_sample(path: Path) -> VoiceSample:
    """Return the file at ``path`` as a voice sample, without the silence at both ends.

    Raises UsageError for a file that cannot be read or converted, is silent, or far too long.
    """
    track = open_track(path, rate=None)
    spoken = _trim(_read_all(track, path), track.pcm.rate)
    if not len(spoken):
        raise UsageError(f"{path} is silent")
    return make_voice_sample(spoken, track.pcm.rate)


def make_voice_sample(samples: Samples, rate: int) -> VoiceSample:
    """Return ``samples``, from -1 to 1, as a voice sample."""
    import numpy as np

    data = np.rint(np.clip(samples, -1, 1) * np.float32(32767)).astype("<i2").tobytes()
    pcm = PCM(rate)
    peak = float(np.abs(samples).max(initial=0))
    return VoiceSample(wav.header(pcm, len(data)) + data, rate, pcm.seconds(len(data)), peak)


def _read_all(track: Track, path: Path) -> Samples:
    import numpy as np

    sound = bytearray()
    for block in track.part(0, None):
        sound += block
        if track.pcm.seconds(len(sound)) > MAX_FORCED_SECONDS:
            raise UsageError(
                f"{path} is longer than {MAX_FORCED_SECONDS / 60:g} minutes",
                hint=f"a voice sample has {MIN_SECONDS:g} to {MAX_SECONDS:g} s; cut the file first",
            )
    return np.frombuffer(sound, "<i2").astype(np.float32) / np.float32(32768)


def _trim(samples: Samples, rate: int) -> Samples:
    """Return the samples from the first to the last window with sound, and a margin around."""
    import numpy as np

    window = max(1, round(_WINDOW_SECONDS * rate))
    padded = np.pad(samples, (0, -len(samples) % window))
    levels = np.sqrt(np.square(padded.reshape(-1, window)).mean(axis=1))
    loud = np.flatnonzero(levels > max(_SILENCE_RATIO * levels.max(initial=0), 1e-4))
    if not len(loud):
        return samples[:0]
    margin = round(_MARGIN_SECONDS * rate)
    return samples[max(0, loud[0] * window - margin) : (loud[-1] + 1) * window + margin]
