"""The completion scripts, run by the shells themselves."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from difflib import ndiff
from pathlib import Path

import pytest

from stepcli.cli.completion.scripts import FILES, script
from stepcli.cli.docs.model import Command
from tests.cli.completion.shells import Bash, Fish, Shell, zsh

ROOT = Path(__file__).parents[3]

STAND_IN = """\
#!/bin/sh
echo called >>"$HOME/calls"
case $_STEPCLI_COMPLETE in
voices)
    case $* in *--model*step-tts-mini*) printf 'soprano\\t\\n'; exit ;; esac
    printf 'alto\\ta low voice\\nbass\\ta lower one\\n' ;;
outputs) printf 'Desk speaker\\tplays: well\\nHDMI\\tscreen\\n' ;;
inputs) printf 'Microphone\\trecords\\n' ;;
config)
    case $* in *'set voice'*) printf 'alto\\ta low voice\\n'; exit ;; esac
    printf 'voice\\tVoice to use\\nretries\\t\\nspeak.speed\\tSpeed: factor\\naliases.me\\tx\\n' ;;
esac
"""
"""A stepcli that provides the dynamic candidates."""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home directory with a few files and a stepcli with two voices."""
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
def shell(request: pytest.FixtureRequest, home: Path) -> Iterator[Shell]:
    if shutil.which(request.param) is None:
        pytest.skip(f"{request.param} is not installed")
    path = f"{home / 'bin'}:{os.environ['PATH']}"
    environment = {"PATH": path, "HOME": str(home), "LC_ALL": "C.UTF-8"}
    if request.param == "zsh":
        with zsh(home / "work", home, environment) as started:
            yield started
    else:
        kind = Bash if request.param == "bash" else Fish
        yield kind(home / "work", environment)


def test_first_word_is_a_command(shell: Shell, program: Command) -> None:
    assert shell("stepcli ") == {one.path[-1] for one in program.commands}
    assert shell("stepcli sp") == {"speak"}


def test_second_word_is_a_command_of_the_group(shell: Shell, program: Command) -> None:
    for group in filter(lambda one: one.commands, program.all()):
        assert shell(f"{group.name} ") == {one.path[-1] for one in group.commands}
        assert shell(f"{group.name} nonsense ") == set()


def test_only_options_of_the_command_are_offered(shell: Shell, command: Command) -> None:
    assert shell(f"{command.name} --") == {
        name for one in command.options for name in one.names if name.startswith("--")
    }


def test_only_choices_of_the_option_are_offered(shell: Shell, command: Command) -> None:
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
        (f"{SPEAK} --model step-tts-mini -v ", {"soprano"}),
        (f"{SPEAK} --model=step-tts-mini --voice ", {"soprano"}),
        (f"{SPEAK} --device ", {"Desk speaker", "HDMI"}),
        (f"{SPEAK} --voice transcribe --skip", {"--skip-existing"}),
        (f"{SPEAK} transcribe --skip", {"--skip-existing"}),
        ("stepcli config get retr", {"retries"}),
        ("stepcli config set speak.sp", {"speak.speed"}),
        ("stepcli config set voice ", {"alto"}),
        ("stepcli config unset al", {"aliases.me"}),
        ("stepcli transcribe --language ", {"auto", "en", "zh"}),
        (f"{SPEAK} --jobs ", {"auto"}),
        (f"{SPEAK} --timeout ", set()),
        (f"{SPEAK} --instruction ", set()),
        (f"{SPEAK} --format nonsense", set()),
        (f"{SPEAK} -- --skip", set()),
    ],
)
def test_value_candidates(line: str, offered: set[str], shell: Shell) -> None:
    assert shell(line) == offered


SONGS = {"songs", "songs/"}
"""The directory as the different shells show it."""


@pytest.mark.parametrize(
    ("line", "offered", "more"),
    [
        (f"{SPEAK} -o ", {"talk.wav"}, {"TALK.MP3", *SONGS}),
        (f"{SPEAK} --output-dir ", set(), SONGS),
        ("stepcli transcribe ", {"talk.wav"}, {"TALK.MP3", *SONGS}),
        ("stepcli transcribe t", {"talk.wav"}, {"TALK.MP3"}),
    ],
)
def test_file_candidates(line: str, offered: set[str], more: set[str], shell: Shell) -> None:
    """Only files with a suitable extension, and directories, are offered."""
    assert offered <= shell(line) <= offered | more


def test_program_runs_only_for_dynamic_candidates(shell: Shell, home: Path) -> None:
    calls = home / "calls"
    calls.unlink(missing_ok=True)
    for line in ("stepcli ", f"{SPEAK} --", f"{SPEAK} --format ", f"{SPEAK} -o "):
        shell(line)
    assert not calls.exists()
    shell(f"{SPEAK} -v ")
    assert calls.read_text() == "called\n"


@pytest.mark.parametrize("shell_name", FILES)
def test_every_choice_is_in_the_script(shell_name: str, program: Command) -> None:
    script = (ROOT / "completions" / FILES[shell_name]).read_text()
    for command in program.all():
        for option in command.options:
            assert all(choice in script for choice in option.choices)


@pytest.mark.parametrize("shell_name", FILES)
def test_new_option_changes_few_lines(shell_name: str, program: Command) -> None:
    """Each word has its own line, so that a diff shows only the new option."""
    speak = next(one for one in program.all() if one.path == ("speak",))
    option = replace(speak.options[0], names=("--new-option",), help="Do something new.")
    changed = replace(speak, options=(option, *speak.options))
    commands = tuple(changed if one is speak else one for one in program.commands)
    before = script(shell_name, program).splitlines()
    after = script(shell_name, replace(program, commands=commands)).splitlines()
    added = [line for line in ndiff(before, after) if line.startswith("+ ")]
    removed = [line for line in ndiff(before, after) if line.startswith("- ")]
    assert removed == []
    assert 1 <= len(added) <= 8
