"""Which text is still to be spoken, when sentences come back more or less as they were written."""

from __future__ import annotations

from stepcli.tasks.streaming.unconfirmed_text import Unspoken


def unspoken(text: str, *, asked: bool = True) -> Unspoken:
    made = Unspoken()
    made.add(text)
    if asked:
        made.ask()
    return made


def test_a_finished_sentence_and_its_punctuation_are_gone() -> None:
    text = unspoken("Hello there. How are you?  Fine!")
    text.finish("Hello there.")
    assert text.text == "How are you?  Fine!"
    text.finish(" How are you?")
    assert text.text == "Fine!"
    text.finish("Fine!")
    assert text.text == ""


def test_chinese_needs_no_spaces() -> None:
    text = unspoken("你好。“今天”天气很好！再见")
    text.finish("你好。")
    text.finish("“今天”天气很好！")
    assert text.text == "再见"


def test_directions_and_markdown_may_be_missing() -> None:
    """What is not spoken is not looked for, and not left behind."""
    text = unspoken("(softly) **Hello** there. (louder) Bye.")
    text.finish("Hello there.")
    assert text.text == "(louder) Bye."
    text.finish("Bye.")
    assert not text.pending


def test_a_direction_before_the_next_sentence_is_said_again() -> None:
    text = unspoken("Hello.（小声）再见。")
    text.finish("Hello.")
    assert text.again() == ("（小声）再见。", "")


def test_what_cannot_be_found_goes_with_the_next_that_can() -> None:
    text = unspoken("It is 3 o'clock. Time for tea. Come.")
    text.finish("It is three o'clock.")
    assert text.text.startswith("It is 3")
    text.finish("Time for tea.")
    assert text.text == "Come."


def test_a_short_sentence_is_not_found_inside_a_word() -> None:
    text = unspoken("I know nothing. No.")
    text.finish("No.")
    assert text.text == "I know nothing. No."


def test_what_was_spelled_out_counts_as_said() -> None:
    """An idle session that ended after "three" does not make "3" be spoken twice."""
    text = unspoken("It is 3.")
    assert text.owed
    text.finish("It is three.")
    assert not text.owed
    assert text.again() == ("", "")


def test_what_was_not_asked_for_is_pending_but_not_owed() -> None:
    text = unspoken("Half a sen", asked=False)
    assert text.pending
    assert not text.owed
    assert text.again() == ("", "Half a sen")


def test_asked_and_gathering_text_are_told_apart() -> None:
    text = unspoken("One. Two ")
    text.add("three")
    text.finish("One.")
    assert text.again() == ("Two ", "three")


def test_silent_text_is_never_owed() -> None:
    for silent in ("…", " \n", "(whispering)", "——", "（停顿）"):
        assert not unspoken(silent).pending


def test_a_sentence_without_words_changes_nothing() -> None:
    text = unspoken("Hello.")
    text.finish("")
    text.finish("...")
    assert text.text == "Hello."
    assert text.owed


def test_clear_leaves_nothing() -> None:
    text = unspoken("Hello.")
    text.clear()
    assert text.again() == ("", "")


def test_a_long_text_is_owed_though_its_beginning_is_silent() -> None:
    assert unspoken("(" + "a" * 50 + ")" + " " * 10_000 + "word").owed
