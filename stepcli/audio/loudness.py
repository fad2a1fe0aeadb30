"""Measure how loud speech is, and change its level."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stepcli.audio_types import PCM

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_FRAME_SECONDS = 0.05
_GATE = 0.01
"""Lowest power of a frame that is speech, relative to the loudest one (-20 dB)."""
_LARGEST_SAMPLE = 32767


def speech_power(samples: bytes, pcm: PCM) -> tuple[float, float]:
    """Return the mean power of the speech in s16le mono ``samples``, and its seconds.

    Frames of 50 ms that are 20 dB below the loudest are pauses and do not count. The power is the
    mean of the squared samples, 0 where there is none.
    """
    import numpy as np

    size = max(1, round(_FRAME_SECONDS * pcm.rate))
    values = _values(samples).astype(np.float64)
    frames = values[: len(values) - len(values) % size].reshape(-1, size)
    powers = (frames**2).mean(axis=1) if len(frames) else np.zeros(1)
    spoken = powers[powers >= max(_GATE * powers.max(), 1.0)]
    return (float(spoken.mean()) if len(spoken) else 0.0), len(spoken) * size / pcm.rate


def amplified(samples: bytes, gain: float) -> bytes:
    """Return s16le ``samples`` multiplied by ``gain``, limited to the range of 16 bits."""
    import numpy as np

    if gain == 1.0:
        return samples
    scaled = np.rint(_values(samples) * gain)
    limited: bytes = scaled.clip(-_LARGEST_SAMPLE - 1, _LARGEST_SAMPLE).astype("<i2").tobytes()
    return limited


def largest_gain(samples: bytes) -> float:
    """Return the gain at which the loudest of s16le ``samples`` has the full 16 bits."""
    values = _values(samples)
    peak = max(int(values.max(initial=0)), -int(values.min(initial=0)))
    return _LARGEST_SAMPLE / peak if peak else 1.0


def _values(samples: bytes) -> NDArray[np.int16]:
    import numpy as np

    return np.frombuffer(samples, "<i2")
