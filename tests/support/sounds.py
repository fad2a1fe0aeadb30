"""Audio files as ffprobe and ffmpeg read them, and comparison of transcripts."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

needs_ffmpeg = pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")


@dataclass(frozen=True)
class Probed:
    """``codec`` and ``container`` as ffprobe names them; ``duration`` in seconds."""

    codec: str
    container: str
    rate: int
    channels: int
    duration: float


Samples = np.ndarray[tuple[int], np.dtype[np.float64]]


def probe(path: Path) -> Probed:
    command = ["ffprobe", "-v", "error", "-print_format", "json", "-show_format", "-show_streams"]
    done = subprocess.run([*command, path], capture_output=True, check=True)
    assert done.stderr == b"", done.stderr
    reported = json.loads(done.stdout)
    stream, container = reported["streams"][0], reported["format"]
    return Probed(
        stream["codec_name"],
        container["format_name"],
        int(stream["sample_rate"]),
        stream["channels"],
        float(container.get("duration", "nan")),
    )


def samples(path: Path, rate: int = 24000) -> Samples:
    """Return the samples that ffmpeg decodes, mono at ``rate``, -1 to 1. Fail on a warning."""
    command = ["ffmpeg", "-v", "warning", "-guess_layout_max", "0", "-i", str(path), "-ac", "1"]
    output = ["-ar", str(rate), "-f", "s16le", "-"]
    done = subprocess.run([*command, *output], capture_output=True, check=True)
    assert done.stderr == b"", done.stderr
    return np.frombuffer(done.stdout, "<i2") / 32768


def word_errors(said: str, heard: str) -> int:
    """Return the number of words to change, add or drop to turn one text into the other."""
    old, new = _words(said), _words(heard)
    row = list(range(len(new) + 1))
    for i, word in enumerate(old, 1):
        diagonal, row[0] = row[0], i
        for j, other in enumerate(new, 1):
            best = min(row[j] + 1, row[j - 1] + 1, diagonal + (word != other))
            diagonal, row[j] = row[j], best
    return row[-1]


def _words(text: str) -> list[str]:
    plain = "".join(c.lower() if c.isalnum() or c == "'" else " " for c in text)
    return plain.split()
