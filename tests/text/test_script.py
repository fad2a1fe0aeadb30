"""Scripts: names, pauses and comments."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stepcli.errors import UsageError
from stepcli.text.script import Pause, Turn, parse_script

EXAMPLES = settings(max_examples=300, deadline=None, derandomize=True)
CAST = ("Anna", "Ben", "老王", "Old Man")

# Text with everything that looks like a script, apart from the names of the cast.
LINES = st.lists(
    st.sampled_from(
        [
            *("At 10:30: lunch", "Note: this", "https://example.com", "anna: hello", "[stop]"),
            *("", "  ", "Annabel: hi", "a # b", "[pause 1] then", "plain text", "：", ":", "\r"),
        ]
    )
).map("\n".join)


def test_named_lines_give_the_turn_to_their_speaker() -> None:
    script = "Anna: Hello.\nBen: Hi.\n老王：你好。\nOld Man : Good day.\nAnna:Bye."
    assert parse_script(script, CAST) == [
        Turn(1, "Anna", "Hello."),
        Turn(2, "Ben", "Hi."),
        Turn(3, "老王", "你好。"),
        Turn(4, "Old Man", "Good day."),
        Turn(5, "Anna", "Bye."),
    ]


def test_lines_without_a_name_continue_the_turn() -> None:
    script = "Anna: One.\nTwo.\n\nAnna: Three.\r\nBen:\nFour.\n"
    assert parse_script(script, CAST) == [
        Turn(1, "Anna", "One.\nTwo.\n\nThree."),
        Turn(6, "Ben", "Four."),
    ]


def test_text_before_the_first_name_has_no_speaker() -> None:
    assert parse_script("Welcome.\nBen: Hi.", CAST) == [
        Turn(1, None, "Welcome.\n"),
        Turn(2, "Ben", "Hi."),
    ]


def test_pauses_divide_turns_and_keep_the_speaker() -> None:
    script = "[pause 1]\nAnna: One.\n[ Pause 0.5 s ]\nTwo.\n[pause 600]"
    assert parse_script(script, CAST) == [
        Pause(1, 1.0),
        Turn(2, "Anna", "One."),
        Pause(3, 0.5),
        Turn(4, "Anna", "Two."),
        Pause(5, 600.0),
    ]


def test_comments_are_not_spoken() -> None:
    script = "# A scene\nAnna: One.\n  # Anna waits\nTwo # three."
    assert parse_script(script, CAST) == [Turn(2, "Anna", "One.\nTwo # three.")]


@pytest.mark.parametrize(
    "pause",
    ["601", "-1", "nan", "inf", "1e9", "for effect", "", "1,5", "1 2"],
)
def test_invalid_pause_is_reported_with_its_line(pause: str) -> None:
    with pytest.raises(UsageError, match=r"line 2: \[pause.*\] is not a pause") as caught:
        parse_script(f"Anna: One.\n[pause {pause}]\n", CAST)
    assert caught.value.hint


@EXAMPLES
@given(LINES)
def test_text_without_names_is_unchanged(text: str) -> None:
    spoken = [element.text for element in parse_script(text, CAST) if isinstance(element, Turn)]
    assert spoken == ([text] if text.strip() else [])


@EXAMPLES
@given(st.text().filter(lambda text: not set("#[") & set(text)))
def test_any_text_is_unchanged_without_a_cast(text: str) -> None:
    spoken = [element.text for element in parse_script(text, ()) if isinstance(element, Turn)]
    assert spoken == ([text] if text.strip() else [])


@EXAMPLES
@given(st.lists(st.tuples(st.sampled_from(CAST), st.text(alphabet="ab .[]", min_size=1))))
def test_every_word_is_spoken_once_by_its_speaker(lines: list[tuple[str, str]]) -> None:
    script = "\n".join(f"{name}: {text}" for name, text in lines)
    written = [(name, word) for name, text in lines for word in text.split()]
    spoken = [
        (turn.speaker, word)
        for turn in parse_script(script, CAST)
        if isinstance(turn, Turn)
        for word in turn.text.split()
    ]
    assert spoken == written
