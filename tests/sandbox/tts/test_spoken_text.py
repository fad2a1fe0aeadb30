"""Selection of spoken words and their languages."""

from __future__ import annotations

import pytest

from stepcli.sandbox.tts.spoken_text import Passage, select_spoken_text, strip_markdown


@pytest.mark.parametrize(
    ("text", "passages"),
    [
        ("Hello, world 42!", [("en-us", "Hello, world 42!")]),
        ("你好，世界42！", [("cmn", "你好，世界42！")]),
        ("我用Python写", [("cmn", "我用"), ("en-us", "Python"), ("cmn", "写")]),
        ("今日は本", [("ja", "今日は本")]),
        ("안녕 hello", [("ko", "안녕 "), ("en-us", "hello")]),
        ("42 is 四十二", [("en-us", "42 is "), ("cmn", "四十二")]),
        ("chong2庆很大", [("cmn", "chong2庆很大")]),
        ("A4纸", [("en-us", "A4"), ("cmn", "纸")]),
        ("...", []),
        ("__", []),
        ("", []),
    ],
    ids=str,
)
def test_language_follows_the_script(text: str, passages: list[tuple[str, str]]) -> None:
    """Digits and punctuation belong to the preceding passage."""
    assert select_spoken_text(text).passages == [Passage(*each) for each in passages]


def test_directions_are_removed_on_request() -> None:
    """An unclosed parenthesis is text."""
    assert select_spoken_text("a (b (c)) d（e）f", directions=True).passages == [
        Passage("en-us", "a  df")
    ]
    assert select_spoken_text("a (b", directions=True).passages == [Passage("en-us", "a (b")]
    assert select_spoken_text("a (b)", directions=False).passages == [Passage("en-us", "a (b)")]


def test_control_characters_become_spaces() -> None:
    """NUL would end the text for espeak-ng."""
    assert select_spoken_text("one\x00two\x1bthree").passages == [Passage("en-us", "one two three")]


def test_longest_pronunciation_applies_once() -> None:
    swaps = {"a": "b", "ab": "c", "b": "a"}
    assert select_spoken_text("ab a b", pronunciations=swaps).passages == [
        Passage("en-us", "c b a")
    ]


def test_markdown_keeps_only_the_words() -> None:
    marked = "# T\n\ntwo\nlines **bold** `x`\n\n1. item\n\n```py\ncode\n```\n![alt](u) [l](u)"
    assert strip_markdown(marked).split("\n") == [
        "T",
        "two lines bold x",
        "item",
        "code",
        "",
        "alt l",
    ]


def test_shown_text_has_no_directions_and_keeps_written_forms() -> None:
    spoken = select_spoken_text("(softly)A LOL b", pronunciations={"LOL": "laughing"})
    assert spoken.shown == "A LOL b"
    (passage,) = spoken.passages
    assert passage.text == "A laughing b"
    assert passage.positions == (0, 1, *[2] * 8, 5, 6)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("20% off", "20 percent off"),
        ("5 km/h", "5 kilometers per hour"),
        ("3kg & more", "3 kilograms  and  more"),
        ("A&B, kg", "A&B, kg"),
    ],
)
def test_units_and_symbols_are_spelled_out_on_request(written: str, read: str) -> None:
    assert select_spoken_text(written, spell_out=True).passages == [Passage("en-us", read)]
    assert select_spoken_text(written).passages == [Passage("en-us", written)]
