"""OSErrors of file operations become errors with a reason and a remedy."""

from __future__ import annotations

import errno
import os

import pytest

from stepcli.errors import OutputError, UsageError
from stepcli.storage.os_errors import hint_for, os_errors_as, output_errors, reason


def test_reason_leaves_out_number_and_file_name() -> None:
    assert reason(FileNotFoundError(2, "No such file or directory", "/a")) == (
        "No such file or directory"
    )
    assert reason(OSError("without a number")) == "without a number"


def test_remedy_depends_on_the_system_alone() -> None:
    assert hint_for(OSError(errno.EFBIG, "")) == "the file-size limit was reached: see ulimit -f"
    assert hint_for(OSError(errno.ENOENT, "")) is None
    assert hint_for(OSError("without a number")) is None


def test_error_says_what_failed_why_and_what_to_do() -> None:
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    with pytest.raises(OutputError) as failure, output_errors("a.wav"):
        raise full
    assert failure.value.message == f"cannot write a.wav: {full.strerror}"
    assert failure.value.hint == "free some disk space, or choose another disk"
    assert failure.value.__cause__ is full


def test_closed_pipe_and_other_errors_pass() -> None:
    for error in (BrokenPipeError(), ValueError()):
        with pytest.raises(type(error)), os_errors_as(UsageError, "cannot write"):
            raise error
