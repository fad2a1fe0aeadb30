"""Sentences found in the text they were made from, as written or spelled out."""

from __future__ import annotations

import pytest

from stepcli.text.spoken_form import first_sentence_end, is_audible, letters, written_end


def rest(text: str, sentence: str, *, flushed: int = 0, inexact: bool = False) -> str | None:
    """Return what follows `sentence` in `text`, None if it is not found."""
    end = written_end(text, sentence, flushed=flushed, inexact=inexact)
    return None if end is None else text[end:]


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("It costs $1,000.50.", "It costs one thousand dollars and fifty cents."),
        ("$5 per head.", "five dollars per head"),
        ("100%.", "one hundred percent."),
        ("3.5kg of flour.", "three point five kilograms of flour."),
        ("It is 3 o'clock.", "It is three o'clock."),
        ("It's 5pm EST.", "It's five p m Eastern Standard Time."),
        ("Call +1 (555) 0199 now.", "Call plus one five five five zero one nine nine now."),
        ("5 < 6 & 7.", "five is less than six and seven."),
        ("1. One.", "One One."),
        ("Dr. Smith is here.", "Doctor Smith is here."),
        ("Am 28.11.2026 um 10:30.", "Am achtundzwanzigsten November um zehn Uhr dreißig."),
        ("AT&amp;T rings.", "AT&T rings."),
        ("Tom &amp; Jerry run.", "Tom and Jerry run."),
        ("&#20320;好。", "你好。"),
        ("今天是2026年11月28日。", "今天是二零二六年十一月二十八日。"),
        ("下午3:30开会。", "下午三点三十分开会。"),
        ("第5章。", "第五章。"),
        ("Visit https://example.com/a now.", "Visit example dot com slash a now."),
        ("Visit https://example.com/a now.", "Visit now."),
        ("(softly) **Hello** there.", "Hello there."),
        ("ＡＢＣ 数字。", "ABC 数字。"),
        ("Straße!", "STRASSE!"),
    ],
)
@pytest.mark.parametrize("following", ["Then we go home.", "然后回家。", "$7 is next."])
def test_spelled_out_sentence_ends_where_it_was_written(
    written: str, spoken: str, following: str
) -> None:
    assert rest(f"{written} {following}", spoken) == following
    assert rest(written, spoken) == ""


def test_words_after_a_spelled_out_number_are_not_taken_for_it() -> None:
    assert rest("Pay $5. Dollars are great.", "Pay five dollars.") == "Dollars are great."
    assert rest("I have 5 6 7 8.", "I have five six", flushed=10) == " 7 8."


def test_flushed_part_of_a_word_is_found() -> None:
    assert rest("Half a sentence", "Half a sen") == "tence"


def test_later_sentence_is_found_in_whole_words_only() -> None:
    assert rest("I know nothing. No.", "No.") is None
    assert rest("I know nothing. No. Yes.", "No.", inexact=True) == "Yes."
    assert rest("Skipped. This one is long. End.", "This one is long.") == "End."


@pytest.mark.parametrize("sentence", ["", "...", "。", "(quietly)", "Completely different words."])
def test_other_sentence_is_not_found(sentence: str) -> None:
    assert rest("Never said this. Something else altogether.", sentence) is None


def test_very_long_sentence_takes_no_time() -> None:
    assert rest("3 words here. " * 100, "x" * 100_000) is None


def test_first_sentence_has_something_to_hear() -> None:
    text = "... (softly) Hello. Bye."
    assert text[: first_sentence_end(text)] == "... (softly) Hello. "
    assert first_sentence_end("no end") == 6


@pytest.mark.parametrize("silent", ["…", " \n", "(whispering)", "——", "（停顿）", ""])
def test_marks_and_directions_are_silent(silent: str) -> None:
    assert not is_audible(silent)
    assert letters(silent).folded == ""
