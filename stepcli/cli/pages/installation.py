"""``--install-completion`` and ``--show-completion``, for the shell that asked."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import shellingham

from stepcli.cli.pages.shells import FILES, script
from stepcli.cli.pages.tree import describe_program
from stepcli.errors import OutputError, UsageError

_POWERSHELL = ("pwsh", "powershell")


def show() -> str:
    """The completion script for the shell that runs this."""
    return script(_shell(), describe_program())


def install() -> str:
    """Write the script where the shell finds it; a sentence about where that is.

    Raises UsageError for a shell that cannot be told apart or has no place of its own.
    """
    shell = _shell()
    if shell not in _PLACES:
        raise UsageError(
            "PowerShell keeps completions in your profile, which is yours to edit",
            hint="add the line: stepcli --show-completion | Out-String | Invoke-Expression",
        )
    path, start = _PLACES[shell]()
    try:
        _write(path, script(shell, describe_program()))
        if start:
            _ensure_line(*start)
    except OSError as exc:
        raise OutputError(f"cannot write {exc.filename}: {exc.strerror}") from exc
    return f"{shell} completes stepcli from {path}; it begins in the next shell that you open"


def _shell() -> str:
    name = ""
    with suppress(shellingham.ShellDetectionFailure):
        name = shellingham.detect_shell()[0]
    name = "powershell" if name in _POWERSHELL else name or Path(os.environ.get("SHELL", "")).name
    if name not in FILES:
        raise UsageError(
            f"there is no completion for {name or 'this shell'}",
            hint=f"run this from one of {', '.join(FILES)}",
        )
    return name


Start = tuple[Path, str]
"""A file that the shell reads when it starts, and the line to have there."""


def _bash() -> tuple[Path, Start | None]:
    data = _directory("XDG_DATA_HOME", ".local/share")
    path = data / "bash-completion" / "completions" / "stepcli"
    return path, (Path.home() / ".bashrc", f"source '{path}'")


def _zsh() -> tuple[Path, Start | None]:
    path = Path.home() / ".zfunc" / FILES["zsh"]
    line = "fpath+=~/.zfunc; autoload -Uz compinit; compinit"
    return path, (_directory("ZDOTDIR", "") / ".zshrc", line)


def _fish() -> tuple[Path, Start | None]:
    config = _directory("XDG_CONFIG_HOME", ".config")
    return config / "fish" / "completions" / FILES["fish"], None


_PLACES = {"bash": _bash, "zsh": _zsh, "fish": _fish}


def _directory(variable: str, otherwise: str) -> Path:
    named = os.environ.get(variable)
    return Path(named) if named else Path.home() / otherwise


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")


def _ensure_line(path: Path, line: str) -> None:
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    if line not in text.splitlines():
        separator = "" if text.endswith("\n") or not text else "\n"
        with path.open("a", encoding="utf-8") as file:
            file.write(f"{separator}{line}\n")
