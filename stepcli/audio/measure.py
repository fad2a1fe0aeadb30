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
        # By descriptor: soundfile takes no name with bytes in it that are no characters.
        with (
            path.open("rb") as file,
            soundfile.SoundFile(file.fileno(), closefd=False) as sound,
        ):
            return Measure(sound.samplerate, sound.frames / sound.samplerate)
    except (OSError, RuntimeError):
        return None
