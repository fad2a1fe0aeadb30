"""``transcribe`` in a terminal: bars, words as they come, Ctrl-C."""

from __future__ import annotations

import json
import re
import signal
from pathlib import Path

import pytest

from tests.support.program import Program, until
from tests.support.raw_server import http, raw_server
from tests.support.recordings import reading, silence, write_long, write_wav
from tests.support.service import Sandbox
from tests.support.terminal import on_terminal

ERASE = "\x1b[J"


@pytest.fixture
def beckett(home: Path) -> Path:
    return write_wav(home / "beckett.wav", reading("beckett"))


def test_words_are_shown_until_the_text_is_complete(
    stepcli: Program, service: Sandbox, beckett: Path
) -> None:
    service.fault("asr:1:drip,rate=2000")
    with on_terminal(stepcli, "transcribe", beckett, "-l", "en") as run:
        assert run.finish().code == 0
    drawn, _, rest = run.text.rpartition(ERASE)
    assert "Ever" in drawn
    assert ERASE in drawn
    assert "beckett.wav" in drawn
    assert rest.count("Ever tried") == 1
    assert rest.endswith(".\r\n")


def test_redirected_stdout_contains_only_the_text(
    stepcli: Program, service: Sandbox, beckett: Path
) -> None:
    """The bar is on the terminal."""
    service.fault("asr:1:drip,rate=2000")
    out = stepcli.home / "out.txt"
    with on_terminal(stepcli, "transcribe", beckett, "-l", "en", stdout=out) as run:
        assert run.finish().code == 0
    assert "\x1b" not in out.read_text()
    assert out.read_text().startswith("Ever tried.")
    assert "beckett.wav" in run.text
    assert "Ever tried" not in run.text


def test_nothing_is_drawn_to_a_redirected_stderr(stepcli: Program, beckett: Path) -> None:
    log = stepcli.home / "log"
    with on_terminal(stepcli, "transcribe", beckett, "-l", "en", stderr=log) as run:
        assert run.finish().code == 0
    assert log.read_text() == ""
    assert "Ever tried" in run.text


@pytest.mark.parametrize("flag", ["-q", "--json"])
def test_nothing_is_drawn_with_quiet_or_json(stepcli: Program, beckett: Path, flag: str) -> None:
    with on_terminal(stepcli, "transcribe", beckett, "-l", "en", flag) as run:
        assert run.finish().code == 0
    assert "\x1b" not in run.text
    assert "Ever tried" in run.text


def test_results_and_errors_are_not_erased_by_the_display(
    stepcli: Program, service: Sandbox, beckett: Path
) -> None:
    service.fault("asr:*:drip,rate=4000")
    files: list[str | Path] = ["none.wav", beckett, "nil.wav", beckett]
    with on_terminal(stepcli, "transcribe", *files, "-l", "en", "--jobs", "1") as run:
        assert run.finish().code == 2
    left = [line[:40] for line in run.lines]
    header = f"==> {beckett} <=="[:40]
    assert left[0].startswith("stepcli: error: cannot read none.wav")
    assert left.count(header) == 2
    assert [line.startswith("stepcli: error: cannot read nil.wav") for line in left].count(
        True
    ) == 1
    assert sum(line.startswith("Ever tried") for line in left) == 2
    assert not any("━" in line for line in left)


def test_control_characters_are_escaped_on_a_terminal_only(home: Path) -> None:
    evil = "a\x1b[2Jb\x07c\u202ed"
    events = [
        {"type": "transcript.text.delta", "delta": evil},
        {"type": "transcript.text.done", "text": evil},
    ]
    body = "".join(f"data: {json.dumps(event)}\n\n" for event in events).encode()
    path = write_wav(home / "a.wav", silence(0.5))
    with raw_server(http(body, kind="text/event-stream")) as server:
        program = Program(home, {"STEPCLI_BASE_URL": server.base, "STEP_API_KEY": "k"})
        with on_terminal(program, "transcribe", path) as run:
            assert run.finish().code == 0
        assert program("transcribe", path, "-o", "a.txt").code == 0
    assert "\x1b[2Jb" not in run.text
    assert "\x07" not in run.text
    assert "\\x1b[2Jb\\x07c\\u202ed\r\n" in run.text
    assert (home / "a.txt").read_text() == f"{evil}\n"


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, -signal.SIGINT), (signal.SIGTERM, 143)]
)
def test_interruption_keeps_the_old_file_and_names_the_kept_results(
    stepcli: Program, service: Sandbox, number: int, code: int
) -> None:
    path = stepcli.home / "long.wav"
    write_long(path, ["beckett"], 40)
    (stepcli.home / "x.txt").write_text("old")
    service.fault("asr:3:stall,after=2")
    options = ("--piece-minutes", "0.2", "--jobs", "1", "-o", "x.txt", "-l", "en")
    with on_terminal(stepcli, "transcribe", path, *options) as run:
        until(lambda: re.search(r"0:2\d / ", run.text))
        run.process.send_signal(number)
        assert run.finish().code == code
    said, _, hint = run.text.rpartition("\r\nhint: ")
    assert said.endswith(f"stepcli: {'interrupted' if number == signal.SIGINT else 'terminated'}")
    assert hint.startswith("2 finished pieces are kept in")
    assert (stepcli.home / "x.txt").read_text() == "old"
    assert sorted(p.name for p in stepcli.home.iterdir() if p.is_file()) == ["long.wav", "x.txt"]
    service.reset()
    assert stepcli("transcribe", path, *options).code == 0
    assert len(service.log("asr")) == 2


def test_written_file_is_summarized_on_a_terminal(stepcli: Program, beckett: Path) -> None:
    with on_terminal(stepcli, "transcribe", beckett, "-l", "en", "-o", "a.srt") as run:
        assert run.finish().code == 0
    assert any(line.startswith("wrote a.srt: ") and " cues, 0:" in line for line in run.lines)
    assert "wrote" not in stepcli("transcribe", beckett, "-l", "en", "-o", "b.srt").stderr


def test_spoken_file_is_summarized_on_a_terminal(stepcli: Program) -> None:
    with on_terminal(stepcli, "speak", "Hello there.", "-o", "a.wav") as run:
        assert run.finish().code == 0
    assert any(line.startswith("wrote a.wav: 0:0") for line in run.lines)
