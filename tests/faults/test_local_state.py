"""Damaged files in the state and cache directories cost nothing twice and end no run."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from itertools import cycle
from pathlib import Path

import pytest

from tests.support.program import Program
from tests.support.recordings import reading, silence, write_wav
from tests.support.service import Sandbox

LONG = " ".join(f"Sentence number {number} of a text that is rather long." for number in range(24))


def directory(path: Path) -> None:
    (path / "inside").mkdir(parents=True)


def fifo(path: Path) -> None:
    os.mkfifo(path)


def link_to_itself(path: Path) -> None:
    path.symlink_to(path.name)


def empty(path: Path) -> None:
    path.touch()


def json_of_another_type(path: Path) -> None:
    path.write_text("[1, {}]")


HARMS = [directory, fifo, link_to_itself, empty, json_of_another_type]


def remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


def repeat_with_damage(program: Program, service: Sandbox, *arguments: str) -> int:
    """Fail a run, replace each entry that it left, and repeat the run.

    Return the number of entries that were replaced, each by something else.
    """
    service.fault("speech:2:500", "asr:2:500")
    assert program(*arguments, "--retries", "0").code == 6
    home, kept = program.home / ".local", program.home / "kept"
    shutil.copytree(home, kept)
    entries = [path.relative_to(kept) for path in kept.rglob("*")]
    for entry, harm in zip(entries, cycle(HARMS), strict=False):
        service.reset()
        shutil.rmtree(home)
        shutil.copytree(kept, home)
        remove(home / entry)
        harm(home / entry)
        done = program(*arguments)
        assert done.code == 0, (entry, done.stderr)
        assert "a fault in stepcli" not in done.stderr
        asked = [one["body"] for one in service.log() if one["endpoint"] in ("speech", "asr")]
        assert len({str(body) for body in asked}) == len(asked), f"{entry} was paid for twice"
    return len(entries)


def test_damaged_parts_of_a_text(stepcli: Program, service: Sandbox) -> None:
    stepcli.timeout = 30
    arguments = ("speak", LONG, "-o", "x.wav", "--jobs", "1")
    assert repeat_with_damage(stepcli, service, *arguments) >= 4


def test_damaged_results_of_a_recording(stepcli: Program, service: Sandbox) -> None:
    stepcli.timeout = 30
    words = reading("beckett")[: 2 * 16000 * 4]
    write_wav(stepcli.home / "a.wav", *[words, silence(2)] * 4)
    arguments = ("transcribe", "a.wav", "--piece-minutes", "0.1", "--jobs", "1", "-l", "en")
    assert repeat_with_damage(stepcli, service, *arguments) >= 4


@pytest.mark.parametrize("harm", HARMS)
def test_damaged_recordings_and_caches(
    stepcli: Program, service: Sandbox, harm: Callable[[Path], None]
) -> None:
    stepcli.timeout = 30
    state, cache = stepcli.home / ".local/state/stepcli", stepcli.home / ".cache/stepcli"
    (state / "recordings").mkdir(parents=True)
    cache.mkdir(parents=True)
    harm(cache / "voices.json")
    harm(state / "recordings" / "mic-20260101-000000-1.wav")
    harm(state / "recordings" / "last.wav")
    assert stepcli("voices", "list").code == 0
    assert stepcli("voices", "list", "--cloned").code == 0
    done = stepcli("transcribe", "--last")
    assert done.code == 2
    assert "a fault in stepcli" not in done.stderr
    assert service.log("asr") == []
