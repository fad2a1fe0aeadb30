"""Signals at random moments: each shot is one run with one or two signals.

``python -m tests.faults.local_signals SHOTS SEED`` fires many; the test fires a few.
"""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections import Counter
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.faults.local_rules import (
    ENDS,
    caught,
    children_of,
    finished,
    no_leftovers,
    outcome,
    shell_code,
    whole_sound,
)
from tests.support.program import Program
from tests.support.service import Sandbox, sandbox
from tests.support.voice_samples import write_sample

COMMAND = (sys.executable, "-m", "stepcli")
"""Without -W error: an interrupted import leaves a file to its finaliser, which warns."""

LONG = " ".join(f"Sentence number {number} of a text that takes its time." for number in range(60))
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
OLD = b"what was there before"
LONGEST = 3.0
"""The first signal is sent within these seconds."""


@dataclass(frozen=True)
class Kind:
    """A command line and the files it writes."""

    arguments: tuple[str, ...]
    output: str | None = None
    stdin: bytes = b""
    faults: tuple[str, ...] = ()


SLOW = ("speech:*:drip,rate=60000,piece=3000",)
KINDS = {
    "speak": Kind(("speak", "Hello there, and good morning.", "-o", "out.wav"), "out.wav", b"",
                  SLOW),
    "long": Kind(("speak", "-f", "long.txt", "-o", "out.wav"), "out.wav", b"",
                 ("speech:*:drip,rate=200000,piece=3000",)),
    "batch": Kind(("speak", "--batch", "batch.txt", "--output-dir", "many", "--format", "wav"),
                  None, b"", SLOW),
    "stream": Kind(("stream", "-o", "out.wav", "--subtitles", "out.srt"), "out.wav",
                   b"One is here. Two is there. Three is nowhere. " * 8,
                   ("realtime:*:drip,rate=200000,piece=3000",)),
    "transcribe": Kind(("transcribe", "-l", "en", "sample.wav", "-o", "out.txt"), None, b"",
                       ("asr:*:stall,after=1,for=1",)),
    "convert": Kind(("transcribe", "-l", "en", "sample.m4a", "--format", "json"), None, b"",
                    ("asr:*:stall,after=1,for=1",)),
    "clone": Kind(("voices", "clone", "sample.wav", "--yes", "--name", "me"), None, b"",
                  ("files:*:stall,for=0.5", "clone:*:stall,for=0.5")),
    "private": Kind(("speak", "--sandbox", "Hello there.", "-o", "out.wav"), "out.wav"),
    "help": Kind(("speak", "--help")),
}  # fmt: skip


def furnish(home: Path) -> None:
    """Create the files that the commands read."""
    (home / "long.txt").write_text(LONG)
    (home / "batch.txt").write_text("".join(f"Line number {number}.\n" for number in range(12)))
    sample = write_sample(home / "sample.wav", 6)
    made = ["ffmpeg", "-v", "error", "-y", "-i", str(sample), str(home / "sample.m4a")]
    with suppress(FileNotFoundError):
        subprocess.run(made, check=True)


def shoot(
    program: Program, service: Sandbox, kind: str, moment: float, signals: list[signal.Signals]
) -> tuple[int, list[str]]:
    """Run ``kind``, send ``signals`` from ``moment`` on, and return exit code and violations."""
    one = KINDS[kind]
    service.reset()
    service.fault(*one.faults)
    home = program.home
    (home / "out.wav").write_bytes(OLD)
    mark = f"SHOT={uuid.uuid4().hex}"
    process = subprocess.Popen(
        [*COMMAND, *one.arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=home,
        env=program.environment(dict([mark.split("=")])),
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    assert process.stdin is not None
    with suppress(OSError):
        process.stdin.write(one.stdin)
        process.stdin.close()
    process.stdin = None
    _fire(process, moment, signals)
    _, err = finished(process, 120)
    code = shell_code(process.returncode)
    wrong = outcome(one.arguments, err, code, ENDS, "")
    wrong += no_leftovers(home)
    wrong += _torn(home, code)
    wrong += _orphans(mark)
    for path in home.glob("**/*.wav"):
        if path.name != "sample.wav":
            path.unlink()
    subprocess.run([*COMMAND, "config", "unset", "aliases.me"], check=False, cwd=home,
                   env=program.environment(), capture_output=True)  # fmt: skip
    return code, wrong


def _fire(process: subprocess.Popen[bytes], moment: float, signals: list[signal.Signals]) -> None:
    await_program(process)
    time.sleep(moment)
    for number in signals:
        if process.poll() is None:
            process.send_signal(number)
        time.sleep(0.01)


def await_program(process: subprocess.Popen[bytes]) -> None:
    """Wait until the interpreter has started the program, before which signals are Python's."""
    while process.poll() is None and not caught(process.pid, signal.SIGTERM):
        time.sleep(0.002)


def _torn(home: Path, code: int) -> list[str]:
    """Return violations: a file is unchanged or complete; of a batch, complete or absent."""
    wrong = []
    for path in home.glob("**/*.wav"):
        if path.name == "sample.wav" or path.read_bytes() == OLD:
            continue
        wrong += whole_sound(path)
    if code == 0 and (home / "out.txt").exists() and not (home / "out.txt").read_bytes():
        wrong.append("out.txt is empty")
    return wrong


def _orphans(mark: str) -> list[str]:
    """Return processes of the run that remain after a short wait."""
    for _ in range(100):
        left = children_of(mark)
        if not left:
            return []
        time.sleep(0.1)
    return [f"still running: {left}"]


def plan(shots: int, seed: int) -> list[tuple[str, float, list[signal.Signals]]]:
    """Choose the command, the moment and the signals; every fourth shot has two at once."""
    chance = random.Random(seed)
    names = list(KINDS)
    return [
        (
            names[number % len(names)],
            LONGEST * chance.random() ** 2,
            chance.choices(SIGNALS, k=1 + (chance.random() < 0.25)),
        )
        for number in range(shots)
    ]


def main(shots: int, seed: int) -> int:
    """Fire the shots and return the number of violations."""
    codes: Counter[tuple[str, int]] = Counter()
    wrong = 0
    with ExitStack() as stack:
        service = stack.enter_context(sandbox())
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        furnish(home)
        program = Program(home, dict(service.environ))
        for kind, moment, signals in plan(shots, seed):
            code, complaints = shoot(program, service, kind, moment, signals)
            codes[kind, code] += 1
            for complaint in complaints:
                wrong += 1
                sys.stdout.write(
                    f"{kind} at {moment:.3f} {[each.name for each in signals]}: {complaint}\n"
                )
                sys.stdout.flush()
    sys.stdout.write(f"{shots} shots, seed {seed}, {wrong} complaints; {dict(codes)}\n")
    return wrong


if __name__ == "__main__":
    sys.exit(bool(main(int(sys.argv[1]), int(sys.argv[2]))))
