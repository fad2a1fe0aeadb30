"""Concurrent runs, and runs that are killed."""

from __future__ import annotations

import json
import signal
import subprocess
from pathlib import Path

from tests.faults.local_rules import no_leftovers, whole_sound
from tests.support.program import COMMAND, Program, until
from tests.support.recordings import reading, write_wav
from tests.support.service import Sandbox

LONG = " ".join(f"Sentence number {number} of a text that is rather long." for number in range(30))


def _at_once(program: Program, *commands: tuple[str, ...], stdin: bytes = b"") -> list[str]:
    """Run the commands in parallel and return their stderr; all must succeed."""
    runs = [
        subprocess.Popen(
            [*COMMAND, *command],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            cwd=program.home, env=program.environment(),
        )
        for command in commands
    ]  # fmt: skip
    ended = [run.communicate(stdin, timeout=180) for run in runs]
    assert [run.returncode for run in runs] == [0] * len(runs), ended
    return [err.decode() for _, err in ended]


def test_parallel_runs_of_the_same_text_are_independent(stepcli: Program, home: Path) -> None:
    (home / "long.txt").write_text(LONG)
    alone = stepcli("speak", "-f", "long.txt", "-o", "alone.wav")
    assert alone.code == 0, alone.stderr
    command = ("speak", "-f", "long.txt", "-o")
    _at_once(stepcli, (*command, "one.wav"), (*command, "one.wav"), (*command, "two.wav"))
    expected = (home / "alone.wav").read_bytes()
    assert (home / "one.wav").read_bytes() == expected
    assert (home / "two.wav").read_bytes() == expected
    assert no_leftovers(home) == []


def test_parallel_transcriptions_of_the_same_audio_are_equal(stepcli: Program, home: Path) -> None:
    write_wav(home / "sample.wav", reading("beckett"))
    command = ("transcribe", "-q", "-l", "en", "sample.wav", "--format", "json", "-o")
    alone = stepcli(*command, "alone.json")
    assert alone.code == 0, alone.stderr
    _at_once(stepcli, (*command, "one.json"), (*command, "one.json"), (*command, "two.json"))
    first, second, third = (
        json.loads((home / name).read_text()) for name in ("alone.json", "one.json", "two.json")
    )
    assert first["text"].strip()
    for other in (second, third):
        assert (other["text"], other["segments"]) == (first["text"], first["segments"])
    assert no_leftovers(home) == []


def test_parallel_config_changes_are_all_kept(offline: Program) -> None:
    """The key file contains one of the keys."""
    sets = [("config", "set", f"aliases.n{number}", f"voice-{number}") for number in range(6)]
    _at_once(offline, *sets)
    listed = offline("config", "list").stdout
    assert [f"aliases.n{number}" in listed for number in range(6)] == [True] * 6
    _at_once(offline, *[("auth", "login", "--no-check")] * 3, stdin=b"sk-one-of-many-0123456789\n")
    keys = list((offline.home / ".local/share/stepcli/credentials").iterdir())
    assert [key.read_text().strip() for key in keys] == ["sk-one-of-many-0123456789"]


def test_killed_run_leaves_no_file_under_the_name(
    stepcli: Program, service: Sandbox, home: Path
) -> None:
    """The next run does not use its remains."""
    service.fault("speech:3+:stall,after=30000")
    (home / "long.txt").write_text(LONG)
    with stepcli.started("speak", "-f", "long.txt", "-o", "x.wav") as run:
        until(lambda: list(home.glob(".local/state/stepcli/speech/*/.*.unfinished")))
        run.send_signal(signal.SIGKILL)
        run.wait()
    assert not (home / "x.wav").exists()
    service.reset()
    assert stepcli("speak", "-f", "long.txt", "-o", "x.wav").code == 0
    assert whole_sound(home / "x.wav") == []
    assert not list(home.glob(".local/state/stepcli/speech/*/*"))
