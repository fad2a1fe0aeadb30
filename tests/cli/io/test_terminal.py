"""What is written is the same bytes, whatever the system calls its encoding."""

from __future__ import annotations

import errno
import os
import sys

import pytest

from stepcli.cli.io.terminal import is_closed_pipe
from tests.support.program import Program
from tests.support.terminal import on_terminal

OLD = {"PYTHONIOENCODING": "cp1252"}
"""A Windows pipe in western Europe."""


def test_pipes_are_utf8(stepcli: Program) -> None:
    """Chinese goes through a pipe that the system would have in a code page without any."""
    listed = stepcli("voices", "list", **OLD)
    assert listed.code == 0, listed.stderr
    assert "女声" in listed.stdout
    assert listed.out == stepcli("voices", "list").out


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
