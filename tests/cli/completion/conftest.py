"""Fixtures for the tests of completion."""

from tests.support.command_tree import program, pytest_generate_tests

__all__ = ["program", "pytest_generate_tests"]
