"""Fixtures for the tests of help and manual pages."""

from tests.cli.commands.conftest import dictate, microphone
from tests.support.command_tree import program, pytest_generate_tests

__all__ = ["dictate", "microphone", "program", "pytest_generate_tests"]
