"""``stepcli.cli.io.terminal``: encodings, closed streams, and harmless output."""

from __future__ import annotations

import errno
import io
import json
import os
import sys
from collections.abc import Callable

import pytest

from stepcli.cli.io.table import Column, show_table
from stepcli.cli.io.terminal import Terminal, escaped, is_closed_pipe, is_colored
from tests.support.program import Program
from tests.support.terminal import FakeTerminal, on_terminal

OLD = {"PYTHONIOENCODING": "cp1252"}


"""A Windows pipe in western Europe."""


def test_pipes_are_utf8(stepcli: Program) -> None:
    """Chinese goes through a pipe that the system would have in a code page without any."""
    listed = stepcli("voices", "list", **OLD, LANG="zh_CN.UTF-8")
    assert listed.code == 0, listed.stderr
    assert "女声" in listed.stdout
    assert listed.out == stepcli("voices", "list", LANG="zh_CN.UTF-8").out


def test_completion_is_utf8(offline: Program) -> None:
    assert offline(_STEPCLI_COMPLETE="voices", **OLD).out == offline(_STEPCLI_COMPLETE="voices").out


def test_errors_are_utf8(offline: Program) -> None:
    assert "cannot read 阿胶.txt" in offline("speak", "-f", "阿胶.txt", **OLD).stderr


def test_bytes_that_are_no_text_do_not_end_a_run(offline: Program) -> None:
    """A file name of another age is shown as its bytes; nothing is lost over it."""
    name = os.fsdecode(b"caf\xe9.txt")
    missing = offline("speak", "-f", name)
    assert (missing.code, missing.stderr) == (
        2,
        "stepcli: error: cannot read caf\\udce9.txt: No such file or directory\n",
    )


def test_a_terminal_shows_what_it_can(offline: Program) -> None:
    """In its own encoding, and never with a failure over a character."""
    offline.environ.update(OLD)
    with on_terminal(offline, "speak", "--help") as shown:
        assert shown.finish().code == 0
        shown.wait_for("Common options:")
    assert r"\u963f\u80f6/e1\u80f6" in shown.text


