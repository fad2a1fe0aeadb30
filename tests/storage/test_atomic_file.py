"""Files that appear complete or not at all."""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from pathlib import Path

import pytest

from stepcli.errors import OutputError, UsageError
from stepcli.storage.atomic_file import AtomicFile, completed, write_private
from tests.support.full_disk import file_size_limit


def test_appears_when_it_is_closed(tmp_path: Path) -> None:
    target = tmp_path / "a"
    file = AtomicFile(target)
    file.write(b"new")
    assert not target.exists()
    file.close()
    assert target.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [target]


def test_failed_run_leaves_the_target_as_it_was(tmp_path: Path) -> None:
    target = tmp_path / "a"
    target.write_bytes(b"old")
    with suppress(ZeroDivisionError), completed(AtomicFile(target)) as file:
        file.write(b"new")
        raise ZeroDivisionError
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def test_full_disk_leaves_the_target_as_it_was(tmp_path: Path) -> None:
    target = tmp_path / "a"
    target.write_bytes(b"old")
    with file_size_limit(8192):
        with pytest.raises(OutputError) as caught, completed(AtomicFile(target)) as file:
            file.write(bytes(20_000))
        assert caught.value.hint
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def test_mode_of_a_replaced_file_stays(tmp_path: Path) -> None:
    target = tmp_path / "a"
    target.touch(mode=0o640)
    target.chmod(0o640)
    AtomicFile(target).close()
    assert target.stat().st_mode & 0o777 == 0o640


def test_symbolic_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("a")
    AtomicFile(tmp_path / "link").close()
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "a").is_file()


@pytest.mark.parametrize("length", [255, 256])
def test_longest_name(tmp_path: Path, length: int) -> None:
    """A name that the file system takes is written, although the temporary one is another."""
    target = tmp_path / ("ü" * 127 + "x" * (length - 254))
    if length > 255:
        with pytest.raises(UsageError, match="File name too long"):
            AtomicFile(target)
        return
    AtomicFile(target).close()
    assert target.exists()


@pytest.mark.parametrize("suffix", [".wav", ""])
def test_set_aside_shortens_a_name_that_would_be_too_long(tmp_path: Path, suffix: str) -> None:
    target = tmp_path / ("x" * (255 - len(suffix)) + suffix)
    file = AtomicFile(target)
    file.write(b"part")
    kept = file.set_aside()
    assert kept.read_bytes() == b"part"
    assert kept.name.endswith(f".partial{suffix}")
    assert not target.exists()


def test_set_aside_never_replaces_a_file(tmp_path: Path) -> None:
    (tmp_path / "a.partial.txt").write_bytes(b"earlier")
    assert AtomicFile(tmp_path / "a.txt").set_aside() == tmp_path / "a.partial2.txt"
    assert (tmp_path / "a.partial.txt").read_bytes() == b"earlier"


@pytest.mark.parametrize("number", [errno.EBUSY, errno.EXDEV, errno.EPERM])
def test_target_that_cannot_be_replaced_is_overwritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """Such as a bind-mounted file; a message says so."""
    notes: list[str] = []
    target = tmp_path / "a"
    target.write_bytes(b"something longer")
    inode = target.stat().st_ino
    file = AtomicFile(target, notify=notes.append)
    file.write(b"new")

    def refuse(_source: Path, _target: Path) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(Path, "replace", refuse)
    file.close()
    assert (target.read_bytes(), target.stat().st_ino) == (b"new", inode)
    assert notes == [f"{target} cannot be replaced, so it is overwritten in place"]
    assert list(tmp_path.iterdir()) == [target]


def test_missing_directory_names_the_command_that_creates_it(tmp_path: Path) -> None:
    missing = tmp_path / "no such"
    with pytest.raises(UsageError) as caught:
        AtomicFile(missing / "a.wav")
    assert caught.value.hint == f"create it: mkdir -p '{missing}'"


def test_relative_path_in_a_deleted_directory_is_a_usage_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    with pytest.raises(UsageError, match="the current directory no longer exists"):
        AtomicFile(Path("a"))
    monkeypatch.chdir(tmp_path)


def test_private_file(tmp_path: Path) -> None:
    path = tmp_path / "new" / "directory" / "a"
    write_private(path, b"secret")
    assert path.read_bytes() == b"secret"
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0
