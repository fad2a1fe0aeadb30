"""Audio files of many kinds, made with ffmpeg."""

from __future__ import annotations

import subprocess
from hashlib import sha256
from pathlib import Path

_converted: dict[tuple[bytes, str, str, tuple[str, ...]], bytes] = {}
"""Results by the digest of the source, both extensions and the options: ffmpeg takes 0.1 s."""


def convert(source: Path, target: Path, *options: str) -> Path:
    """Convert ``source`` with ffmpeg's output ``options``."""
    digest = sha256(source.read_bytes()).digest()
    key = (digest, source.suffix, target.suffix, options)
    if key in _converted:
        target.write_bytes(_converted[key])
        return target
    command = ["ffmpeg", "-v", "error", "-y", "-nostdin", "-i", str(source), *options, str(target)]
    subprocess.run(command, check=True)
    _converted[key] = target.read_bytes()
    return target


def convert_to_pipe(source: Path, target: Path, *options: str) -> Path:
    """Convert as ``convert`` does, but into a pipe, where a header cannot be completed later."""
    command = ["ffmpeg", "-v", "error", "-nostdin", "-i", str(source), *options, "pipe:1"]
    target.write_bytes(subprocess.run(command, check=True, capture_output=True).stdout)
    return target


def join(target: Path, *sources: Path) -> Path:
    """Join files end to end, as ``cat`` does."""
    target.write_bytes(b"".join(source.read_bytes() for source in sources))
    return target
