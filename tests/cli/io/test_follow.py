"""``--follow``: what is on the screen when a word is played."""

from __future__ import annotations

import io
from contextlib import suppress
from dataclasses import dataclass, field, replace

import pytest

from stepcli.cli.io.follow import following
from stepcli.cli.io.live_area import LiveArea
from stepcli.cli.io.terminal import Terminal
from stepcli.subtitles.read_along import Place, Span, current
from tests.support.in_process import pipes
from tests.support.program import until

TEXT = "(softly) One two.\n\x1b[31m三四 " + "five " * 40


@dataclass
class Played:
    """A text whose first words have places, or one that grows."""

    text: str = TEXT
    known: list[Place] = field(
        default_factory=lambda: [Place(1.0, Span(9, 12)), Place(2.0, Span(13, 17))]
    )

    def at(self, seconds: float) -> tuple[str, Span | None]:
        return self.text, current(self.known, seconds)


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> tuple[Terminal, io.StringIO]:
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("LINES", "24")
    stream = io.StringIO()
    terminal = pipes()
    terminal.area = LiveArea(stream)
    return terminal, stream


def test_current_word_is_highlighted(screen: tuple[Terminal, io.StringIO]) -> None:
    terminal, stream = screen
    seconds = [0.0]
    with following(terminal) as follow:
        follow(lambda: seconds[0], Played())
        until(lambda: "\x1b[2m(softly)\x1b[22m One two." in stream.getvalue())
        assert "\x1b[7m" not in stream.getvalue()
        seconds[0] = 1.5
        until(lambda: "\x1b[7mOne\x1b[27m" in stream.getvalue())
        seconds[0] = 2.0
        until(lambda: "\x1b[7mtwo.\x1b[27m" in stream.getvalue())
    assert "\x1b[31m" not in stream.getvalue()
    assert stream.getvalue().endswith("\x1b[J")


def _written(terminal: Terminal) -> str:
    assert isinstance(terminal.stderr, io.StringIO)
    return terminal.stderr.getvalue()


def test_text_remains_on_the_terminal(screen: tuple[Terminal, io.StringIO]) -> None:
    """Lines are written when they leave the live area, the others at the end."""
    terminal, _ = screen
    numbers = " ".join(map(str, range(100, 200)))
    lines = [numbers[start : start + 36].rstrip() for start in range(0, len(numbers), 36)]
    played = Played(numbers, [Place(0.0, Span(0, 3)), Place(1.0, Span(360, 363))])
    seconds = [0.0]
    with following(terminal) as follow:
        follow(lambda: seconds[0], played)
        seconds[0] = 1.0
        until(lambda: len(_written(terminal).splitlines()) == 9)
    assert _written(terminal).splitlines() == lines


def test_text_that_was_typed_does_not_remain(screen: tuple[Terminal, io.StringIO]) -> None:
    terminal, stream = screen
    with following(terminal, remains=False) as follow:
        follow(lambda: 2.0, Played())
        until(lambda: "\x1b[7mtwo.\x1b[27m" in stream.getvalue())
    assert _written(terminal) == ""


def test_plain_text_is_written_sentence_by_sentence() -> None:
    """What was not played yet follows when the sound ends."""
    stderr = io.StringIO()
    terminal = replace(pipes(), stderr=stderr)
    seconds = [0.0]
    with following(terminal) as follow:
        follow(lambda: seconds[0], Played("One two. Three.", [Place(1.0, Span(0, 3))]))
        assert stderr.getvalue() == ""
        seconds[0] = 1.0
        until(lambda: stderr.getvalue() == "One two.\n")
    assert stderr.getvalue() == "One two.\nThree.\n"


def test_lines_are_added_to_a_text_that_grows(screen: tuple[Terminal, io.StringIO]) -> None:
    """Directions in them are dim as well, and control characters of them are not written."""
    terminal, stream = screen
    played = Played("", [])
    with following(terminal) as follow:
        follow(lambda: 1.0, played)
        played.known = [Place(0.0, Span(0, 3))]
        played.text = "One."
        until(lambda: "\x1b[7mOne\x1b[27m." in stream.getvalue())
        played.known = [Place(0.0, Span(5, 5))]
        played.text = "One.\n(softly) \x1b[31m two."
        until(lambda: "One.\x1b[K\n\x1b[2m(softly)\x1b[22m  [31m two." in stream.getvalue())


def test_sentences_that_came_after_the_last_look_are_written() -> None:
    stderr = io.StringIO()
    played = Played("One. Two.", [Place(0.0, Span(0, 4))])
    with following(replace(pipes(), stderr=stderr)) as follow:
        follow(lambda: 1.0, played)
        until(lambda: stderr.getvalue() == "One.\n")
        played.text = "One. Two.\nThree."
    assert stderr.getvalue() == "One.\nTwo.\nThree.\n"


def test_failed_playback_writes_no_rest() -> None:
    terminal = pipes()
    with suppress(KeyboardInterrupt), following(terminal) as follow:
        follow(lambda: 0.0, Played("One two.", []))
        raise KeyboardInterrupt
    assert isinstance(terminal.stderr, io.StringIO)
    assert terminal.stderr.getvalue() == ""


def test_small_terminal_shows_the_current_line(
    screen: tuple[Terminal, io.StringIO], monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal, stream = screen
    monkeypatch.setenv("LINES", "2")
    with following(terminal) as follow:
        follow(lambda: 1.0, Played("five " * 40, [Place(0.5, Span(100, 104))]))
        until(lambda: "\x1b[7mfive\x1b[27m" in stream.getvalue())
        assert stream.getvalue().count("\n") == 0
