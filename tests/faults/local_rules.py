"""Invariants of every run, however it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import wave
from collections.abc import Iterable, Sequence
from pathlib import Path

ENDS = {0, 129, 130, 143}
"""Exit codes of a run with a signal: finished before it, SIGHUP, SIGINT, SIGTERM."""


def shell_code(returncode: int) -> int:
    """Return the exit code as ``$?`` has it: 128 plus the signal for a killed process."""
    return returncode if returncode >= 0 else 128 - returncode


def quiet(stderr: str) -> list[str]:
    """Return violations in stderr: it has at most one sentence and no location in the source."""
    signs = (
        "Traceback",
        "Exception ignored",
        "Fatal Python",
        "a fault in stepcli",
        "Error:",
        'File "',
    )
    return [f"stderr has {sign!r}: {stderr[-600:]!r}" for sign in signs if sign in stderr]


def no_leftovers(*directories: Path) -> list[str]:
    """Return violations for temporary files."""
    found = (path for directory in directories for path in directory.rglob("*"))
    names = (".part", ".unfinished", ".tmp")
    return [f"left over: {path}" for path in found if path.name.endswith(names)]


def whole_sound(path: Path) -> list[str]:
    """Return violations for a WAV file that exists but is incomplete."""
    if not path.exists():
        return []
    try:
        with wave.open(str(path), "rb") as file:
            frames = file.readframes(file.getnframes() + 1)
            missing = file.getnframes() - len(frames) // file.getsampwidth()
    except (wave.Error, EOFError) as exc:
        return [f"{path} is torn: {exc}"]
    return [f"{path} lacks {missing} frames"] if missing or not frames else []


def children_of(mark: str) -> list[int]:
    """Return other processes whose environment contains ``mark``."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                environ = (entry / "environ").read_bytes()
                state = (entry / "stat").read_text().rpartition(") ")[2][:1]
            except OSError:
                continue
            if mark.encode() in environ and state != "Z":
                found.append(int(entry.name))
    return found


def caught(pid: int, number: signal.Signals) -> bool:
    """Return whether a process has its own handler for the signal."""
    status = Path(f"/proc/{pid}/status").read_text()
    mask = next(line for line in status.splitlines() if line.startswith("SigCgt"))
    return bool(int(mask.split()[1], 16) >> (number - 1) & 1)


def outcome(
    command: Sequence[str], stderr: str, code: int, allowed: Iterable[int], secret: str
) -> list[str]:
    """Return violations in the exit code and in stderr."""
    wrong = [] if code in set(allowed) else [f"exit {code}"]
    shown = [f"the key is shown: {stderr!r}"] if secret and secret in stderr else []
    reported = [] if "--debug" in command else quiet(stderr)
    return [f"{one} ({' '.join(command)[:120]})" for one in (*wrong, *reported, *shown)]


def finished(process: subprocess.Popen[bytes], patience: float) -> tuple[bytes, str]:
    """Return the output of a process; it is killed and reported if it does not end."""
    try:
        out, err = process.communicate(timeout=patience)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
        return out, err.decode(errors="replace") + "\nError: it hangs"
    return out, err.decode(errors="replace")
