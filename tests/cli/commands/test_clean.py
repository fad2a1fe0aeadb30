"""``stepcli clean``: what is kept, how much, and deletion by kind."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from stepcli.storage.directories import exclusive_lock
from stepcli.storage.kept_files import KINDS, remove_oldest
from tests.support.in_process import InProcess

ROOT = Path(__file__).parents[3]


@pytest.fixture
def state(tmp_path: Path) -> Path:
    state = tmp_path / ".local/state/stepcli"
    for kind, size in (("speech", 1500), ("recordings", 40)):
        (state / kind / "job").mkdir(parents=True)
        (state / kind / "job" / "00000.wav").write_bytes(bytes(size))
    return state


def test_kinds_and_sizes_are_listed_and_nothing_is_deleted(tmp_path: Path, state: Path) -> None:
    done = InProcess(tmp_path)("clean")
    assert re.search(r"speech +1\.5 kB", done.stdout)
    assert all(kind in done.stdout for kind in KINDS)
    assert (state / "speech/job/00000.wav").exists()


def test_only_the_named_kind_is_deleted(tmp_path: Path, state: Path) -> None:
    done = InProcess(tmp_path)("clean", "SPEECH", "--json")
    result = json.loads(done.stdout)
    assert [(one["kind"], one["files"], one["bytes"]) for one in result["deleted"]] == [
        ("speech", 1, 1500)
    ]
    assert not (state / "speech/job").exists()
    assert (state / "recordings/job").exists()
    assert InProcess(tmp_path)("clean", "--all").code == 0
    assert not (state / "recordings/job").exists()


def test_job_of_another_run_is_left_alone(tmp_path: Path, state: Path) -> None:
    with exclusive_lock(state / "speech/job.lock"):
        InProcess(tmp_path)("clean", "--all")
        assert (state / "speech/job").exists()
    InProcess(tmp_path)("clean", "--all")
    assert not (state / "speech/job").exists()


def test_unknown_kind_is_a_usage_error(tmp_path: Path) -> None:
    done = InProcess(tmp_path)("clean", "everything")
    assert done.code == 2
    assert "KIND must be one of speech" in done.stderr


def test_every_directory_in_the_state_directory_has_a_kind() -> None:
    source = "".join(path.read_text() for path in (ROOT / "stepcli").rglob("*.py"))
    assert set(re.findall(r'state_dir\(\) / "(\w+)"', source)) <= KINDS.keys()


def test_parts_of_interrupted_playback_are_bounded(tmp_path: Path) -> None:
    for number in range(3):
        job = tmp_path / f"job{number}"
        job.mkdir()
        (job / "part").write_bytes(bytes(100))
        (job / "played").touch()
        os.utime(job / "played", (number, number))
    (tmp_path / "paid").mkdir()
    (tmp_path / "paid" / "part").write_bytes(bytes(1000))
    remove_oldest(tmp_path, "played", 250)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["job1", "job2", "paid"]
