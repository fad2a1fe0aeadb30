"""A long stream needs no more memory than a short one."""

from __future__ import annotations

from pathlib import Path

from tests.bench.peak import peak_memory
from tests.support.service import Sandbox

SENTENCE = "This is a sentence of a story that goes on and on, until it ends at last. "
"""About four seconds when it is spoken."""


def test_stream_memory_is_flat(service: Sandbox, tmp_path: Path) -> None:
    """Twenty minutes of sound take at most 1.15 times the memory of one."""
    peaks = []
    for minutes in (1, 20):
        text = tmp_path / f"{minutes}.txt"
        text.write_text(SENTENCE * 15 * minutes)
        command: list[str | Path] = [
            "stream",
            "-f",
            text,
            "-o",
            tmp_path / "x.wav",
            "--mode",
            "default",
        ]
        peaks.append(peak_memory(command, service.environ))
    assert peaks[1] <= 1.15 * peaks[0]
