"""Parts of a long job, kept on disk."""

from __future__ import annotations

import multiprocessing
import os
import threading
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from stepcli.storage.directories import KEPT_SECONDS
from stepcli.storage.job_cache import JobCache, expire_jobs
from tests.support.full_disk import file_size_limit


def header(size: int) -> bytes:
    return f"{size:08d}".encode()


def cache(root: Path, *job: object, notes: list[str] | None = None) -> JobCache:
    notes = [] if notes is None else notes
    return JobCache(root, job, ".part", header, notes.append)


def store(parts: JobCache, number: int) -> None:
    part = parts.begin(number)
    part.write(b"sou")
    part.write(b"nd")
    part.finish()
    part.close()


def test_same_job_finds_its_parts(tmp_path: Path) -> None:
    store(cache(tmp_path, "a", 1), 3)
    found = cache(tmp_path, "a", 1).load(3)
    assert found is not None
    assert (found.size, found.read(0, 100), found.read(2, 2)) == (5, b"sound", b"un")
    found.close()
    assert cache(tmp_path, "a", 1).load(4) is None
    assert cache(tmp_path, "a", 2).load(3) is None


def test_unfinished_part_is_not_found(tmp_path: Path) -> None:
    parts = cache(tmp_path, "a")
    part = parts.begin(0)
    part.write(b"sou")
    part.close()
    assert parts.load(0) is None
    assert parts.count() == 0
    store(parts, 0)
    assert parts.count() == 1


def test_part_that_is_longer_than_its_header_says_is_not_found(tmp_path: Path) -> None:
    parts = cache(tmp_path, "a")
    store(parts, 0)
    with parts.path(0).open("ab") as file:
        file.write(b"more")
    assert parts.load(0) is None


def test_parts_are_private(tmp_path: Path) -> None:
    parts = cache(tmp_path, "a")
    store(parts, 0)
    assert parts.directory.stat().st_mode & 0o077 == 0
    assert parts.path(0).stat().st_mode & 0o077 == 0


def test_clear_removes_everything(tmp_path: Path) -> None:
    parts = cache(tmp_path, "a")
    with parts.lock():
        store(parts, 0)
        store(parts, 1)
        parts.begin(2).close()
        assert parts.count() == 2
        parts.clear()
    assert list(tmp_path.iterdir()) == []


def test_jobs_expire_after_a_week(tmp_path: Path) -> None:
    old, new = cache(tmp_path, "old"), cache(tmp_path, "new")
    store(old, 0)
    store(new, 0)
    past = new.directory.stat().st_mtime - KEPT_SECONDS - 60
    os.utime(old.directory, (past, past))
    expire_jobs(tmp_path)
    assert not old.directory.exists()
    assert new.directory.exists()


def test_root_that_cannot_be_written_is_replaced_by_memory(tmp_path: Path) -> None:
    """The run continues, with one warning that a repeated run pays again."""
    notes: list[str] = []
    (tmp_path / "root").write_text("a file, not a directory")
    parts = cache(tmp_path / "root", "a", notes=notes)
    for number in range(3):
        part = parts.begin(number)
        part.write(b"sound")
        part.finish()
        assert part.read(0, 100) == b"sound"
        part.close()
    assert len(notes) == 1
    assert "they are held in memory" in notes[0]
    assert (parts.count(), parts.store(4, b"sound")) == (0, False)


def test_full_disk_is_replaced_by_memory(tmp_path: Path) -> None:
    """Every byte comes back out of a part that the disk takes only in part."""
    notes: list[str] = []
    parts = cache(tmp_path, "a", notes=notes)
    block = os.urandom(4064)
    with file_size_limit(39_956):
        part = parts.begin(0)
        for _ in range(12):
            part.write(block)
        part.finish()
        assert part.size == 48_768
        assert part.read(0, 1 << 20) == 12 * block
        part.close()
        store(parts, 1)
    assert len(notes) == 1
    assert parts.load(0) is None
    assert [path.name for path in parts.directory.iterdir()] == ["00001.part"]


def _directory(path: Path) -> None:
    path.mkdir(parents=True)
    (path / "inside").touch()


def _fifo(path: Path) -> None:
    path.parent.mkdir(parents=True)
    os.mkfifo(path)


