"""Peak memory of ``transcribe`` for a 30-minute WAV over that for a 1-minute WAV (bar: 1.15)."""

from __future__ import annotations

import wave
from pathlib import Path

from tests.bench.peak import peak_memory
from tests.support.service import Sandbox

MINUTES = (1, 30)


def write_quiet_wav(path: Path, seconds: float, rate: int = 16000) -> None:
    """Write WAV with faint noise, whose recognition costs next to nothing."""
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, rate, 0, "NONE", ""))
        for second in range(round(seconds)):
            file.writeframesraw(bytes([second % 3, 0]) * rate)


def ratio(service: Sandbox, directory: Path) -> float:
    """Return the ratio of the peaks."""
    peaks = []
    for minutes in MINUTES:
        path = directory / f"{minutes}.wav"
        write_quiet_wav(path, 60 * minutes)
        peaks.append(peak_memory(["transcribe", path, "-l", "en"], service.environ))
    return peaks[1] / peaks[0]
