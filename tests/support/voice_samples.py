"""Simulated speech: a varying tone surrounded by silence."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import soundfile


def write_sample(
    path: Path, seconds: float = 7.0, *, silence: float = 0.5, rate: int = 24000, channels: int = 1,
    loudness: float = 0.4, subtype: str | None = None,
) -> Path:  # fmt: skip
    """Write ``seconds`` of tone between two silences; the extension selects the format."""
    times = np.arange(round(seconds * rate)) / rate
    tone = loudness * np.sin(2 * np.pi * 180 * times) * (0.7 + 0.3 * np.sin(2 * np.pi * 3 * times))
    gap = np.zeros(round(silence * rate))
    mono = np.concatenate([gap, tone, gap])
    soundfile.write(path, np.repeat(mono[:, None], channels, axis=1), rate, subtype)
    return path


def write_new_sample(path: Path, seconds: float = 7.0, **more: Any) -> Path:
    """Write a sample that differs from all earlier ones: the sandbox recognizes duplicates."""
    return write_sample(path, seconds + next(_MILLISECONDS) / 1000, **more)


_MILLISECONDS = count(1)
