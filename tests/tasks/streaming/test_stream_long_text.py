"""Text that is too long for one session: sessions that are replaced."""

from __future__ import annotations

import pytest

from stepcli.api.realtime_connection import LARGEST_FRAME
from stepcli.errors import NetworkError
from stepcli.text.speaking_time import SLOWEST, speaking_time
from tests.support.streaming import Stage, words


def test_long_text_is_sent_in_deltas_of_the_allowed_length() -> None:
    stage = Stage()
    stage.speak(["word " * 400 + "end."])
    assert max(map(len, stage.service.sessions[0].texts)) <= 1000
    assert stage.service.received == ["word " * 400 + "end."]


LONG = "".join(f"This is sentence {number} of a long text. " for number in range(200))


def test_session_is_replaced_before_its_audio_exceeds_a_frame() -> None:
    """At the slowest pace, the last frame of each session is still one that can be read."""
    stage = Stage()
    stage.speak(words(LONG))
    assert len(stage.service.sessions) > 2
    for text in stage.service.received:
        samples = 48000 * SLOWEST * speaking_time(text)
        assert 2 * samples * 4 / 3 < LARGEST_FRAME


@pytest.mark.parametrize("texts", [words(LONG), [LONG]], ids=["written", "complete"])
@pytest.mark.parametrize("cuts", [(), (6,), (None, 9)], ids=["none", "first", "second"])
def test_replaced_sessions_speak_everything_once(
    texts: list[str], cuts: tuple[int | None, ...]
) -> None:
    """The sound and the times of the sentences continue; only losses count as reconnects."""
    stage = Stage(*cuts)
    stage.speak(texts)
    spoken = LONG.replace(" ", "")
    assert stage.kept.letters == spoken
    reported = stage.output.sentences
    assert "".join(one.text for one in reported).replace(" ", "") == spoken
    assert [one.end for one in reported[:-1]] == [one.start for one in reported[1:]]
    assert reported[-1].end == stage.output.seconds
    assert stage.result.reconnects == len(stage.notes) == len(cuts[-1:])
    assert stage.result.sessions > 2 + stage.result.reconnects
    assert stage.result.characters == sum(map(len, texts))


def test_live_sink_is_flushed_while_the_session_is_replaced() -> None:
    stage = Stage()
    stage.speak([LONG])
    assert stage.heard.flushes >= stage.result.texts > 2


def test_blank_rest_of_a_long_text_is_not_an_error() -> None:
    stage = Stage()
    stage.speak(["word " * 700 + "\n" * 3000])
    assert stage.kept.text.split() == ["word"] * 700


def test_failure_in_a_long_text_reports_all_of_the_unspoken_text() -> None:
    stage = Stage(6)
    with pytest.raises(NetworkError):
        stage.speak([LONG], retries=0)
    assert LONG.endswith(stage.result.unspoken)
    assert stage.result.unspoken.strip().startswith("This is sentence 1 ")
