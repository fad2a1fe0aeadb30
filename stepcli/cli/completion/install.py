"""``--install-completion`` and ``--show-completion``, for the shell that asked."""

from __future__ import annotations

import codecs
import os
import subprocess
from contextlib import suppress
from pathlib import Path

import shellingham

from stepcli.cli.completion.scripts import FILES, script
from stepcli.cli.docs.introspect import describe_program
from stepcli.errors import OutputError, UsageError

_POWERSHELL = ("pwsh", "powershell")


def show() -> str:
    """The completion script for the shell that runs this."""
    return script(_shell(), describe_program())


def install() -> str:
    """Write the script where the shell finds it; a sentence about where that is.

    Raises UsageError for a shell that cannot be told apart or does not say what it reads.
    """
    shell = _shell()
    path, start = _PLACES[shell]()
    try:
        _write(path, script(shell, describe_program()))
        if start:
            _ensure_line(*start)
    except OSError as exc:
        raise OutputError(f"cannot write {exc.filename}: {exc.strerror}") from exc
    return f"{shell} completes stepcli from {path}; it begins in the next shell that you open"


def _shell() -> str:
    name, _ = _detected()
    name = "powershell" if name in _POWERSHELL else name or Path(os.environ.get("SHELL", "")).name
    if name not in FILES:
        raise UsageError(
            f"there is no completion for {name or 'this shell'}",
            hint=f"run this from one of {', '.join(FILES)}",
        )
    return name


def _detected() -> tuple[str, str]:
    """The name of the shell that runs this, and its program; empty where it is not known."""
    name = program = ""
    with suppress(shellingham.ShellDetectionFailure):
        name, program = shellingham.detect_shell()
    return name, program


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


def _powershell() -> tuple[Path, Start | None]:
    """Beside the profile, which PowerShell itself has to name."""
    ask = ["-NoProfile", "-NonInteractive", "-Command", "$PROFILE.CurrentUserAllHosts"]
    try:
        done = subprocess.run(
            [_detected()[1], *ask], capture_output=True, text=True, timeout=60, check=True
        )
        profile = Path(done.stdout.strip() or ".")
    except (OSError, subprocess.SubprocessError):
        profile = Path()
    if not profile.is_absolute():
        raise UsageError(
            "PowerShell does not say where its profile is",
            hint="add a line to it: stepcli --show-completion | Out-String | Invoke-Expression",
        )
    name = FILES["powershell"]
    return profile.with_name(name), (profile, f'. "$PSScriptRoot/{name}"')


SHELLS = ("bash", "zsh", "fish")
"""Those that look in a place of their own."""

_SHARED = {
    "bash": "bash-completion/completions/stepcli",
    "zsh": "zsh/site-functions/_stepcli",
    "fish": "fish/vendor_completions.d/stepcli.fish",
}
"""Below the data directories, where a package puts a script."""


def found(shell: str) -> Path | None:
    """The script that one of SHELLS finds, if there is one."""
    path, _ = _PLACES[shell]()
    data = os.environ.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share"
    shared = (Path(directory) / _SHARED[shell] for directory in data.split(":"))
    return next(filter(Path.exists, (path, *shared)), None)


_PLACES = {"bash": _bash, "zsh": _zsh, "fish": _fish, "powershell": _powershell}


def _directory(variable: str, otherwise: str) -> Path:
    named = os.environ.get(variable)
    return Path(named) if named else Path.home() / otherwise


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")


def _ensure_line(path: Path, line: str) -> None:
    """``path`` is the user's, in whatever encoding; what stands in it stays as it is."""
    data = path.read_bytes() if path.exists() else b""
    encoding = "utf-16-le" if data.startswith(codecs.BOM_UTF16_LE) else "utf-8"
    text = data.decode(encoding, errors="replace")
    if line not in text.splitlines():
        separator = "" if text.endswith("\n") or not text else "\n"
        with path.open("ab") as file:
            file.write(f"{separator}{line}\n".encode(encoding))
