"""Fixtures for the tests of help and manual pages."""

from __future__ import annotations

import pytest

from stepcli.cli.docs.model import Command
from tests.support.command_tree import COMMANDS, PROGRAM


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test with a ``command`` parameter for every command."""
    if "command" in metafunc.fixturenames:
        metafunc.parametrize("command", COMMANDS, ids=lambda command: command.name)


@pytest.fixture(scope="session")
def program() -> Command:
    return PROGRAM
