"""Parts of a long job, kept on disk."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from stepcli.errors import OutputError
from stepcli.tasks.shelf import Shelf, sweep


def test_the_same_job_finds_its_parts(tmp_path: Path) -> None:
    """Parts are there for the same job and for no other."""
    Shelf(tmp_path, ["a", 1], ".wav").keep(3, b"sound")
    assert Shelf(tmp_path, ["a", 1], ".wav").load(3) == b"sound"
    assert Shelf(tmp_path, ["a", 1], ".wav").load(4) is None
    assert Shelf(tmp_path, ["a", 2], ".wav").load(3) is None


def test_nobody_else_can_read_it(tmp_path: Path) -> None:
    """What people have spoken is theirs."""
    shelf = Shelf(tmp_path, ["a"], ".wav")
    shelf.keep(0, b"sound")
    assert shelf.directory.stat().st_mode & 0o077 == 0
    assert shelf.path(0).stat().st_mode & 0o077 == 0


def test_clear(tmp_path: Path) -> None:
    """A finished job leaves nothing."""
    shelf = Shelf(tmp_path, ["a"], ".wav")
    shelf.keep(0, b"sound")
    shelf.keep(1, b"sound")
    assert shelf.count() == 2
    shelf.clear()
    assert list(tmp_path.iterdir()) == []


def test_sweep_forgets_old_jobs(tmp_path: Path) -> None:
    """What nobody came back to for a week goes; the rest stays."""
    old, new = Shelf(tmp_path, ["old"], ".wav"), Shelf(tmp_path, ["new"], ".wav")
    for shelf in (old, new):
        shelf.keep(0, b"sound")
    eight_days_ago = new.directory.stat().st_mtime - 8 * 24 * 3600
    os.utime(old.directory, (eight_days_ago, eight_days_ago))
    sweep(tmp_path)
    assert list(tmp_path.iterdir()) == [new.directory]


def test_a_disk_that_refuses(tmp_path: Path) -> None:
    """Where nothing can be kept, that is said."""
    (tmp_path / "room").write_text("a file, no directory")
    with pytest.raises(OutputError):
        Shelf(tmp_path / "room", ["a"], ".wav").keep(0, b"sound")
