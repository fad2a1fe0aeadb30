"""Measure, mix and amplify samples: pauses, levels, and channels of opposite phase.

`find_quietest` and `peak_level` use no numpy: 20 s of sound take some milliseconds, but loading
numpy takes a tenth of a second and half as much memory again in a run that converts nothing.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from stepcli.audio_types import PCM

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_FRAME_SECONDS = 0.02
_PAUSE_FRAMES = 25
"""Half a second: the usual pause between sentences."""
_PAUSE_RATIO = 0.2
"""Highest level of a pause, relative to the 90th percentile of its surroundings (-14 dB)."""
_CANCELLED_RATIO = 0.1
"""Highest level of the mean of two inverse channels, relative to their difference (-20 dB)."""
SILENT_LEVEL = -50.0
"""Highest peak of silence in dBFS."""
SILENCE_LEVEL = -60.0
"""The lowest level that ``peak_level`` returns, in dBFS."""
LOWEST_LEVEL = -200.0
"""Below everything that 16-bit samples can hold, in dBFS."""
_SPEECH_FRAME_SECONDS = 0.05
_SPEECH_GATE = 0.01
"""Lowest power of a frame that is speech, relative to the loudest one (-20 dB)."""
_LARGEST_SAMPLE = 32767


@dataclass(frozen=True, slots=True)
class QuietPoint:
    """The middle of the quietest half second: its frame, and whether it is a pause in speech."""

    frame: int
    is_pause: bool


def find_quietest(samples: bytes | bytearray, pcm: PCM) -> QuietPoint:
    """Return the quietest point of s16le ``samples``, the last of several that are equal.

    ``samples`` have the shape ``pcm`` and last at least 20 ms.
    """
    levels = _levels(samples, pcm)
    width = min(_PAUSE_FRAMES, len(levels))
    sums = list(accumulate(levels, initial=0))
    means = [(after - before) / width for before, after in zip(sums, sums[width:], strict=False)]
    lowest = min(means)
    last = max(index for index, mean in enumerate(means) if mean == lowest)
    loud = sorted(levels)[len(levels) * 9 // 10]
    middle = (last + width / 2) * _FRAME_SECONDS * pcm.rate
    return QuietPoint(round(middle), lowest <= _PAUSE_RATIO * loud)


def peak_level(block: bytes) -> float:
    """Return the level of the loudest s16le sample in ``block`` in dBFS, at least SILENCE_LEVEL."""
    from math import log10

    peak = max(map(abs, array("h", block)), default=0)
    return max(SILENCE_LEVEL, 20 * log10(peak / 32768)) if peak else SILENCE_LEVEL


def frames_of(samples: bytes, channels: int = 1) -> NDArray[np.int16]:
    """Return s16le ``samples`` as an array of frames by channels."""
    import numpy as np

    return np.frombuffer(samples, "<i2").reshape(-1, channels)


def mono_samples(samples: bytes, channels: int) -> bytes:
    """Return s16le ``samples`` mixed to mono."""
    mono: bytes = mix_to_mono(frames_of(samples, channels)).astype("<i2").tobytes()
    return mono


def mix_to_mono(frames: Any) -> Any:
    """Return the mean of the channels in ``frames``, a numpy array of frames by channels.

    Two channels of opposite phase, as a balanced microphone gives in a stereo input, cancel each
    other out in the mean. Then half their difference is returned, which is what they carry.
    """
    if frames.shape[1] != 2:
        return frames.mean(axis=1)
    mean, difference = _mid_and_side(frames)
    return difference if _cancels(mean, difference) else mean


def channel_of(frames: Any, channel: int) -> Any:
    """Return one channel of ``frames``; the last one if there are fewer."""
    return frames[:, min(channel, frames.shape[1] - 1)]


def mean_level(blocks: Iterable[bytes]) -> float:
    """Return the RMS level of s16le samples in dBFS, LOWEST_LEVEL for digital silence."""
    import numpy as np

    samples = frames_of(b"".join(blocks)).astype(float)
    power = float(np.mean(samples**2)) if len(samples) else 0.0
    return 10 * float(np.log10(power / 32768**2)) if power else LOWEST_LEVEL


def speech_power(samples: bytes, pcm: PCM) -> tuple[float, float]:
    """Return the mean power of the speech in s16le mono ``samples``, and its seconds.

    Frames of 50 ms that are 20 dB below the loudest are pauses and do not count. The power is the
    mean of the squared samples, 0 where there is none.
    """
    import numpy as np

    size = max(1, round(_SPEECH_FRAME_SECONDS * pcm.rate))
    values = frames_of(samples).astype(np.float64)
    frames = values[: len(values) - len(values) % size].reshape(-1, size)
    powers = (frames**2).mean(axis=1) if len(frames) else np.zeros(1)
    spoken = powers[powers >= max(_SPEECH_GATE * powers.max(), 1.0)]
    return (float(spoken.mean()) if len(spoken) else 0.0), len(spoken) * size / pcm.rate


def amplified(samples: bytes, gain: float) -> bytes:
    """Return s16le ``samples`` multiplied by ``gain``, limited to the range of 16 bits."""
    import numpy as np

    if gain == 1.0:
        return samples
    scaled = np.rint(frames_of(samples) * gain)
    limited: bytes = scaled.clip(-_LARGEST_SAMPLE - 1, _LARGEST_SAMPLE).astype("<i2").tobytes()
    return limited


def largest_gain(samples: bytes) -> float:
    """Return the gain at which the loudest of s16le ``samples`` has the full 16 bits."""
    values = frames_of(samples)
    peak = max(int(values.max(initial=0)), -int(values.min(initial=0)))
    return _LARGEST_SAMPLE / peak if peak else 1.0


def channels_cancel(frames: Any) -> bool:
    """Return whether the mean of two channels in ``frames`` is silent beside their difference."""
    return _cancels(*_mid_and_side(frames))


def _mid_and_side(frames: Any) -> tuple[Any, Any]:
    # This takes a fifth of the time of `frames.mean(axis=1)`.
    left, right = frames[:, 0] / 2.0, frames[:, 1] / 2.0
    return left + right, left - right


def _cancels(mean: Any, difference: Any) -> bool:
    return bool(abs(mean).sum() < _CANCELLED_RATIO * abs(difference).sum())


def _levels(samples: bytes | bytearray, pcm: PCM) -> list[int]:
    """Return the sum of the absolute samples in each complete frame of 20 ms.

    All samples count: of every fifth one, a tone of 1,600 Hz at 16 kHz would be silence.
    """
    values = memoryview(samples).cast("h") if sys.byteorder == "little" else _swapped(samples)
    size = round(_FRAME_SECONDS * pcm.rate) * pcm.channels
    return [
        sum(map(abs, values[start : start + size]))
        for start in range(0, len(values) - size + 1, size)
    ]


def _swapped(samples: bytes | bytearray) -> array[int]:
    values = array("h", bytes(samples))
    values.byteswap()
    return values
