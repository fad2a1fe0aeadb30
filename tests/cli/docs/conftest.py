"""The command tree as the pages describe it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest

from stepcli.cli.docs.introspect import describe_program
from stepcli.cli.docs.model import Command
from tests.support.program import Finished, Program

PROGRAM = describe_program()
COMMANDS = list(PROGRAM.all())


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that takes ``command`` is run for every command there is."""
    if "command" in metafunc.fixturenames:
        metafunc.parametrize("command", COMMANDS, ids=lambda command: command.name)


@pytest.fixture(scope="session")
def shown_help(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Command], Finished]:
    """``--help`` as the program itself shows it to a pipe, once for every command."""
    stepcli = Program(tmp_path_factory.mktemp("home"), {"FORCE_COLOR": "1", "TERM": "xterm"})
    return cache(lambda command: stepcli(*command.path, "--help"))


@pytest.fixture(scope="session")
def program() -> Command:
    return PROGRAM
