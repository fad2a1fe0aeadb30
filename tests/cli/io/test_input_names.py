"""The inputs that a command line, a directory or a list names."""

from __future__ import annotations

import errno
import io
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from stepcli.cli.io.input_names import input_names
from stepcli.cli.io.terminal import Terminal
from stepcli.errors import UsageError
from tests.support.in_process import pipes
from tests.support.recordings import silence, write_wav

Tree = Callable[..., Path]


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """Creates sound files in a directory ``talks`` and returns its path."""

    def create(*names: str) -> Path:
        for name in names:
            path = tmp_path / "talks" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            write_wav(path, silence(0.1))
        return tmp_path / "talks"

    return create


def _found(directory: Path, *, recursive: bool = False) -> list[tuple[str, str]]:
    found = input_names([str(directory)], None, pipes(), recursive=recursive)
    return [(os.path.relpath(one.name, directory), one.stem) for one in found]


def test_input_that_is_named_keeps_no_directories() -> None:
    assert [one.stem for one in input_names(["a/b.c.wav", "-"], None, pipes())] == ["b.c", "stdin"]


def test_directory_stands_for_its_sound_files_in_order(tree: Tree) -> None:
    """What is sound is decided by contents."""
    talks = tree("b.wav", "a.txt", "below/c.wav")
    (talks / "notes.wav").write_text("just words")
    assert _found(talks) == [("a.txt", "a"), ("b.wav", "b")]
    assert _found(talks, recursive=True)[2:] == [("below/c.wav", "below/c")]


def test_other_files_are_counted_with_verbose(tree: Tree) -> None:
    talks = tree("a.wav")
    (talks / "notes.txt").write_text("just words")
    os.mkfifo(talks / "pipe.wav")
    stderr = io.StringIO()
    input_names([str(talks)], None, Terminal(io.StringIO(), io.StringIO(), stderr, verbose=True))
    assert "passed over 2 files that are not audio or video" in stderr.getvalue()


def test_loop_of_symbolic_links_ends(tree: Tree) -> None:
    talks = tree("a.wav", "below/b.wav")
    (talks / "below" / "loop").symlink_to(talks)
    (talks / "self").symlink_to("self")
    (talks / "again").symlink_to(talks / "a.wav")
    assert [name for name, _ in _found(talks, recursive=True)] == ["a.wav", "again", "below/b.wav"]


def test_files_that_differ_in_their_extension_keep_it(tree: Tree) -> None:
    talks = tree("a.mp3", "A.wav", "b.wav", "below/a.wav")
    stems = [stem for _, stem in _found(talks, recursive=True)]
    assert stems == ["A.wav", "a.mp3", "b", "below/a"]


@pytest.mark.parametrize(
    "contents",
    [
        b"a.wav\nb c.wav\n",
        b"\xef\xbb\xbfa.wav\r\n\r\nb c.wav",
        b"a.wav\0b c.wav\0",
        b"a.wav\0b c.wav",
    ],
)
def test_list_has_a_name_per_line_or_nul(tmp_path: Path, contents: bytes) -> None:
    (tmp_path / "list").write_bytes(contents)
    names = input_names(["first"], str(tmp_path / "list"), pipes())
    assert [one.name for one in names] == ["first", "a.wav", "b c.wav"]


def test_name_in_a_list_may_contain_any_bytes(tmp_path: Path) -> None:
    (tmp_path / "list").write_bytes(b"a\nb\xff.wav\0")
    (name,) = input_names([], str(tmp_path / "list"), pipes())
    assert os.fsencode(name.name) == b"a\nb\xff.wav"


def test_directory_in_a_list_is_expanded(tmp_path: Path, tree: Tree) -> None:
    (tmp_path / "list").write_text(f"{tree('a.wav')}\n")
    assert [one.stem for one in input_names([], str(tmp_path / "list"), pipes())] == ["a"]


@pytest.mark.parametrize(
    ("words", "files_from", "message"),
    [
        ([], None, "no input given"),
        ([], "empty", "empty names no input"),
        ([], "none", "cannot read none"),
        (["-"], "-", "stdin cannot be both"),
        (["talks"], None, "no audio or video file in talks"),
    ],
)
def test_missing_input_is_a_usage_error(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    files_from: str | None,
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "talks").mkdir()
    (tmp_path / "empty").write_text("\n")
    with pytest.raises(UsageError, match=message):
        input_names(words, files_from, pipes())


def test_directory_that_cannot_be_read_is_an_input_beside_the_others(
    tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    talks = tree("a.wav", "locked/b.wav", "open/c.wav")
    entries = Path.iterdir

    def iterdir(self: Path) -> Iterator[Path]:
        if self.name == "locked":
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return entries(self)

    monkeypatch.setattr(Path, "iterdir", iterdir)
    found = [("a.wav", "a"), ("locked", "locked"), ("open/c.wav", "open/c")]
    assert sorted(_found(talks, recursive=True)) == found
    locked = str(talks / "locked")
    assert [one.name for one in input_names([locked, "b.wav"], None, pipes())] == [locked, "b.wav"]
