"""``--ask-above`` of ``speak`` and ``transcribe``: a question before money is spent."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.program import Program
from tests.support.service import Sandbox
from tests.support.terminal import on_terminal
from tests.support.voice_samples import write_sample

SPEAK = ("speak", "Hello there.", "-o", "out.mp3")
BATCH = ("speak", "--batch", "lines.txt", "--output-dir", "out")
QUESTION = "Continue? [y/N]"


@pytest.fixture(autouse=True)
def lines(home: Path) -> None:
    (home / "lines.txt").write_text("One.\nTwo.\n")


@pytest.mark.parametrize("command", [SPEAK, BATCH])
@pytest.mark.parametrize("answer", ["\n", "n\n", "\x04"])
def test_declined_cost_sends_nothing(
    stepcli: Program, service: Sandbox, home: Path, command: tuple[str, ...], answer: str
) -> None:
    with on_terminal(stepcli, *command, "--ask-above", "0.0001") as screen:
        screen.wait_for(QUESTION)
        screen.type(answer)
        done = screen.finish()
    assert done.code == 1
    assert "cancelled; nothing was sent" in screen.text
    assert service.log() == []
    assert [path.name for path in home.iterdir()] == ["lines.txt"]


def test_question_names_the_cost_and_yes_accepts_it(stepcli: Program, service: Sandbox) -> None:
    with on_terminal(stepcli, *SPEAK, "--ask-above", "0") as screen:
        screen.wait_for(QUESTION)
        assert "1 request, 12 characters (6.0 billed): less than $0.01" in screen.text
        screen.type("yes\n")
        assert screen.finish().code == 0
    assert len(service.log("speech")) == 1


@pytest.mark.parametrize("options", [("--yes", "--ask-above", "0"), ("-y",), ("--ask-above", "1")])
def test_accepted_or_small_cost_is_not_asked_about(
    stepcli: Program, options: tuple[str, ...]
) -> None:
    with on_terminal(stepcli, *SPEAK, *options) as screen:
        assert screen.finish().code == 0
    assert QUESTION not in screen.text


def test_default_amount_is_ten_in_the_currency_of_the_site(stepcli: Program, home: Path) -> None:
    """240,000 letters cost $10.20; half of them do not ask."""
    (home / "book.txt").write_text("Sixteen letters. " * 14_200)
    with on_terminal(stepcli, "speak", "-f", "book.txt", "-o", "out.mp3") as screen:
        screen.wait_for(QUESTION)
        assert "about $10.26" in screen.text
        screen.type("n\n")
        assert screen.finish().code == 1


def test_without_a_terminal_there_is_no_question(stepcli: Program, service: Sandbox) -> None:
    done = stepcli(*SPEAK, "--ask-above", "0")
    assert (done.code, done.stderr) == (0, "")
    assert len(service.log("speech")) == 1


def test_unknown_price_is_not_asked_about(stepcli: Program) -> None:
    with on_terminal(stepcli, *SPEAK, "--ask-above", "0", "--model", "step-tts-9") as screen:
        screen.finish()
    assert QUESTION not in screen.text


TRANSCRIBE = ("transcribe", "one.wav", "two.wav", "--output-dir", "out")


@pytest.fixture
def recordings(home: Path) -> None:
    for name in ("one.wav", "two.wav"):
        write_sample(home / name, 6)


@pytest.mark.usefixtures("recordings")
def test_declined_transcription_sends_nothing(stepcli: Program, service: Sandbox) -> None:
    with on_terminal(stepcli, *TRANSCRIBE, "--ask-above", "0.00001") as screen:
        screen.wait_for(QUESTION)
        assert re.search(r"2 inputs, 0.2 minutes: less than \$0.01 ", screen.text)
        screen.type("n\n")
        assert screen.finish().code == 1
    assert service.log() == []


@pytest.mark.usefixtures("recordings")
@pytest.mark.parametrize("options", [("--ask-above", "0.001"), ("--ask-above", "0", "--yes"), ()])
def test_cheap_or_accepted_transcription_is_not_asked_about(
    stepcli: Program, options: tuple[str, ...]
) -> None:
    with on_terminal(stepcli, *TRANSCRIBE, *options) as screen:
        screen.finish()
    assert QUESTION not in screen.text


def test_each_channel_is_counted_where_each_is_recognized(stepcli: Program, home: Path) -> None:
    write_sample(home / "call.wav", 5, channels=2)
    command = ("transcribe", "call.wav", "--channels", "-o", "x.txt", "--ask-above", "0.00001")
    with on_terminal(stepcli, *command) as screen:
        screen.wait_for(QUESTION)
        assert "1 input, 0.2 minutes" in screen.text
        screen.type("n\n")
        assert screen.finish().code == 1
