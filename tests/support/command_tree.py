"""The model of the real command tree, for the tests of help, manual and completion."""

from __future__ import annotations

from stepcli.cli.app import root_command
from stepcli.cli.docs.introspect import program_model

PROGRAM = program_model(root_command())
COMMANDS = list(PROGRAM.all())
