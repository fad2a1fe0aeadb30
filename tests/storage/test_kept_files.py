"""What runs keep in the state directory, by kind: how much it is, and its removal."""

from __future__ import annotations

import os
import re
from pathlib import Path

from stepcli.storage.directories import exclusive_lock
from stepcli.storage.kept_files import KINDS, KeptFiles, kept_files, remove_oldest

ROOT = Path(__file__).parents[2]


def _job(directory: Path, size: int) -> Path:
    directory.mkdir(parents=True)
    (directory / "part").write_bytes(bytes(size))
    return directory


def test_files_with_contents_are_counted_by_kind(tmp_path: Path) -> None:
    job = _job(tmp_path / "speech" / "job", 1500)
    (job / "empty").touch()
    found = {one.kind: (one.files, one.bytes) for one in kept_files(tmp_path)}
    assert found.keys() == KINDS.keys()
    assert found.pop("speech") == (1, 1500)
    assert set(found.values()) == {(0, 0)}


def test_job_of_another_run_is_not_removed(tmp_path: Path) -> None:
    kept = KeptFiles("speech", tmp_path)
    used, unused = _job(tmp_path / "used", 1), _job(tmp_path / "unused", 1)
    with exclusive_lock(tmp_path / "used.lock"):
        kept.remove()
        assert (used.exists(), unused.exists()) == (True, False)
    kept.remove()
    assert list(tmp_path.iterdir()) == []
    KeptFiles("speech", tmp_path / "nowhere").remove()


def test_every_directory_in_the_state_directory_has_a_kind() -> None:
    source = "".join(path.read_text() for path in (ROOT / "stepcli").rglob("*.py"))
    found = set(re.findall(r'state_dir\(\) / "(\w+)"', source))
    assert found
    assert found <= KINDS.keys()


def test_oldest_marked_jobs_are_removed_beyond_a_size(tmp_path: Path) -> None:
    for number in range(3):
        job = _job(tmp_path / f"job{number}", 100)
        (job / "played").touch()
        os.utime(job / "played", (number, number))
    _job(tmp_path / "paid", 1000)
    remove_oldest(tmp_path, "played", 250)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["job1", "job2", "paid"]
