"""Peak memory of ``stream`` for a long text over that for a short one (bar: 1.15)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tests.bench.peak import HERE, peak_memory
from tests.support.service import Sandbox

MINUTES = (1, 30)
SENTENCE = "This is sentence number {} of a story that goes on and on, until it ends at last. "
"""More than four seconds of speech."""


def stream_peaks(
    service: Sandbox,
    directory: Path,
    minutes: tuple[int, int] = MINUTES,
    program: Sequence[str] = HERE,
) -> tuple[int, int]:
    """Return the peak memory in kB for fewer and for more minutes of audio."""
    short, long = (_peak(service, directory, so_many, program) for so_many in minutes)
    return short, long


def _peak(service: Sandbox, directory: Path, minutes: int, program: Sequence[str]) -> int:
    text, name = directory / f"{minutes}.txt", f"{minutes}min"
    text.write_text("".join(map(SENTENCE.format, range(15 * minutes))))
    output = ("-o", directory / f"{name}.wav", "--subtitles", directory / f"{name}.srt")
    command: list[str | Path] = ["stream", "-f", text, *output, "--mode", "default"]
    return peak_memory(command, service.environ, program)
