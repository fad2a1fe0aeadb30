"""What of a text is spoken, and in which language."""

from __future__ import annotations

import pytest

from stepcli.sandbox.tts.spoken_text import Passage, read_aloud, strip_markdown


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
def test_languages_by_script(text: str, passages: list[tuple[str, str]]) -> None:
    """Each run of letters in its own; digits and punctuation with what stands before them."""
    assert read_aloud(text) == [Passage(*each) for each in passages]


def test_directions_are_left_out_or_not() -> None:
    """As told; an unclosed one is text."""
    assert read_aloud("a (b (c)) d（e）f", directions=True) == [Passage("en-us", "a  df")]
    assert read_aloud("a (b", directions=True) == [Passage("en-us", "a (b")]
    assert read_aloud("a (b)", directions=False) == [Passage("en-us", "a (b)")]


def test_control_characters_are_silent() -> None:
    """A NUL would end the text for the engine."""
    assert read_aloud("one\x00two\x1bthree") == [Passage("en-us", "one two three")]


def test_pronunciations_longest_first_and_once() -> None:
    """What was put in is not looked at again."""
    swaps = {"a": "b", "ab": "c", "b": "a"}
    assert read_aloud("ab a b", pronunciations=swaps) == [Passage("en-us", "c b a")]


def test_markdown_is_what_a_reader_would_say() -> None:
    """Blocks line by line, marks gone, code kept."""
    marked = "# T\n\ntwo\nlines **bold** `x`\n\n1. item\n\n```py\ncode\n```\n![alt](u) [l](u)"
    assert strip_markdown(marked).split("\n") == [
        "T",
        "two lines bold x",
        "item",
        "code",
        "",
        "alt l",
    ]
