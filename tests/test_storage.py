"""Parts of a long job, kept on disk."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from stepcli.errors import OutputError
from stepcli.storage import Shelf, sweep


def _head(size: int) -> bytes:
    return f"{size:08d}".encode()


def _shelf(room: Path, *job: object) -> Shelf:
    return Shelf(room, job, ".part", _head)


def _keep(shelf: Shelf, number: int) -> None:
    part = shelf.begin(number)
    part.write(b"sou")
    part.write(b"nd")
    part.finish()
    part.close()


def test_the_same_job_finds_its_parts(tmp_path: Path) -> None:
    """Parts are there for the same job and for no other."""
    _keep(_shelf(tmp_path, "a", 1), 3)
    found = _shelf(tmp_path, "a", 1).load(3)
    assert found is not None
    assert (found.size, found.read(0, 100), found.read(2, 2)) == (5, b"sound", b"un")
    found.close()
    assert _shelf(tmp_path, "a", 1).load(4) is None
    assert _shelf(tmp_path, "a", 2).load(3) is None


def test_an_unfinished_part_counts_for_nothing(tmp_path: Path) -> None:
    """What was cut off in the middle is not taken for a part."""
    shelf = _shelf(tmp_path, "a")
    part = shelf.begin(0)
    part.write(b"sou")
    part.close()
    assert shelf.load(0) is None
    assert shelf.count() == 0
    _keep(shelf, 0)
    assert shelf.count() == 1
    with shelf.path(0).open("ab") as file:
        file.write(b"more")
    assert shelf.load(0) is None


def test_read_while_it_is_written(tmp_path: Path) -> None:
    """Reading does not disturb writing."""
    part = _shelf(tmp_path, "a").begin(0)
    part.write(b"abc")
    assert part.read(1, 1) == b"b"
    part.write(b"def")
    assert part.read(0, 100) == b"abcdef"
    part.close()


def test_nobody_else_can_read_it(tmp_path: Path) -> None:
    """What people have spoken is theirs."""
    shelf = _shelf(tmp_path, "a")
    _keep(shelf, 0)
    assert shelf.directory.stat().st_mode & 0o077 == 0
    assert shelf.path(0).stat().st_mode & 0o077 == 0


def test_clear(tmp_path: Path) -> None:
    """A finished job leaves nothing."""
    shelf = _shelf(tmp_path, "a")
    _keep(shelf, 0)
    _keep(shelf, 1)
    assert shelf.count() == 2
    shelf.clear()
    assert list(tmp_path.iterdir()) == []


def test_sweep_forgets_old_jobs(tmp_path: Path) -> None:
    """What nobody came back to for a week goes; the rest stays."""
    old, new = _shelf(tmp_path, "old"), _shelf(tmp_path, "new")
    _keep(old, 0)
    _keep(new, 0)
    eight_days_ago = new.directory.stat().st_mtime - 8 * 24 * 3600
    os.utime(old.directory, (eight_days_ago, eight_days_ago))
    sweep(tmp_path)
    assert list(tmp_path.iterdir()) == [new.directory]


def test_a_disk_that_refuses(tmp_path: Path) -> None:
    """Where nothing can be kept, that is said."""
    (tmp_path / "room").write_text("a file, no directory")
    with pytest.raises(OutputError):
        _shelf(tmp_path / "room", "a").begin(0)
