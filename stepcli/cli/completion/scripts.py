"""``completions/``: a script for each shell.

Each knows every command, option and choice itself, so that TAB costs no Python; it asks the program
for voices and devices only (``cli.values``).
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
"""What each shell's script is called."""

_SCRIPTS = {
    "bash": bash.script,
    "zsh": zsh.script,
    "fish": fish.script,
    "powershell": powershell.script,
}


def script(shell: str, program: Command) -> str:
    """The completion script for ``shell``."""
    return _SCRIPTS[shell](program)


def completion_scripts(program: Command) -> dict[str, str]:
    """Every script by its file's name."""
    return {name: script(shell, program) for shell, name in FILES.items()}
