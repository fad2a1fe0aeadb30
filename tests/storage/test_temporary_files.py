"""Temporary files do not outlive the run, nor a killed run the next."""

from __future__ import annotations

import multiprocessing
import os
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from stepcli.storage.directories import try_lock
from stepcli.storage.temporary_files import TemporaryFiles, fallback_directory


def _create(directory: Path, created: Connection) -> None:
    file = TemporaryFiles().create(directory)
    file.file.write(b"sound")
    file.file.flush()
    created.send(file.path)
    created.recv()


def test_file_of_a_killed_run_is_removed_by_a_later_one(tmp_path: Path) -> None:
    """That of a run that lives is not, nor what only looks like one."""
    ours, theirs = multiprocessing.Pipe()
    run = multiprocessing.get_context("spawn").Process(target=_create, args=(tmp_path, theirs))
    run.start()
    assert ours.poll(30)
    path = ours.recv()
    (tmp_path / ".stepcli-0123.part").mkdir()
    os.mkfifo(tmp_path / ".stepcli-4567.part")
    (tmp_path / "stepcli.part").touch()
    TemporaryFiles().create(tmp_path).remove()
    assert path.exists()
    run.kill()
    run.join()
    TemporaryFiles().create(tmp_path).remove()
    assert not path.exists()
    assert {one.name for one in tmp_path.iterdir()} >= {".stepcli-0123.part", "stepcli.part"}


def test_file_is_locked_until_it_has_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Other runs that look for stale files meanwhile leave it alone."""
    file = TemporaryFiles().create(tmp_path)
    replace = Path.replace

    def look_and_replace(path: Path, target: Path) -> Path:
        TemporaryFiles().create(tmp_path).remove()
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", look_and_replace)
    file.rename(tmp_path / "a", 0o600)
    assert (tmp_path / "a").exists()


@pytest.mark.parametrize("moment", ["locked", "removed"])
def test_new_file_that_another_run_takes_for_a_stale_one_is_created_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """It is not locked yet when it appears."""
    foreign: list[int] = []

    def late_lock(handle: int) -> bool:
        if not foreign:
            (path,) = tmp_path.iterdir()
            foreign.append(os.open(path, os.O_RDWR))
            try_lock(foreign[0])
            if moment == "removed":
                path.unlink()
        return try_lock(handle)

    monkeypatch.setattr("stepcli.storage.temporary_files.try_lock", late_lock)
    file = TemporaryFiles().create(tmp_path)
    file.rename(tmp_path / "a", 0o600)
    assert (tmp_path / "a").exists()
    os.close(foreign[0])


def test_end_of_a_run_removes_its_files_and_refuses_new_ones(tmp_path: Path) -> None:
    files = TemporaryFiles()
    removed = files.create(tmp_path)
    renamed = files.create(tmp_path)
    renamed.rename(tmp_path / "a", 0o600)
    files.remove_all()
    removed.file.close()
    assert list(tmp_path.iterdir()) == [tmp_path / "a"]
    with pytest.raises(InterruptedError):
        files.create(tmp_path)
    files.open()
    files.create(tmp_path).remove()


def test_names_are_random_and_files_private(tmp_path: Path) -> None:
    files = TemporaryFiles()
    created = [files.create(tmp_path) for _ in range(50)]
    assert len({file.path.name for file in created}) == 50
    assert {file.path.stat().st_mode & 0o777 for file in created} == {0o600}
    for file in created:
        file.remove()


def test_many_files_leave_no_descriptors_open(tmp_path: Path) -> None:
    files = TemporaryFiles()
    before = _open_descriptors()
    for _ in range(20):
        files.create(tmp_path).remove()
        files.create(tmp_path).rename(tmp_path / "a", 0o600)
    assert _open_descriptors() == before


def _open_descriptors() -> int:
    directory = Path("/proc/self/fd")
    return len(list(directory.iterdir())) if directory.is_dir() else 0


def test_there_may_be_no_directory_to_fall_back_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.gettempdir", lambda: "/somewhere")
    assert fallback_directory() == Path("/somewhere")

    def fail() -> str:
        raise FileNotFoundError

    monkeypatch.setattr("tempfile.gettempdir", fail)
    assert fallback_directory() is None
