"""Which text is still to be spoken, when sentences are reported more or less as written."""

from __future__ import annotations

import pytest

from stepcli.tasks.streaming.unconfirmed_text import TextQueue, UnconfirmedText

LONG_ENOUGH = 5.0
"""Seconds of sound that any sentence here fits into."""


def unconfirmed(text: str, *, requested: bool = True) -> UnconfirmedText:
    made = UnconfirmedText()
    made.add(text)
    if requested:
        made.request()
    return made


def test_confirmed_sentence_is_removed_with_its_punctuation() -> None:
    text = unconfirmed("Hello there. How are you?  Fine!")
    assert text.confirm("Hello there.", LONG_ENOUGH)
    assert text.text == "How are you?  Fine!"
    text.confirm(" How are you?", LONG_ENOUGH)
    assert text.text == "Fine!"
    text.confirm("Fine!", LONG_ENOUGH)
    assert text.text == ""


def test_chinese_needs_no_spaces() -> None:
    text = unconfirmed("你好。“今天”天气很好！再见")
    text.confirm("你好。", LONG_ENOUGH)
    text.confirm("“今天”天气很好！", LONG_ENOUGH)
    assert text.text == "再见"


def test_directions_and_markdown_may_be_missing_from_a_sentence() -> None:
    text = unconfirmed("(softly) **Hello** there. (louder) Bye.")
    text.confirm("Hello there.", LONG_ENOUGH)
    assert text.text == "(louder) Bye."
    text.confirm("Bye.", LONG_ENOUGH)
    assert not text.pending


def test_direction_before_the_next_sentence_is_sent_again() -> None:
    text = unconfirmed("Hello.（小声）再见。")
    text.confirm("Hello.", LONG_ENOUGH)
    assert text.to_resend() == ("（小声）再见。", "")


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("It costs $1,000.50.", "It costs one thousand dollars and fifty cents."),
        ("2026年11月28日见。", "二零二六年十一月二十八日见。"),
        ("Tom &amp; Jerry.", "Tom and Jerry."),
    ],
)
def test_spelled_out_sentence_confirms_only_itself(written: str, spoken: str) -> None:
    """However much longer than the text it is."""
    text = unconfirmed(f"{written} Go. Then home.")
    text.confirm(spoken, LONG_ENOUGH)
    assert text.text == "Go. Then home."
    assert text.owed


@pytest.mark.parametrize(("seconds", "left"), [(2.0, "Then home."), (0.1, None), (0.0, None)])
def test_unrecognizable_sentence_confirms_the_next_one_if_its_sound_is_long_enough(
    seconds: float, left: str | None
) -> None:
    written = "All of this is written. Then home."
    text = unconfirmed(written)
    text.confirm("Nothing alike here", seconds)
    assert text.text == (left or written)
    assert text.is_inexact


def test_sentence_reported_in_unrecognizable_bits_is_confirmed_by_all_their_sound() -> None:
    text = unconfirmed("All of this is written. Then home.")
    for bit in ("Nothing", "alike", "in here"):
        text.confirm(bit, 0.15)
    assert text.text == "Then home."


def test_recognized_sentence_confirms_what_came_before_it() -> None:
    text = unconfirmed("All of this is written. Time for tea. Come.")
    text.confirm("Nothing alike", 0.0)
    text.confirm("Time for tea.", LONG_ENOUGH)
    assert text.text == "Come."


def test_short_sentence_is_not_found_inside_a_word() -> None:
    text = unconfirmed("I know nothing. No.")
    text.confirm("No.", 0.1)
    assert text.text == "I know nothing. No."


def test_spelled_out_sentence_is_not_sent_again() -> None:
    text = unconfirmed("It is 3.")
    assert text.owed
    text.confirm("It is three.", LONG_ENOUGH)
    assert not text.owed
    assert text.to_resend() == ("", "")


def test_unrecognizable_sentence_is_not_waited_for_but_sent_again() -> None:
    """An idle session does not time out; unconfirmed text is never dropped."""
    text = unconfirmed("All of this is written.")
    text.confirm("Nothing alike", 0.1)
    assert not text.owed
    assert text.pending
    assert text.to_resend() == ("All of this is written.", "")
    assert text.owed


def test_unrequested_text_is_pending_but_not_owed() -> None:
    text = unconfirmed("Half a sen", requested=False)
    assert text.pending
    assert not text.owed
    assert text.to_resend() == ("", "Half a sen")


def test_requested_and_gathering_text_are_sent_again_separately() -> None:
    text = unconfirmed("One. Two ")
    text.add("three")
    text.confirm("One.", LONG_ENOUGH)
    assert text.to_resend() == ("Two ", "three")


@pytest.mark.parametrize("silent", ["…", " \n", "(whispering)", "——", "（停顿）"])
def test_silent_text_is_never_pending(silent: str) -> None:
    assert not unconfirmed(silent).pending


@pytest.mark.parametrize("sentence", ["", "..."])
def test_sentence_without_words_confirms_nothing(sentence: str) -> None:
    text = unconfirmed("Hello.")
    assert not text.confirm(sentence, LONG_ENOUGH)
    assert text.text == "Hello."
    assert text.owed


def test_clear_leaves_nothing() -> None:
    text = unconfirmed("Hello.")
    text.clear()
    assert text.to_resend() == ("", "")


def test_long_text_is_owed_although_its_beginning_is_silent() -> None:
    assert unconfirmed("(" + "a" * 50 + ")" + " " * 10_000 + "word").owed


def test_queue_returns_what_was_appended_in_order() -> None:
    queue, expected = TextQueue(), ""
    for number in range(300):
        queue.append(f"{number} ")
        expected += f"{number} "
        if number % 3 == 2:
            queue.drop(5)
            expected = expected[5:]
        assert queue.peek(len(queue)) == expected
    assert queue.peek(5) == expected[:5]


def test_queue_moves_each_character_a_bounded_number_of_times(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Dropping a text sentence by sentence takes linear time."""
    moved = 0
    append = TextQueue.append

    def counted(queue: TextQueue, text: str) -> None:
        nonlocal moved
        moved += len(text)
        append(queue, text)

    monkeypatch.setattr(TextQueue, "append", counted)
    queue = TextQueue()
    queue.append("x" * 100_000)
    while len(queue):
        queue.drop(10)
    assert moved <= 3 * 100_000
