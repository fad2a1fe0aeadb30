"""How high a voice is."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_WINDOW = 0.04  # seconds; two periods of the lowest voice
_LOWEST, _HIGHEST = 60, 400  # Hz
_UNVOICED = 0.4  # a weaker echo of itself than this is no vowel


def fundamental(sound: NDArray[np.int16], rate: int) -> float:
    """The median fundamental frequency in Hz of mono speech, 150 if nothing in it has any."""
    size = int(_WINDOW * rate)
    samples = sound.astype(np.float32)
    loud = np.abs(samples).max(initial=0.0) * 0.2
    windows = (samples[at : at + size] for at in range(0, len(samples) - size, size // 2))
    heights = [_height(window, rate) for window in windows if np.abs(window).max() > loud]
    voiced = [height for height in heights if height is not None]
    return float(np.median(voiced)) if voiced else 150.0


def _height(window: NDArray[np.float32], rate: int) -> float | None:
    """The frequency at which a window repeats itself, by autocorrelation."""
    size = len(window)
    spectrum = np.fft.rfft(window - window.mean(), 2 * size)
    echo = np.fft.irfft(np.abs(spectrum) ** 2)[:size]
    shortest = rate // _HIGHEST
    period = shortest + int(np.argmax(echo[shortest : rate // _LOWEST]))
    return rate / period if echo[period] > _UNVOICED * echo[0] else None
