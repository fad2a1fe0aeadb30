"""Files that earlier runs have made are found again while they and their requests are the same."""

from __future__ import annotations

import os
import stat
import time
from pathlib import Path

import pytest

from stepcli.storage.delivered_files import DeliveredFiles
from stepcli.storage.directories import KEPT_SECONDS

REQUEST = [{"input": "Hello."}]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "state" / "delivered"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "out" / "1.mp3"
    path.parent.mkdir()
    path.write_bytes(b"sound")
    return path


@pytest.fixture
def recorded(root: Path, file: Path) -> DeliveredFiles:
    """What a later run knows about the file."""
    DeliveredFiles(root, file.parent).add(file, REQUEST)
    return DeliveredFiles(root, file.parent)


def test_file_of_an_earlier_run_is_found(recorded: DeliveredFiles, file: Path) -> None:
    assert recorded.size_of(file, REQUEST) == 5


def test_other_request_is_not_found(recorded: DeliveredFiles, file: Path) -> None:
    assert recorded.size_of(file, [{"input": "Hello!"}]) is None
    assert recorded.size_of(file.with_name("2.mp3"), REQUEST) is None


def test_changed_or_deleted_file_is_not_found(recorded: DeliveredFiles, file: Path) -> None:
    file.write_bytes(b"other")
    os.utime(file, ns=(0, 0))
    assert recorded.size_of(file, REQUEST) is None
    file.unlink()
    assert recorded.size_of(file, REQUEST) is None


@pytest.mark.usefixtures("recorded")
def test_each_directory_has_a_record_of_its_own(root: Path) -> None:
    other = root.parent / "1.mp3"
    other.write_bytes(b"sound")
    assert DeliveredFiles(root, other.parent).size_of(other, REQUEST) is None


@pytest.mark.usefixtures("recorded")
def test_record_is_private_and_contains_no_text(root: Path) -> None:
    (path,) = root.iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "Hello" not in path.read_text()


@pytest.mark.usefixtures("recorded")
def test_damaged_line_is_ignored(root: Path, file: Path) -> None:
    (path,) = root.iterdir()
    path.write_bytes(b'["trunc\n\xff\n3\n' + path.read_bytes())
    assert DeliveredFiles(root, file.parent).size_of(file, REQUEST) == 5


def test_replaced_entries_are_removed(root: Path, file: Path) -> None:
    record = DeliveredFiles(root, file.parent)
    for number in range(1002):
        record.add(file, [number])
    (path,) = root.iterdir()
    assert DeliveredFiles(root, file.parent).size_of(file, [1001]) == 5
    assert path.read_bytes().count(b"\n") == 1
    assert DeliveredFiles(root, file.parent).size_of(file, [1001]) == 5


@pytest.mark.usefixtures("recorded")
def test_record_expires(root: Path, file: Path) -> None:
    (path,) = root.iterdir()
    then = time.time() - KEPT_SECONDS - 60
    os.utime(path, (then, then))
    assert DeliveredFiles(root, file.parent).size_of(file, REQUEST) is None


def test_record_that_cannot_be_written_is_empty(tmp_path: Path, file: Path) -> None:
    (tmp_path / "blocked").write_text("in the way")
    DeliveredFiles(tmp_path / "blocked", file.parent).add(file, REQUEST)
    assert DeliveredFiles(tmp_path / "blocked", file.parent).size_of(file, REQUEST) is None
