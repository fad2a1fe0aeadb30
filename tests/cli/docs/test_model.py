"""The reference texts that all pages share."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from stepcli.cli.docs.model import FILES, Command, by_heading, exit_codes
from stepcli.cli.params.common_options import COMMON
from stepcli.errors import ContentError, OutputError, StepcliError
from stepcli.settings import cache_dir, config_dir, key_path, state_dir


def test_common_options_come_last(command: Command) -> None:
    headings = list(by_heading(command.options))
    assert COMMON not in headings[:-1]


def test_exit_codes_are_those_of_the_errors() -> None:
    codes = exit_codes()
    for error in (StepcliError, OutputError, ContentError):
        assert str(error.exit_code) in codes
    assert {"0", "130", "143"} <= codes.keys()


@pytest.mark.skipif(sys.platform != "linux", reason="the paths differ on other platforms")
def test_files_are_where_the_manual_says(home: Path) -> None:
    used = (config_dir() / "config.toml", key_path(), cache_dir(), state_dir())
    assert [Path(name).expanduser() for name in FILES] == list(used)
    assert all(path.is_relative_to(home) for path in used)
