"""``speak --follow`` on a virtual sound card: the highlighted word against the recording."""

from __future__ import annotations

import numpy as np
import pytest

from tests.devices.rig import Speaker
from tests.support.onsets import onsets
from tests.support.program import Program
from tests.support.terminal import on_terminal

NOUNS = ["cat", "dog", "bird", "tiger", "paper", "garden"]
TEXT = " ".join(f"Now, {noun} is here!" for noun in NOUNS)


@pytest.mark.alone
@pytest.mark.parametrize("columns", [40, 80])
def test_word_is_highlighted_when_it_leaves_the_speaker(
    stepcli: Program, speaker: Speaker, columns: int
) -> None:
    """Each noun follows a pause. The recorder and a busy machine add to the distance."""
    program = Program(stepcli.home, stepcli.environ | speaker.environ)
    drawn = []
    with speaker.record(24000) as recording:
        size = {"COLUMNS": str(columns), "LINES": "24"}
        with on_terminal(program, "speak", "--follow", TEXT, environ=size) as screen:
            for noun in NOUNS:
                screen.wait_for(f"\x1b[7m{noun}\x1b[27m")
                drawn.append(recording.frames / 24000)
            assert screen.process.wait(30) == 0
        found = onsets(recording.samples / 32768)
    away = [np.abs(found - seconds).min() for seconds in drawn]
    assert np.median(away) < 0.15
    assert not any(screen.lines)
