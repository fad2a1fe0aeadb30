"""The text to speak: arguments, a file or stdin."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from stepcli.cli.io.terminal import Terminal
from stepcli.cli.io.text_input import listed_values, read_text, stdin_blocks, text_file
from stepcli.errors import UsageError
from tests.support.in_process import pipes

Pipe = Callable[[bytes], Terminal]


@pytest.fixture
def piped(tmp_path: Path) -> Iterator[Pipe]:
    """Returns a terminal with the given bytes on stdin."""
    opened: list[io.TextIOWrapper] = []

    def pipe(data: bytes) -> Terminal:
        (tmp_path / "stdin").write_bytes(data)
        opened.append((tmp_path / "stdin").open(encoding="utf-8"))
        return Terminal(opened[-1], io.StringIO(), io.StringIO())

    yield pipe
    for file in opened:
        file.close()


def test_words_are_joined_by_spaces() -> None:
    assert read_text(["Hello", "there"], None, pipes()) == "Hello there"


@pytest.mark.parametrize("words", [[], ["-"]])
def test_text_comes_from_stdin(piped: Pipe, words: list[str]) -> None:
    assert read_text(words, None, piped("Grüße".encode())) == "Grüße"
    assert read_text([], Path("-"), piped(b"Hello")) == "Hello"


def test_byte_order_mark_is_dropped(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"\xef\xbb\xbfHello")
    assert read_text([], tmp_path / "a.txt", pipes()) == "Hello"


@pytest.mark.parametrize(("mark", "offset"), [(b"", 2), (b"\xef\xbb\xbf", 5)])
def test_byte_that_is_not_utf8_is_reported_with_its_offset(
    tmp_path: Path, mark: bytes, offset: int
) -> None:
    (tmp_path / "a.txt").write_bytes(mark + b"ab\xffc")
    with pytest.raises(UsageError, match=f"is not UTF-8: byte 0xff at offset {offset}"):
        read_text([], tmp_path / "a.txt", pipes())


def test_listed_values_are_lines_without_comments(tmp_path: Path) -> None:
    (tmp_path / "list").write_bytes(
        "\ufeff# names\r\nStepFun\r\n\n  C#  # a language\n阿胶/e1胶\n".encode()
    )
    assert listed_values(tmp_path / "list") == ["StepFun", "C#", "阿胶/e1胶"]


@pytest.mark.parametrize("text", ["", " \n\t"])
def test_blank_text_is_a_usage_error(piped: Pipe, text: str) -> None:
    with pytest.raises(UsageError, match="the text is blank"):
        read_text([text], None, pipes())
    with pytest.raises(UsageError, match="the text is blank"):
        read_text([], None, piped(text.encode()))


def test_two_sources_are_a_usage_error() -> None:
    with pytest.raises(UsageError, match="TEXT and -f FILE cannot be combined"):
        read_text(["Hello"], Path("a.txt"), pipes())


def test_unreadable_file_is_a_usage_error(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none", tmp_path / ("x" * 300)):
        with pytest.raises(UsageError, match="cannot read"):
            read_text([], path, pipes())


def test_argument_is_decoded_in_a_locale_that_is_not_utf8() -> None:
    assert read_text([os.fsdecode("é".encode()).encode().decode()], None, pipes()) == "é"
    assert read_text(["\udcc3\udca9"], None, pipes()) == "é"
    with pytest.raises(UsageError, match="the text is not UTF-8 at offset 1"):
        read_text(["a\udcff"], None, pipes())


def test_configured_file_gives_way_to_words() -> None:
    """A file on the command line does not."""
    assert text_file(["Hello"], Path("a"), frozenset()) is None
    assert text_file([], Path("a"), frozenset()) == Path("a")
    assert text_file(["Hello"], Path("a"), frozenset({"file"})) == Path("a")


def test_closed_stdin_is_empty() -> None:
    closed = io.StringIO()
    closed.close()
    assert list(stdin_blocks(Terminal(closed, io.StringIO(), io.StringIO()))) == []


def test_block_from_stdin_is_passed_on_as_soon_as_it_arrives() -> None:
    reading, writing = os.pipe()
    with os.fdopen(reading) as stdin, os.fdopen(writing, "wb", buffering=0) as pipe:
        blocks = stdin_blocks(Terminal(stdin, io.StringIO(), io.StringIO()))
        for block in (b"one", b"two"):
            pipe.write(block)
            assert next(blocks) == block
        pipe.close()
        assert list(blocks) == []