def _link_to_nothing(path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.symlink_to("nowhere")


def _garbage(path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.write_bytes(b"x")


@pytest.mark.parametrize("harm", [_directory, _fifo, _link_to_nothing, _garbage])
def test_harmed_part_is_replaced(tmp_path: Path, harm: object) -> None:
    """What stands in a part's place is neither read nor in the way of the part."""
    notes: list[str] = []
    parts = cache(tmp_path, "a", notes=notes)
    harm(parts.path(0))  # type: ignore[operator]
    assert (parts.load(0), parts.read(0), parts.count()) == (None, None, 0)
    store(parts, 0)
    assert (parts.read(0), parts.count(), notes) == (b"sound", 1, [])


@pytest.mark.parametrize("name", ["0abc.part", "00000x.part", "１２３４５.part", ".part"])
def test_names_that_are_not_ours_are_ignored(tmp_path: Path, name: str) -> None:
    parts = cache(tmp_path, "a")
    store(parts, 0)
    (parts.directory / name).touch()
    assert parts.count() == 1


def test_file_in_place_of_the_job_directory_is_replaced(tmp_path: Path) -> None:
    notes: list[str] = []
    parts = cache(tmp_path, "a", notes=notes)
    parts.directory.write_text("a file")
    store(parts, 0)
    assert (parts.read(0), notes) == (b"sound", [])


def test_part_survives_the_removal_of_the_directory(tmp_path: Path) -> None:
    """Another run of the job that succeeds removes the parts of this one."""
    first, second = cache(tmp_path, "a"), cache(tmp_path, "a")
    part = first.begin(0)
    part.write(b"sound")
    second.clear()
    part.finish()
    assert part.read(0, 100) == b"sound"
    part.close()
    store(first, 1)
    assert first.count() == 1


def test_unfinished_parts_of_two_runs_are_apart(tmp_path: Path) -> None:
    one, two = cache(tmp_path, "a"), cache(tmp_path, "a")
    first, second = one.begin(0), two.begin(0)
    first.write(b"first")
    second.write(b"other")
    assert (first.read(0, 9), second.read(0, 9)) == (b"first", b"other")
    assert one.load(0) is None
    first.finish()
    assert two.read(0) == b"first"
    first.close()
    second.close()


def test_discarded_parts_stay_readable(tmp_path: Path) -> None:
    """At an interruption they are removed, also those that a thread begins later."""
    parts = cache(tmp_path, "a")
    part = parts.begin(0)
    part.write(b"sound")
    parts.discard_unfinished()
    late = parts.begin(1)
    assert list(parts.directory.iterdir()) == []
    assert part.read(0, 9) == b"sound"
    part.close()
    late.close()


def test_lock_makes_a_second_run_wait(tmp_path: Path) -> None:
    """The one that waits finds the parts, although the first has cleared them."""
    first, second = cache(tmp_path, "a"), cache(tmp_path, "a")
    waiting, found = threading.Event(), []

    def run() -> None:
        with second.lock(waiting.set):
            found.append(second.read(0))
            second.clear()

    thread = threading.Thread(target=run)
    with first.lock(lambda: pytest.fail("nobody else holds it")):
        store(first, 0)
        thread.start()
        assert waiting.wait(10)
        first.clear()
        assert found == []
    thread.join(10)
    assert found == [b"sound"]
    assert [path.suffix for path in tmp_path.iterdir()] == []


def test_lock_of_another_job_is_free(tmp_path: Path) -> None:
    busy = lambda: pytest.fail("another job's lock")  # noqa: E731
    with cache(tmp_path, "a").lock(), cache(tmp_path, "b").lock(busy):
        pass


def _hold(root: Path, holds: Connection) -> None:
    parts = cache(root, "a")
    with parts.lock():
        parts.begin(0).write(b"sou")
        holds.send(True)
        holds.recv()


def test_lock_of_a_killed_run_is_released(tmp_path: Path) -> None:
    """What it left unfinished is removed by the next run."""
    ours, theirs = multiprocessing.Pipe()
    holder = multiprocessing.get_context("spawn").Process(target=_hold, args=(tmp_path, theirs))
    holder.start()
    assert ours.poll(30)
    parts = cache(tmp_path, "a")
    assert len(list(parts.directory.iterdir())) == 1
    holder.kill()
    holder.join()
    with parts.lock(lambda: None):
        assert list(parts.directory.iterdir()) == []


def test_parts_of_a_killed_run_are_removed_by_a_run_of_another_job(tmp_path: Path) -> None:
    """Those of an active run are not."""
    ours, theirs = multiprocessing.Pipe()
    holder = multiprocessing.get_context("spawn").Process(target=_hold, args=(tmp_path, theirs))
    holder.start()
    assert ours.poll(30)
    parts = cache(tmp_path, "a")
    expire_jobs(tmp_path)
    assert len(list(parts.directory.iterdir())) == 1
    holder.kill()
    holder.join()
    expire_jobs(tmp_path)
    assert list(parts.directory.iterdir()) == []


def test_lock_that_cannot_be_taken_does_not_stop_a_run(tmp_path: Path) -> None:
    (tmp_path / "root").write_text("a file, not a directory")
    with cache(tmp_path / "root", "a").lock() as nothing:
        assert nothing is None
