"""The skill file: its size, and its commands, which are run."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

from stepcli.cli.docs.skill import skill_file
from tests.support.command_tree import COMMANDS, PROGRAM
from tests.support.pasted import pasted, stand_in
from tests.support.program import COMMAND, Program
from tests.support.recordings import reading, write_wav
from tests.support.service import Sandbox

SKILL = skill_file(PROGRAM)
TASKS, REFERENCE = SKILL.split("# Commands\n")
BLOCKS = re.findall(r"```sh\n(.*?)```", TASKS, re.DOTALL)


def _block(words: str) -> str:
    """Return the only task with ``words``."""
    (found,) = [one for one in BLOCKS if words in one]
    return str(found)


@pytest.fixture
def agent(stepcli: Program, service: Sandbox, tmp_path: Path) -> Agent:  # noqa: ARG001
    write_wav(tmp_path / "talk.wav", reading("beckett"))
    stand_in(tmp_path / "bin", "stepcli", f'exec {shlex.join(COMMAND)} "$@"')
    return Agent(stepcli, tmp_path)


class Agent:
    """Runs tasks in a directory as they are written."""

    def __init__(self, stepcli: Program, cwd: Path) -> None:
        self.cwd = cwd
        self._environ = stepcli.environment()

    def does(self, words: str) -> None:
        pasted(_block(words), self.cwd, self._environ, self.cwd / "bin")


def test_skill_file_is_short_and_names_every_command() -> None:
    assert len(SKILL.splitlines()) <= 150
    assert SKILL.startswith("---\nname: stepcli\n")
    assert [one.name for one in COMMANDS if not one.commands and one.name not in SKILL] == []


def test_commands_of_the_reference_are_tested_examples() -> None:
    """``test_examples`` runs them."""
    shown = [
        line for block in REFERENCE.split("```sh\n")[1:]
        for line in block.partition("```")[0].splitlines()
    ]  # fmt: skip
    runnable = {one.line for command in COMMANDS for one in command.examples if one.runnable}
    assert shown
    assert set(shown) <= runnable


def test_every_task_is_tested() -> None:
    assert len(BLOCKS) == 5


def test_speak_to_a_file(agent: Agent) -> None:
    agent.does("meeting.mp3")
    assert (agent.cwd / "meeting.mp3").stat().st_size > 1000


def test_make_many_files(agent: Agent) -> None:
    agent.does("--batch")
    assert {one.name for one in (agent.cwd / "out").iterdir()} == {"welcome.wav", "goodbye.wav"}


def test_make_a_recording_with_several_voices(agent: Agent, service: Sandbox) -> None:
    agent.does("--script")
    voices = {request["body"]["voice"] for request in service.log("speech")}
    assert voices == {"lively-girl", "vibrant-youth"}


@pytest.mark.parametrize("fault", [None, "asr:1-4:503"])
def test_write_subtitles_after_a_failure(agent: Agent, service: Sandbox, fault: str | None) -> None:
    stand_in(agent.cwd / "bin", "sleep", "exit 0")
    if fault:
        service.fault(fault)
    agent.does("talk.srt")
    assert "-->" in (agent.cwd / "talk.srt").read_text()


def test_see_what_happens_when_requests_fail(agent: Agent, service: Sandbox) -> None:
    agent.does("--fault")
    error = json.loads((agent.cwd / "error.json").read_text())["error"]
    assert (error["type"], error["status"]) == ("quota", 402)
    assert not (agent.cwd / "hi.mp3").exists()
    assert service.log() == []
