"""``--install-completion`` and ``--show-completion`` for the current shell."""

from __future__ import annotations

import codecs
import os
import subprocess
from contextlib import suppress
from pathlib import Path

import shellingham

from stepcli.cli.completion.scripts import FILES, script
from stepcli.cli.docs.model import Command
from stepcli.errors import OutputError, UsageError
from stepcli.storage.os_errors import os_errors_as

_POWERSHELL = ("pwsh", "powershell")


def shown_script(program: Command) -> str:
    """Return the completion script for the shell that runs this process."""
    return script(_shell(), program)


def install(program: Command) -> str:
    """Write the script where the shell looks for it, and return a message that names the file.

    Raise UsageError if the shell is unknown or does not report the location of its profile.
    """
    shell = _shell()
    path, startup = _LOCATIONS[shell]()
    with os_errors_as(OutputError, f"cannot write {path}"):
        _write(path, script(shell, program))
    if startup:
        file, line = startup
        with os_errors_as(OutputError, f"cannot write {file}"):
            _ensure_line(file, line)
    return f"installed {shell} completion in {path}; open a new shell to use it"


def _shell() -> str:
    name, _ = _detected()
    name = "powershell" if name in _POWERSHELL else name or Path(os.environ.get("SHELL", "")).name
    if name not in FILES:
        raise UsageError(
            f"no completion is available for {name or 'this shell'}",
            hint=f"run this command from one of {', '.join(FILES)}",
        )
    return name


def _detected() -> tuple[str, str]:
    """Return the name and the path of the shell that runs this process; empty if unknown."""
    name = program = ""
    with suppress(shellingham.ShellDetectionFailure):
        name, program = shellingham.detect_shell()
    return name, program


StartupLine = tuple[Path, str]
"""A file that the shell reads when it starts, and the line that it must contain."""


def _bash() -> tuple[Path, StartupLine | None]:
    data = _directory("XDG_DATA_HOME", ".local/share")
    path = data / "bash-completion" / "completions" / "stepcli"
    return path, (Path.home() / ".bashrc", f"source '{path}'")


def _zsh() -> tuple[Path, StartupLine | None]:
    path = Path.home() / ".zfunc" / FILES["zsh"]
    line = "fpath+=~/.zfunc; autoload -Uz compinit; compinit"
    return path, (_directory("ZDOTDIR", "") / ".zshrc", line)


def _fish() -> tuple[Path, StartupLine | None]:
    config = _directory("XDG_CONFIG_HOME", ".config")
    return config / "fish" / "completions" / FILES["fish"], None


def _powershell() -> tuple[Path, StartupLine | None]:
    """Return a path next to the profile, whose location only PowerShell knows."""
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
            "PowerShell did not report the location of its profile",
            hint="add to the profile: stepcli --show-completion | Out-String | Invoke-Expression",
        )
    name = FILES["powershell"]
    return profile.with_name(name), (profile, f'. "$PSScriptRoot/{name}"')


SHELLS = ("bash", "zsh", "fish")
"""The shells whose scripts ``installed_script`` can find."""

_SHARED = {
    "bash": "bash-completion/completions/stepcli",
    "zsh": "zsh/site-functions/_stepcli",
    "fish": "fish/vendor_completions.d/stepcli.fish",
}
"""Where a package installs the scripts, relative to a data directory."""


def installed_script(shell: str) -> Path | None:
    """Return the script that ``shell``, one of SHELLS, loads; None if there is none."""
    path, _ = _LOCATIONS[shell]()
    data = os.environ.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share"
    shared = (Path(directory) / _SHARED[shell] for directory in data.split(":"))
    return next(filter(Path.exists, (path, *shared)), None)


_LOCATIONS = {"bash": _bash, "zsh": _zsh, "fish": _fish, "powershell": _powershell}


def _directory(variable: str, default: str) -> Path:
    value = os.environ.get(variable)
    return Path(value) if value else Path.home() / default


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")


def _ensure_line(path: Path, line: str) -> None:
    """Append ``line`` to ``path`` unless it is there, keeping the encoding of the file."""
    data = path.read_bytes() if path.exists() else b""
    encoding = "utf-16-le" if data.startswith(codecs.BOM_UTF16_LE) else "utf-8"
    text = data.decode(encoding, errors="replace")
    if line not in text.splitlines():
        separator = "" if text.endswith("\n") or not text else "\n"
        with path.open("ab") as file:
            file.write(f"{separator}{line}\n".encode(encoding))
