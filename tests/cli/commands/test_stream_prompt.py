"""``stepcli stream`` on a terminal: a prompt at which lines are spoken."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.program import Program
from tests.support.realtime_log import kinds, received
from tests.support.service import Sandbox
from tests.support.sounds import probe
from tests.support.terminal import CTRL_C, CTRL_D, Screen, on_terminal


@pytest.fixture
def prompt(stepcli: Program) -> Iterator[Screen]:
    with on_terminal(stepcli, "stream", "-o", "talk.wav", "--timeout", "20") as screen:
        screen.wait_for_next("> ")
        yield screen


def test_each_line_of_the_prompt_is_spoken(
    prompt: Screen, stepcli: Program, service: Sandbox
) -> None:
    """In a session of its own, to the end, before the prompt returns; all of it in one file."""
    for line in ("Hello there.", "", "你好"):
        prompt.type(f"{line}\n")
        prompt.wait_for_next("> ")
    prompt.type(CTRL_D)
    assert prompt.finish().code == 0
    assert received(service) == ["Hello there.", "你好"]
    assert kinds(service, "sent").count("tts.response.audio.done") == 2
    assert probe(stepcli.home / "talk.wav").duration > 1


def test_ctrl_c_stops_the_line_and_returns_to_the_prompt(prompt: Screen, service: Sandbox) -> None:
    service.fault("realtime:1:stall,after=4")
    prompt.type("This is never finished.\n")
    while len(kinds(service, "sent")) < 4:
        pass
    prompt.press_until(CTRL_C, "> ")
    prompt.type("This is.\n")
    prompt.wait_for_next("> ")
    prompt.type(CTRL_D)
    assert prompt.finish().code == 0
    assert received(service)[1] == "This is."


def test_keys_could_appear_in_a_followed_text_if_stdout_is_redirected(stepcli: Program) -> None:
    with on_terminal(stepcli, "stream", "--follow", stdout=stepcli.home / "out") as screen:
        screen.wait_for("--follow at the prompt requires a terminal on stdout")
        assert screen.finish().code == 2


def test_ctrl_c_discards_typed_text_and_does_not_leave(prompt: Screen, service: Sandbox) -> None:
    prompt.type("never sent")
    prompt.wait_for("never sent")
    prompt.press_until(CTRL_C, "(Ctrl-D exits)\r\n> ")
    prompt.press_until(CTRL_C, "(Ctrl-D exits)\r\n> ")
    prompt.type("Sent.\n")
    prompt.wait_for_next("> ")
    prompt.type(CTRL_D)
    assert prompt.finish().code == 0
    assert received(service) == ["Sent."]


def test_line_that_is_typed_while_another_is_spoken_is_shown_once(
    prompt: Screen, service: Sandbox
) -> None:
    service.fault("realtime:1:drip,rate=16000")
    prompt.type("One.\n")
    while not kinds(service, "sent"):
        pass
    prompt.type("Typed ahead.\n")
    prompt.wait_for_next("> ")
    prompt.wait_for_next("> ")
    prompt.type(CTRL_D)
    assert prompt.finish().code == 0
    assert received(service) == ["One.", "Typed ahead."]
    assert prompt.text.count("Typed ahead.") == 1


def test_failed_line_is_reported_and_the_prompt_returns(prompt: Screen, service: Sandbox) -> None:
    """The exit code is the first failure's."""
    service.fault("realtime:1:401")
    prompt.type("Hello.\n")
    prompt.wait_for("refused the API key")
    prompt.wait_for_next("> ")
    prompt.type("Again.\n")
    prompt.wait_for_next("> ")
    prompt.type(CTRL_D)
    assert prompt.finish().code == 3
    assert received(service) == ["Again."]
