"""Audio that can be located in a recording to the frame."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tests.devices.rig import Samples

BLOCK = 0.02
"""The length in seconds of the pieces that are located one by one."""

ALIKE = 0.5
"""The correlation at which two pieces are the same sound. Chance stays under 0.35; the larger part
of a piece that a pause cuts and fades is above 0.55; whole pieces are above 0.9."""


def noise(rate: int, seconds: float, seed: int = 1) -> Samples:
    """Return noise without repeated pieces, and never zero, unlike silence in a recording."""
    loud = np.random.default_rng(seed).standard_normal(round(rate * seconds)) * 4000
    samples = np.clip(loud, -32000, 32000).astype(np.int16)
    samples[samples == 0] = 1
    return samples


def audible(recording: Samples) -> Samples:
    """Return the recording from its first to its last frame of sound."""
    (loud,) = np.nonzero(recording)
    return recording[loud[0] : loud[-1] + 1] if len(loud) else recording[:0]


def last_audible(recording: Samples) -> int:
    """Return the index of the last frame that is not silence."""
    return int(np.nonzero(recording)[0][-1])


def found(sent: Samples, recording: Samples, rate: int) -> list[int]:
    """Return the frame of ``recording`` at which each BLOCK of ``sent`` starts, in order.

    Fail if a block does not occur after the previous one.
    """
    size = round(BLOCK * rate)
    places: list[int] = []
    for begin in range(0, len(sent) - size + 1, size):
        expected = places[-1] + size if places else 0
        places.append(_find(sent[begin : begin + size], recording, expected, begin / rate))
    return places


def _find(piece: Samples, recording: Samples, expected: int, second: float) -> int:
    """Return the position of ``piece``: the expected one (± 2 frames) if possible, else later."""
    near = max(0, expected - 2)
    for end in (near + len(piece) + 4, len(recording)):
        alike = _correlations(piece, recording[near:end])
        if len(alike) and alike.max() > ALIKE:
            return near + int(alike.argmax())
    raise AssertionError(f"what was sent at {second:.2f} s is not heard")


def _correlations(piece: Samples, recording: Samples) -> NDArray[np.float64]:
    """Return the normalised correlation of ``piece`` with every stretch of its length."""
    if len(recording) < len(piece):
        return np.zeros(0)
    sound, wanted = recording.astype(np.float64), piece.astype(np.float64)
    size = len(sound) + len(wanted)
    spectrum = np.fft.rfft(sound, size) * np.conj(np.fft.rfft(wanted, size))
    products = np.fft.irfft(spectrum, size)[: len(sound) - len(wanted) + 1]
    energy = np.convolve(sound**2, np.ones(len(wanted)), "valid") * (wanted**2).sum()
    return np.asarray(products / np.sqrt(np.maximum(energy, 1.0)))
