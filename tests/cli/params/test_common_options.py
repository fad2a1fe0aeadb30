"""``stepcli.cli.params.common_options``: the options of every command, and ``--jobs``."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from stepcli.cli.params.common_options import ConnectionFlags, TerminalFlags, common_options
from tests.support.in_process import InProcess


def test_every_common_option_is_known() -> None:
    names = {
        one.name.replace("_", "-") for one in (*fields(TerminalFlags), *fields(ConnectionFlags))
    }
    assert {f"--{name}" for name in names} | {"-q"} == set(common_options())


@pytest.mark.parametrize(
    ("value", "code"),
    [("auto", 0), ("AUTO", 0), ("1", 0), ("64", 0), ("0", 2), ("65", 2), ("x", 2)],
)
def test_jobs_is_auto_or_a_number_in_range(value: str, code: int, home: Path) -> None:
    done = InProcess(home)("speak", "Hi.", "--dry-run", "--jobs", value)
    assert done.code == code
    assert ("1 to 64" in done.stderr) == bool(code)