@pytest.mark.parametrize(("platform", "closed"), [("linux", False), ("win32", True)])
def test_a_closed_pipe(platform: str, closed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """EINVAL is a closed pipe on Windows and an error elsewhere."""
    monkeypatch.setattr(sys, "platform", platform)
    assert is_closed_pipe(BrokenPipeError())
    assert is_closed_pipe(OSError(errno.EINVAL, "Invalid argument")) is closed
    assert not is_closed_pipe(OSError(errno.ENOSPC, "No space left on device"))


HOSTILE = {
    "escape": "\x1b",
    "line feed": "\n",
    "carriage return": "\r",
    "tab": "\t",
    "next line": "\x85",
    "C1 control sequence introducer": "\x9b",
    "the byte 0x9B of a file name": "\udc9b",
    "delete": "\x7f",
    "line separator": "\u2028",
    "paragraph separator": "\u2029",
    "right-to-left override": "\u202e",
    "right-to-left isolate": "\u2067",
    "right-to-left mark": "\u200f",
    "Arabic letter mark": "\u061c",
}


FORGED = "take.wav{}hint: run this"


class Pipe(io.StringIO):
    encoding = "utf-8"


class OldTerminal(FakeTerminal):
    encoding = "cp1252"


def terminal(stdout: io.StringIO | None = None, stderr: io.StringIO | None = None) -> Terminal:
    return Terminal(io.StringIO(), stdout or Pipe(), stderr or Pipe(), verbose=True)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that takes ``hostile`` runs for each kind of hostile character."""
    if "hostile" in metafunc.fixturenames:
        texts = [FORGED.format(character) for character in HOSTILE.values()]
        metafunc.parametrize("hostile", texts, ids=HOSTILE)


def assert_shown_on_one_line(written: str, hostile: str) -> None:
    assert not set(hostile) - set(FORGED) & set(written.removesuffix("\n")), written
    assert written.count("\n") <= 1
    assert "take.wav" in written
    assert "hint: run this" in written


MESSAGES: dict[str, Callable[[Terminal, str], object]] = {
    "note": Terminal.note,
    "detail": Terminal.detail,
    "say": Terminal.say,
    "live": Terminal.live,
    "ask": Terminal.ask,
}


@pytest.mark.parametrize("write", MESSAGES.values(), ids=MESSAGES)
@pytest.mark.parametrize("stderr", [FakeTerminal, Pipe])
def test_message_is_one_harmless_line(
    write: Callable[[Terminal, str], object], stderr: Callable[[], io.StringIO], hostile: str
) -> None:
    """On a terminal and in a pipe."""
    stream = stderr()
    write(terminal(stderr=stream), hostile)
    written = stream.getvalue().replace("\r\x1b[K", "")
    if written:
        assert_shown_on_one_line(written, hostile)


@pytest.mark.parametrize("stdout", [FakeTerminal, Pipe])
def test_table_row_is_one_harmless_line(stdout: Callable[[], io.StringIO], hostile: str) -> None:
    """On a terminal and in a pipe."""
    stream = stdout()
    terminal(stdout=stream).row(hostile)
    assert_shown_on_one_line(stream.getvalue(), hostile)


@pytest.mark.parametrize("stdout", [FakeTerminal, Pipe])
def test_table_cells_are_harmless(
    stdout: Callable[[], io.StringIO], hostile: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("NO_COLOR", "1")
    stream = stdout()
    show_table(terminal(stdout=stream), [[hostile, "x"]], [Column(width=60), Column()])
    assert_shown_on_one_line(stream.getvalue(), hostile)


def test_result_on_a_terminal_is_one_harmless_line(hostile: str) -> None:
    stream = FakeTerminal()
    terminal(stdout=stream).result(hostile)
    assert_shown_on_one_line(stream.getvalue(), hostile)


def test_result_in_a_pipe_is_left_as_it_is(hostile: str) -> None:
    """A script reads it: a name stays the name of its file."""
    stream = Pipe()
    terminal(stdout=stream).result(hostile)
    assert stream.getvalue() == f"{hostile}\n"


def test_text_keeps_its_lines_and_nothing_else(hostile: str) -> None:
    stream = FakeTerminal()
    terminal(stdout=stream).text(f"one\n{hostile}")
    first, _, rest = stream.getvalue().partition("\n")
    assert first == "one"
    assert not set(hostile) - set(FORGED) - {"\n", "\t"} & set(rest)


def test_text_in_a_pipe_is_left_as_it_is(hostile: str) -> None:
    stream = Pipe()
    terminal(stdout=stream).text(hostile)
    assert stream.getvalue() == f"{hostile}\n"


@pytest.mark.parametrize("stdout", [FakeTerminal, OldTerminal])
def test_json_on_a_terminal_is_valid_and_harmless(
    hostile: str, stdout: Callable[[], io.StringIO]
) -> None:
    """Both what is given as a value and what has been written as JSON before."""
    value = {hostile: f"{hostile} 好 \U0001f600"}
    first, second = stdout(), stdout()
    terminal(stdout=first).result_json(value)
    terminal(stdout=second).json_text(json.dumps(value, ensure_ascii=False))
    for stream in (first, second):
        written = stream.getvalue()
        assert json.loads(written) == value
        assert_shown_on_one_line(written, hostile)
        written.encode(stream.encoding or "")


def test_ordinary_text_is_left_as_it_is() -> None:
    """Also a joined emoji, Hebrew letters and combining marks."""
    plain = "Grüße 好 שלום 👩\u200d👧 e\u0301 ~"
    assert escaped(plain) == plain


@pytest.mark.parametrize(
    ("environ", "colored"),
    [
        ({}, False),
        ({"FORCE_COLOR": "1"}, True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ({"FORCE_COLOR": "1", "TERM": "dumb"}, True),
    ],
)
def test_pipe_gets_color_only_if_forced(environ: dict[str, str], colored: bool) -> None:
    assert is_colored(io.StringIO(), environ) is colored


@pytest.mark.parametrize("stdin", [io.StringIO(), io.StringIO("n")])
def test_next_message_is_not_beside_an_unanswered_question(stdin: io.StringIO) -> None:
    stderr = io.StringIO()
    terminal = Terminal(stdin, io.StringIO(), stderr)
    terminal.confirm("Continue?")
    terminal.say("cancelled")
    assert stderr.getvalue() == "Continue? [y/N] \ncancelled\n"
