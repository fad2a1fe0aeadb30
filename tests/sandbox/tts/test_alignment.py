"""Items, clauses and their times."""

from __future__ import annotations

import pytest

from stepcli.sandbox.tts.alignment import SpokenSpan, TimedItem, align, align_sentence, split_items


@pytest.mark.parametrize(
    ("shown", "items"),
    [
        ("今天真好，走。", ["今", "天", "真", "好，", "走。"]),
        ("Hello, world!", ["Hello,", "world!"]),
        ("It's 3.50 now — yes.", ["It's", "3.50", "now —", "yes."]),
        ("我用Python写", ["我", "用", "Python", "写"]),
        ("“Quoted” text", ["“Quoted”", "text"]),
        ("他说：“好！”", ["他", "说：", "“好！”"]),
        ("well-known", ["well-known"]),
        ("...", []),
    ],
)
def test_items_are_characters_or_words_with_their_punctuation(shown: str, items: list[str]) -> None:
    assert [shown[start:end] for start, end in split_items(shown)] == items


def test_clauses_end_at_sentence_ends_and_chinese_commas() -> None:
    assert [each.text for each in align("好，走。One, two. Three\nfour", [])] == [
        "好，",
        "走。",
        "One, two.",
        "Three",
        "four",
    ]


def test_items_get_the_time_of_their_spans() -> None:
    sentence = align_sentence("One 42.", [SpokenSpan(0, 0, 0.3), *_spans((4, 0.4), (5, 0.7))])
    assert sentence.items == [TimedItem("One", 0, 0.3), TimedItem("42.", 0.4, 1.0)]


def _spans(*starts: tuple[int, float]) -> list[SpokenSpan]:
    return [SpokenSpan(position, start, start + 0.3) for position, start in starts]


def test_words_spoken_as_one_share_its_time_by_length() -> None:
    """espeak-ng reports one word for "of the"."""
    items = align_sentence("of the sea", [SpokenSpan(0, 0, 0.5), SpokenSpan(7, 0.5, 1)]).items
    assert [(item.text, item.start, item.end) for item in items] == [
        ("of", 0, pytest.approx(0.2)),
        ("the", pytest.approx(0.2), pytest.approx(0.5)),
        ("sea", 0.5, 1),
    ]


def test_text_without_words_has_no_items() -> None:
    assert align_sentence("...", []).items == []
