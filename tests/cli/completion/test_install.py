"""``--install-completion`` and ``--show-completion``."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from stepcli.cli.completion import install
from stepcli.cli.completion.scripts import script
from stepcli.cli.docs.model import Command
from stepcli.errors import UsageError
from tests.support.pasted import stand_in
from tests.support.program import COMMAND, Program

PLACES = {
    "bash": ".local/share/bash-completion/completions/stepcli",
    "zsh": ".zfunc/_stepcli",
    "fish": ".config/fish/completions/stepcli.fish",
}


def _inside(shell: str, program: Program, *arguments: str) -> str:
    """Return what the program prints when ``shell`` runs it."""
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    line = f"{' '.join(map(str, COMMAND))} {' '.join(arguments)}; true"
    command = [shell, "-c", line]
    environment = program.environment()
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout


@pytest.mark.parametrize("shell", PLACES)
def test_script_is_installed_and_its_path_printed(
    shell: str, offline: Program, program: Command
) -> None:
    output = _inside(shell, offline, "--install-completion")
    path = offline.home / PLACES[shell]
    assert path.read_text() == script(shell, program)
    assert str(path) in output


@pytest.mark.parametrize("shell", PLACES)
def test_script_is_printed(shell: str, offline: Program, program: Command) -> None:
    assert _inside(shell, offline, "--show-completion").strip() == script(shell, program).strip()


def test_startup_line_is_added_once(offline: Program) -> None:
    """The contents of .bashrc are kept."""
    start = offline.home / ".bashrc"
    start.write_text("alias ll='ls -l'")
    for _ in range(2):
        _inside("bash", offline, "--install-completion")
    first, *rest = start.read_text().splitlines()
    assert first == "alias ll='ls -l'"
    assert rest == [f"source '{offline.home / PLACES['bash']}'"]


NEXT_SHELL = {
    "bash": ("bash", "-i", "-c", "complete -p stepcli"),
    "zsh": ("zsh", "-d", "-i", "-c", "print $_comps[stepcli]"),
    "fish": ("fish", "-c", "complete -C 'stepcli transc'"),
}


@pytest.mark.parametrize(
    ("shell", "has"),
    [
        ("bash", "complete -F _stepcli stepcli"),
        ("zsh", "_stepcli"),
        ("fish", "transcribe\tTranscribe audio of any format and length"),
    ],
)
def test_installed_completion_completes(shell: str, has: str, offline: Program) -> None:
    """fish loads completion only if the command is on the PATH."""
    _inside(shell, offline, "--install-completion")
    environment = offline.environment()
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
    done = subprocess.run(
        NEXT_SHELL[shell], env=environment, capture_output=True, text=True, check=False
    )
    assert done.stdout.splitlines() == [has]


def test_powershell_profile_loads_the_script(
    program: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stand-in prints the path of the profile."""
    profile = tmp_path / "Documents" / "PowerShell" / "profile.ps1"
    stand_in(tmp_path / "bin", "pwsh", f'echo "$@" >arguments\necho "{profile}"')
    shell = str(tmp_path / "bin" / "pwsh")
    monkeypatch.setattr("shellingham.detect_shell", lambda: ("pwsh", shell))
    monkeypatch.chdir(tmp_path)
    assert str(profile.with_name("stepcli.ps1")) in install.install(program)
    assert profile.with_name("stepcli.ps1").read_text() == script("powershell", program)
    assert profile.read_text() == '. "$PSScriptRoot/stepcli.ps1"\n'
    assert (tmp_path / "arguments").read_text().endswith("-Command $PROFILE.CurrentUserAllHosts\n")


@pytest.mark.parametrize("text", ["$x = 'ä'\r\n".encode("utf-16"), b"alias caf\xe9=cafe"])
def test_startup_file_keeps_its_encoding(text: bytes, tmp_path: Path) -> None:
    """Windows PowerShell writes UTF-16; old files may be neither UTF-16 nor UTF-8."""
    path = tmp_path / "start"
    path.write_bytes(text)
    for _ in range(2):
        install._ensure_line(path, "one line")
    added = path.read_bytes().removeprefix(text)
    assert added in ("one line\n".encode("utf-16-le"), b"\none line\n")


@pytest.mark.parametrize(
    ("shell", "hint"), [("ksh", "bash, zsh, fish"), ("pwsh", "stepcli --show-completion")]
)
def test_error_for_an_unsupported_shell_has_a_hint(
    shell: str, hint: str, program: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shellingham.detect_shell", lambda: (shell, f"/nowhere/{shell}"))
    with pytest.raises(UsageError) as refused:
        install.install(program)
    assert hint in (refused.value.hint or "")
