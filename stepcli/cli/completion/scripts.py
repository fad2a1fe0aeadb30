"""The scripts in ``completions/``, one for each shell.

The scripts contain all commands, options and choices, so that completion rarely starts Python. They
run the program only for voices and devices; see ``stepcli.cli.completion.dynamic``.
"""

from __future__ import annotations

from stepcli.cli.completion import bash, fish, powershell, zsh
from stepcli.cli.docs.model import Command

FILES = {
    "bash": "stepcli.bash",
    "zsh": "_stepcli",
    "fish": "stepcli.fish",
    "powershell": "stepcli.ps1",
}
"""The file name of each shell's script."""

_SCRIPTS = {
    "bash": bash.script,
    "zsh": zsh.script,
    "fish": fish.script,
    "powershell": powershell.script,
}


def script(shell: str, program: Command) -> str:
    """Return the completion script for ``shell``."""
    return _SCRIPTS[shell](program)


def completion_scripts(program: Command) -> dict[str, str]:
    """Return every script by file name."""
    return {name: script(shell, program) for shell, name in FILES.items()}
