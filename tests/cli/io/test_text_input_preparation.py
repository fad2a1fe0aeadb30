"""What is sent of a text, and what is said about the rest: ``speak``, ``--batch``, ``stream``."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.in_process import InProcess
from tests.support.realtime_log import received
from tests.support.service import Sandbox

PAGE = "\x1b[1mNAME\x1b[0m\n       ls  - list  direc\u2010\n       tory contents (quickly)\n"
CLEANED = "NAME\nls - list directory contents (quickly)\n"
NOTE = "stepcli: 1 passage in ( ) will not be spoken; --literal speaks it\n"


@pytest.fixture
def stepcli(home: Path, service: Sandbox) -> InProcess:
    return InProcess(home, dict(service.environ))


def _sent(service: Sandbox) -> list[str]:
    return [entry["body"]["input"] for entry in service.log("speech")]


def test_speak_sends_what_is_heard(stepcli: InProcess, service: Sandbox) -> None:
    done = stepcli("speak", "-o", "out.mp3", input=PAGE)
    assert (done.code, done.stderr) == (0, NOTE)
    assert _sent(service) == [CLEANED]


def test_verbatim_text_is_sent_unchanged(stepcli: InProcess, service: Sandbox) -> None:
    assert stepcli("speak", "--verbatim", "-o", "out.mp3", input=PAGE).code == 0
    assert _sent(service) == [PAGE]


def test_clean_text_is_sent_unchanged(stepcli: InProcess, service: Sandbox) -> None:
    text = "A plain text.\n你好，世界。\n- An item: 10\u00a0000 km.\n"
    assert stepcli("speak", "-o", "out.mp3", input=text).stderr == ""
    assert _sent(service) == [text]


def test_lines_of_a_batch_are_cleaned(stepcli: InProcess, service: Sandbox) -> None:
    """A line may be verbatim; the directions of all lines are counted in one note."""
    lines = (
        '{"text": "One  (softly) \\u001b[1mone\\u001b[0m."}\n'
        '{"text": "Two  (a) (b) two.", "verbatim": true}\n'
    )
    done = stepcli("speak", "--batch", "-", "--output-dir", "out", input=lines)
    assert done.code == 0
    assert sorted(_sent(service)) == ["One (softly) one.", "Two  (a) (b) two."]
    assert done.stderr.count("( )") == 1
    assert "3 passages in ( ) will not be spoken; --literal speaks them" in done.stderr


@pytest.mark.parametrize("given", [True, False])
def test_stream_sends_what_is_heard(stepcli: InProcess, service: Sandbox, given: bool) -> None:
    text = (PAGE,) if given else ()
    done = stepcli("stream", *text, "-o", "out.wav", input="" if given else PAGE)
    assert (done.code, done.stderr) == (0, NOTE)
    assert received(service) == [CLEANED]


@pytest.mark.parametrize("command", ["speak", "stream"])
def test_text_of_a_direction_only_is_refused(
    stepcli: InProcess, service: Sandbox, command: str
) -> None:
    done = stepcli(command, "(whispering)", "-o", "out.wav")
    assert done.code == 2
    assert "only a stage direction" in done.stderr
    assert "--literal" in done.stderr
    assert service.log() == []
    assert stepcli(command, "--literal", "(whispering)", "-o", "out.wav").code == 0


def test_line_of_a_direction_only_is_named(stepcli: InProcess, service: Sandbox) -> None:
    done = stepcli("speak", "--batch", "-", "--output-dir", "out", input="One.\n(whispering)\n")
    assert done.code == 2
    assert "error: line 2: the text is only a stage direction" in done.stderr
    assert service.log() == []


def test_model_that_speaks_parentheses_gets_no_note(stepcli: InProcess) -> None:
    done = stepcli("speak", "(aloud)", "--model", "step-tts-2", "-v", "zixinnansheng", "--dry-run")
    assert (done.code, done.stderr) == (0, "")
