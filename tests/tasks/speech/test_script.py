"""Casts, and the requests of scripts and timed subtitles."""

from __future__ import annotations

import math

import pytest

from stepcli.api.speech import SpeechRequest
from stepcli.errors import UsageError
from stepcli.subtitles.formats import Cue
from stepcli.tasks.speech.arrangement import Slot
from stepcli.tasks.speech.script import read_cast, script_slots, timed_slots

DEFAULTS = SpeechRequest("", voice="narrator", speed=1.1)
CAST = read_cast([("Anna", "lively-girl"), ("Ben", "zixinnansheng, instruction=tired, speed=0.9")])


def test_cast_has_a_voice_and_its_manner() -> None:
    cast = read_cast([("Ben", "v1,instruction = tired, but calm ,Speed=0.9, volume=1.5, model=m")])
    assert cast == {
        "Ben": {
            "voice": "v1",
            "instruction": "tired, but calm",
            "speed": 0.9,
            "volume": 1.5,
            "model": "m",
        }
    }


@pytest.mark.parametrize(
    ("name", "entry", "problem"),
    [
        ("", "v1", "cannot be a name"),
        ("A:B", "v1", "cannot be a name"),
        ("# A", "v1", "cannot be a name"),
        ("Ben", "", "no voice for Ben"),
        ("Ben", "speed=0.9", "no voice for Ben"),
        ("Ben", "v1, spede=0.9", "unknown option 'spede'"),
        ("Ben", "v1, speed=fast", "speed of Ben must be a number"),
    ],
)
def test_invalid_cast_is_refused(name: str, entry: str, problem: str) -> None:
    with pytest.raises(UsageError, match=problem):
        read_cast([(name, entry)])


def test_every_turn_is_requested_in_the_voice_and_manner_of_its_speaker() -> None:
    slots = script_slots("Hi.\nAnna: Hello.\nBen: So.\n", CAST, DEFAULTS, str.strip)
    assert [(one.speaker, one.request) for one in slots] == [
        (None, SpeechRequest("Hi.", "narrator", speed=1.1)),
        ("Anna", SpeechRequest("Hello.", "lively-girl", speed=1.1)),
        ("Ben", SpeechRequest("So.", "zixinnansheng", speed=0.9, instruction="tired")),
    ]


def test_pauses_are_before_the_next_part_and_after_the_last() -> None:
    script = "[pause 1]\nAnna: One.\n[pause 0.5]\n[pause 2]\nTwo.\n[pause 3]\n"
    slots = script_slots(script, CAST, DEFAULTS, str)
    assert [(one.request.text, one.pause, one.rest) for one in slots] == [
        ("One.", 1.0, 0.0),
        ("Two.", 2.5, 3.0),
    ]


def test_long_turn_is_divided_and_pauses_once() -> None:
    long = "This is a sentence of a long turn. " * 60
    slots = script_slots(f"Anna: Hi.\n[pause 2]\n{long}", CAST, DEFAULTS, str)
    assert len(slots) > 2
    assert [one.pause for one in slots] == [0.0, 2.0, *[0.0] * (len(slots) - 2)]
    assert "".join(one.request.text for one in slots[1:]) == long.strip()


@pytest.mark.parametrize("silent", ["(sighs)", "（叹气） (coughs).", " "])
def test_turn_that_cannot_be_heard_is_not_requested_but_keeps_its_pauses(silent: str) -> None:
    script = f"Anna: One.\n[pause 2]\nBen: {silent}\n[pause 1]\nAnna: Two.\n"
    slots = script_slots(script, CAST, DEFAULTS, str)
    assert [(one.request.text, one.pause) for one in slots] == [("One.", 0.0), ("Two.", 3.0)]


def test_model_that_speaks_parentheses_is_sent_them() -> None:
    cast = read_cast([("Ben", "v1, model=step-tts-2")])
    slots = script_slots("Ben: (sighs)\n", cast, DEFAULTS, str)
    assert [one.request.text for one in slots] == ["(sighs)"]


def test_cue_that_cannot_be_heard_is_not_requested() -> None:
    cues = [Cue(1.0, 2.0, "(door slams)"), Cue(3.0, 4.0, "\u00a0"), Cue(5.0, 6.0, "One.")]
    slots = timed_slots(cues, CAST, DEFAULTS, str)
    assert [(one.request.text, one.start, one.cue) for one in slots] == [("One.", 5.0, 3)]


@pytest.mark.parametrize("script", ["", "# only a comment\n", "[pause 2]\n", "Anna:\n"])
def test_script_without_text_is_refused(script: str) -> None:
    with pytest.raises(UsageError, match="no text"):
        script_slots(script, CAST, DEFAULTS, str)


def test_cues_have_until_the_next_one_begins() -> None:
    cues = [Cue(1.0, 2.0, "One\nline."), Cue(4.0, 5.0, "Ben: Two."), Cue(5.5, 7.0, "(…)")]
    slots = timed_slots(cues, CAST, DEFAULTS, lambda text: text.replace("(…)", ""))
    assert slots == [
        Slot(SpeechRequest("One line.", "narrator", speed=1.1), start=1.0, end=4.0, cue=1),
        Slot(
            SpeechRequest("Two.", "zixinnansheng", speed=0.9, instruction="tired"),
            "Ben",
            start=4.0,
            end=5.5,
            cue=2,
        ),
    ]


def test_last_part_of_a_long_cue_is_due_when_the_next_cue_begins() -> None:
    long = "This is a sentence of a long cue. " * 60
    slots = timed_slots([Cue(1.0, 9.0, long)], CAST, DEFAULTS, str)
    assert {one.start for one in slots} == {1.0}
    assert [(one.end, one.cue) for one in slots[-2:]] == [(math.inf, None), (9.0, 1)]


def test_subtitles_without_text_are_refused() -> None:
    with pytest.raises(UsageError, match="no text"):
        timed_slots([], CAST, DEFAULTS, str)
