"""``stepcli.cli.app``: parsing of a command line, and the origin of values that are refused."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from stepcli import __version__
from stepcli.cli.app import COMMANDS, GROUPS, run
from stepcli.errors import UsageError
from tests.support.in_process import InProcess, invocation


def test_version_goes_to_the_stdout_of_the_run() -> None:
    started = invocation("--version")
    assert run(started) == 0
    assert started.terminal.stdout.getvalue() == f"stepcli {__version__}\n"  # type: ignore[attr-defined]


def test_help_lists_every_command() -> None:
    started = invocation("--help")
    assert run(started) == 0
    page = started.terminal.stdout.getvalue()  # type: ignore[attr-defined]
    assert [command for command in COMMANDS if f"  {command}" not in page] == []


@pytest.mark.parametrize(
    ("arguments", "message", "hint"),
    [
        (("nonsense",), "no such command", "stepcli --help"),
        (("Hello",), "'Hello'", 'stepcli speak "Hello"'),
        (("say", "Hello"), "'say'", "did you mean speak?"),
        (("-v", "?"), "no such option: -v", "options of a command follow its name"),
        (("--sanbox", "speak", "Hi"), "--sanbox", "did you mean --sandbox?"),
        (("config", "--jsn", "list"), "--jsn", "did you mean --json?"),
        (("speak", "--nonsense"), "no such option", "stepcli speak --help"),
        (("speak", "Hi", "--jobs", "many"), "--jobs", "stepcli speak --help"),
        (("voices", "preview", "--nonsense"), "no such option", "stepcli voices preview --help"),
    ],
)
def test_command_line_that_cannot_be_parsed_names_the_help(
    arguments: tuple[str, ...], message: str, hint: str
) -> None:
    with pytest.raises(UsageError) as caught:
        run(invocation(*arguments))
    assert message in caught.value.message
    assert hint in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("content", "command"), [(b"Hello.", "stepcli speak -f a"), (b"ID3\4", "stepcli transcribe a")]
)
def test_file_in_place_of_a_command_names_what_it_is_for(
    content: bytes, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a").write_bytes(content)
    with pytest.raises(UsageError) as caught:
        run(invocation("a"))
    assert caught.value.hint == f"to use the file: {command}"


@pytest.mark.parametrize("words", [(), *((group,) for group in GROUPS)], ids=" ".join)
def test_group_without_a_command_prints_its_help(words: tuple[str, ...], home: Path) -> None:
    stepcli = InProcess(home)
    done, help = stepcli(*words), stepcli(*words, "--help")
    assert (done.code, done.stdout, done.stderr) == (0, help.stdout, "")
    assert done.stdout


def test_refused_value_of_the_environment_names_the_variable(home: Path) -> None:
    done = InProcess(home)("speak", "Hi", "--dry-run", STEPCLI_JOBS="many")
    assert done.code == 2
    assert "(from STEPCLI_JOBS)" in done.stderr


def test_refused_value_of_the_config_file_names_the_file(home: Path) -> None:
    config = home / "config.toml"
    config.write_text('jobs = "many"\n')
    done = InProcess(home)("speak", "Hi", "--dry-run", STEPCLI_CONFIG=str(config))
    assert done.code == 2
    assert "(from the config file)" in done.stderr
    assert str(config) in done.stderr


def test_module_of_a_command_is_imported_when_it_runs() -> None:
    code = "import sys, stepcli.cli.app; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not [name for name in done.stdout.split() if name.startswith("stepcli.cli.commands.")]
