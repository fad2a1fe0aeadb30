"""TAB in the real shells: commands, options, choices, files, and what only the program knows."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from stepcli.cli.docs.model import Command
from tests.cli.docs.shells import Bash, Fish, Shell, tab_in_bash, zsh

STAND_IN = """\
#!/bin/sh
echo asked >>"$HOME/asked"
case $_STEPCLI_COMPLETE in
voices) printf 'alto\\ta low voice\\nbass\\ta lower one\\n' ;;
outputs) printf 'Desk speaker\\tplays: well\\nHDMI\\tscreen\\n' ;;
inputs) printf 'Microphone\\trecords\\n' ;;
esac
"""
"""A stepcli that answers what the scripts ask."""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a few files and a stepcli that knows two voices."""
    home = tmp_path_factory.mktemp("shells")
    (home / "bin").mkdir()
    program = home / "bin" / "stepcli"
    program.write_text(STAND_IN)
    program.chmod(0o755)
    work = home / "work"
    (work / "songs").mkdir(parents=True)
    for name in ("talk.wav", "TALK.MP3", "notes.txt", "talk.srt"):
        (work / name).touch()
    return home


@pytest.fixture(scope="module", params=["bash", "zsh", "fish"])
def shell(request: pytest.FixtureRequest, place: Path) -> Iterator[Shell]:
    if shutil.which(request.param) is None:
        pytest.skip(f"{request.param} is not installed")
    path = f"{place / 'bin'}:{os.environ['PATH']}"
    environment = {"PATH": path, "HOME": str(place), "LC_ALL": "C.UTF-8"}
    if request.param == "zsh":
        with zsh(place / "work", place, environment) as started:
            yield started
    else:
        kind = Bash if request.param == "bash" else Fish
        yield kind(place / "work", environment)


def test_commands(shell: Shell, program: Command) -> None:
    """The first word is a command: all of them, or those that begin so."""
    assert shell("stepcli ") == {one.path[-1] for one in program.commands}
    assert shell("stepcli sp") == {"speak"}


def test_commands_of_groups(shell: Shell, program: Command) -> None:
    """So is the second, in a group; and a group knows no others."""
    for group in filter(lambda one: one.commands, program.all()):
        assert shell(f"{group.name} ") == {one.path[-1] for one in group.commands}
        assert shell(f"{group.name} nonsense ") == set()


def test_options(shell: Shell, command: Command) -> None:
    """Every command has its own options and no other."""
    assert shell(f"{command.name} --") == {one.long for one in command.options}


def test_choices(shell: Shell, command: Command) -> None:
    """What an option can be is offered for it, and only that."""
    for option in command.options:
        if option.choices:
            assert shell(f"{command.name} {option.long} ") == set(option.choices)


SPEAK = "stepcli speak"


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        (f"{SPEAK} --format f", {"flac"}),
        (f"{SPEAK} --format=f", {"flac"}),
        (f"{SPEAK} -v ", {"alto", "bass"}),
        (f"{SPEAK} --voice a", {"alto"}),
        (f"{SPEAK} --voice=a", {"alto"}),
        (f"{SPEAK} --device ", {"Desk speaker", "HDMI"}),
        (f"{SPEAK} --voice transcribe --skip", {"--skip-existing"}),
        (f"{SPEAK} transcribe --skip", {"--skip-existing"}),
        ("stepcli config get retr", {"retries"}),
        ("stepcli config set speak.sp", {"speak.speed"}),
        ("stepcli transcribe --language ", {"en", "zh"}),
        (f"{SPEAK} --jobs ", set()),
        (f"{SPEAK} --instruction ", set()),
        (f"{SPEAK} --format nonsense", set()),
        (f"{SPEAK} -- --skip", set()),
    ],
)
def test_values(line: str, offered: set[str], shell: Shell) -> None:
    assert shell(line) == offered


SONGS = {"songs", "songs/"}
"""The directory, as one shell shows it or another."""


@pytest.mark.parametrize(
    ("line", "offered", "more"),
    [
        (f"{SPEAK} -o ", {"talk.wav"}, {"TALK.MP3", *SONGS}),
        (f"{SPEAK} --output-dir ", set(), SONGS),
        ("stepcli transcribe ", {"talk.wav"}, {"TALK.MP3", *SONGS}),
        ("stepcli transcribe t", {"talk.wav"}, {"TALK.MP3"}),
    ],
)
def test_files(line: str, offered: set[str], more: set[str], shell: Shell) -> None:
    """Files that fit, and directories on the way to others; nothing else."""
    assert offered <= shell(line) <= offered | more


def test_the_program_is_asked_only_for_what_it_alone_knows(shell: Shell, place: Path) -> None:
    """TAB starts no Python for commands, options and choices."""
    asked = place / "asked"
    asked.unlink(missing_ok=True)
    for line in ("stepcli ", f"{SPEAK} --", f"{SPEAK} --format ", f"{SPEAK} -o "):
        shell(line)
    assert not asked.exists()
    shell(f"{SPEAK} -v ")
    assert asked.read_text() == "asked\n"


@pytest.mark.parametrize(
    ("line", "completed"),
    [
        ("stepcli sp", "stepcli speak "),
        ("stepcli speak --form", "stepcli speak --format "),
        ("stepcli speak --format=fl", "stepcli speak --format=flac "),
        ("stepcli speak --device D", r"stepcli speak --device Desk\ speaker "),
        ("stepcli speak -f no", "stepcli speak -f notes.txt "),
        ("stepcli speak --output-dir so", "stepcli speak --output-dir songs/"),
    ],
)
def test_tab_in_bash(line: str, completed: str, place: Path) -> None:
    """With the key itself, on a terminal: readline does the rest of the quoting."""
    path = f"{place / 'bin'}:{os.environ['PATH']}"
    environment = {"PATH": path, "HOME": str(place), "LC_ALL": "C.UTF-8"}
    assert tab_in_bash(line, place / "work", environment) == completed
