"""Private directories, their expiry, and locks between processes."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest

from stepcli.storage.directories import (
    KEPT_SECONDS,
    exclusive_lock,
    make_private,
    open_regular,
    remove,
    remove_expired,
    remove_stale,
    try_lock,
)


def test_new_directory_and_its_parents_are_private(tmp_path: Path) -> None:
    """A directory that exists keeps its mode."""
    make_private(tmp_path / "a" / "b")
    modes = [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("a", "a/b")]
    assert modes == [0o700, 0o700]
    (tmp_path / "a").chmod(0o755)
    make_private(tmp_path / "a")
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o755


def test_entries_that_match_expire_after_a_week(tmp_path: Path) -> None:
    """An entry that cannot be examined does not keep the others from expiring."""
    for name in ("old.wav", "new.wav", "old.txt"):
        (tmp_path / name).touch()
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "part").touch()
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    now = (tmp_path / "new.wav").stat().st_mtime
    for name in ("old.wav", "old.txt", "old"):
        os.utime(tmp_path / name, (now, now - KEPT_SECONDS - 60))
    remove_expired(tmp_path, "*.wav", now)
    assert {path.name for path in tmp_path.iterdir()} == {"new.wav", "old.txt", "old", "dangling"}
    remove_expired(tmp_path, now=now)
    assert {path.name for path in tmp_path.iterdir()} == {"new.wav", "dangling"}
    remove_expired(tmp_path / "nowhere")


def test_link_is_removed_without_its_target(tmp_path: Path) -> None:
    (tmp_path / "target").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "target")
    remove(tmp_path / "link")
    remove(tmp_path / "nothing")
    assert list(tmp_path.iterdir()) == [tmp_path / "target"]


def test_stale_file_is_removed_only_when_its_run_has_ended(tmp_path: Path) -> None:
    path = tmp_path / "a"
    with path.open("w") as file:
        assert try_lock(file.fileno())
        remove_stale(path)
        assert path.exists()
    remove_stale(path)
    assert not path.exists()


def test_link_is_not_taken_for_a_stale_file(tmp_path: Path) -> None:
    (tmp_path / "target").touch()
    (tmp_path / "link").symlink_to(tmp_path / "target")
    with pytest.raises(OSError, match="link"):
        remove_stale(tmp_path / "link")
    assert (tmp_path / "target").exists()


def test_only_regular_files_are_opened(tmp_path: Path) -> None:
    """A FIFO is refused without waiting for a writer."""
    (tmp_path / "a").write_bytes(b"sound")
    with open_regular(tmp_path / "a") as file:
        assert file.read() == b"sound"
    os.mkfifo(tmp_path / "fifo")
    for name in ("fifo", "."):
        with pytest.raises(OSError, match="not a regular file"):
            open_regular(tmp_path / name)


def test_shared_locks_exclude_only_exclusive_ones(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    one, two, three = (os.open(tmp_path / "a", os.O_RDWR) for _ in range(3))
    assert try_lock(one, shared=True)
    assert try_lock(two, shared=True)
    assert not try_lock(three)
    os.close(one)
    os.close(two)
    assert try_lock(three)
    os.close(three)


def test_exclusive_lock_is_waited_for(tmp_path: Path) -> None:
    """The file is gone when the last holder has released it."""
    waits, entered = threading.Event(), threading.Event()

    def second() -> None:
        with exclusive_lock(tmp_path / "lock", waits.set) as locked:
            assert locked
            entered.set()

    thread = threading.Thread(target=second)
    with exclusive_lock(tmp_path / "lock", lambda: pytest.fail("the lock is free")) as locked:
        assert locked
        thread.start()
        assert waits.wait(10)
        assert not entered.is_set()
    thread.join(10)
    assert entered.is_set()
    assert list(tmp_path.iterdir()) == []


def test_block_runs_where_no_lock_can_be_taken(tmp_path: Path) -> None:
    with exclusive_lock(tmp_path / "nowhere" / "lock") as locked:
        assert not locked
