"""The model of the real command tree, for the tests of help, manual and completion."""

from __future__ import annotations

import pytest

from stepcli.cli.app import root_command
from stepcli.cli.docs.introspect import program_model
from stepcli.cli.docs.model import Command

PROGRAM = program_model(root_command())
COMMANDS = list(PROGRAM.all())


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test with a ``command`` parameter for every command."""
    if "command" in metafunc.fixturenames:
        metafunc.parametrize("command", COMMANDS, ids=lambda command: command.name)


@pytest.fixture(scope="session")
def program() -> Command:
    return PROGRAM
