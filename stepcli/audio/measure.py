"""How long a finished sound file is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Measure:
    """``rate`` in Hz and ``duration`` in seconds."""

    rate: int
    duration: float


def measure(path: Path) -> Measure | None:
    """What the file at ``path`` says of itself; None where it is no sound that libsndfile reads."""
    import soundfile

    try:
        info = soundfile.info(path)
    except (OSError, RuntimeError):
        return None
    return Measure(info.samplerate, info.frames / info.samplerate)
