"""``--follow`` on a virtual sound card: the highlighted word against the recording."""

from __future__ import annotations

import numpy as np
import pytest

from tests.devices.rig import Speaker
from tests.support.onsets import onsets
from tests.support.program import Program
from tests.support.terminal import CTRL_D, on_terminal

NOUNS = ["cat", "tiger", "paper", "garden"]
TEXT = " ".join(f"Now, {noun} is here!" for noun in NOUNS)


@pytest.mark.delay
@pytest.mark.parametrize(("command", "columns"), [("speak", 40), ("speak", 80), ("stream", 40)])
def test_word_is_highlighted_when_it_leaves_the_speaker(
    stepcli: Program, speaker: Speaker, command: str, columns: int
) -> None:
    """Each noun follows a pause. The recorder and a busy machine add to the distance."""
    program = Program(stepcli.home, stepcli.environ | speaker.environ)
    drawn = []
    with speaker.record(24000) as recording:
        size = {"COLUMNS": str(columns), "LINES": "24"}
        with on_terminal(program, command, "--follow", TEXT, environ=size) as screen:
            for noun in NOUNS:
                screen.wait_for(f"\x1b[7m{noun}\x1b[27m")
                drawn.append(recording.frames / 24000)
            assert screen.process.wait(30) == 0
        found = onsets(recording.samples / 32768)
    away = [np.abs(found - seconds).min() for seconds in drawn]
    assert np.median(away) < 0.15
    assert "".join(screen.lines).replace(" ", "") == TEXT.replace(" ", "")


@pytest.mark.delay
def test_text_that_is_being_written_is_followed_in_a_pipe(
    stepcli: Program, speaker: Speaker
) -> None:
    program = Program(stepcli.home, stepcli.environ | speaker.environ)
    done = program("stream", "--follow", input="One is here. (softly) Two is there!\nThe end")
    assert (done.code, done.stdout) == (0, "")
    assert done.stderr.splitlines() == [
        "One is here.",
        "(softly) Two is there!",
        "The end",
        "stepcli: 1 passage in ( ) will not be spoken; --literal speaks it",
    ]


@pytest.mark.delay
def test_keys_typed_while_a_line_is_followed_are_the_next_line(
    stepcli: Program, speaker: Speaker
) -> None:
    program = Program(stepcli.home, stepcli.environ | speaker.environ)
    with on_terminal(program, "stream", "--follow") as screen:
        screen.wait_for_next("> ")
        screen.type("Now, tiger is here!\n")
        screen.wait_for_next("\x1b[7mNow,\x1b[27m")
        screen.type("Next.\n")
        screen.wait_for_next("\x1b[7mNext.\x1b[27m")
        screen.wait_for_next("> ")
        screen.type(CTRL_D)
        assert screen.process.wait(30) == 0
    assert screen.text.count("Next.") == 2
    assert screen.lines[1:] == ["> Now, tiger is here!", "> Next.", "> ", ""]
