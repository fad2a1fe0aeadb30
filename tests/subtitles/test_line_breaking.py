"""Text broken into cues."""

from __future__ import annotations

import re
from unicodedata import combining, east_asian_width

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from stepcli.subtitles.line_breaking import cue_texts

EXAMPLES = settings(max_examples=250, deadline=None, derandomize=True)
TEXT = st.lists(
    st.sampled_from(
        [
            *("The quick brown fox", "jumps", " over", "it", "don't", "a", "3.14", "x" * 50),
            *(
                "今天天气很好",
                "我们",
                "公园",
                "コンピュータ",
                "です",
                "สวัสดี",
                "नमस्ते",
                "안녕하세요",
                "مرحبا",
            ),
            *(". ", ", ", "。", "，", "？", "……", "“", "”", "(aside)", "（笑）", " ", "\n", "\n\n"),
            *(
                "👨‍👩‍👧‍👦",
                "🇨🇳",
                "e\u0301",
                "https://example.com/a/long/path/that/goes/on/and/on?x=1",
            ),
        ]
    ),
    max_size=60,
).map("".join)


@EXAMPLES
@given(TEXT)
def test_cues_keep_the_limits(text: str) -> None:
    """One or two lines, none blank, of at most 42 Latin or 20 Chinese characters."""
    for cue in cue_texts(text):
        lines = cue.split("\n")
        assert len(lines) <= 2
        assert all(line.strip() == line != "" for line in lines)
        assert all(readable(line) for line in lines)


def readable(line: str) -> bool:
    clusters = regex.findall(r"\X", line)
    wide = sum(east_asian_width(cluster[0]) in "WF" for cluster in clusters)
    return wide <= 20 and wide * 42 / 20 + (len(clusters) - wide) <= 42


@EXAMPLES
@given(TEXT)
def test_only_white_space_is_lost(text: str) -> None:
    assert "".join("".join(cue_texts(text)).split()) == "".join(text.split())


@EXAMPLES
@given(TEXT)
def test_lines_start_at_grapheme_clusters(text: str) -> None:
    for line in "\n".join(cue_texts(text)).split("\n"):
        assert not line or not (combining(line[0]) or line[0] in "\u200d\ufe0f")


@EXAMPLES
@given(st.text(st.sampled_from("今天气好，。？！、\n\r"), max_size=150))
def test_no_spaces_are_added_to_chinese(text: str) -> None:
    assert not re.search(r"[ \u3000]", "".join(cue_texts(text)))


@pytest.mark.parametrize(
    ("text", "cues"),
    [
        ("", []),
        (" \n ", []),
        ("Hello.", ["Hello."]),
        ("e\u0301" * 20 + " " + "e\u0301" * 21, ["e\u0301" * 20 + " " + "e\u0301" * 21]),
        ("x" * 20 + " " + "y" * 21 + " " + "z" * 30, ["x" * 20 + " " + "y" * 21 + "\n" + "z" * 30]),
        ("“" + "一" * 18 + "”", ["“" + "一" * 18 + "”"]),
        ("“" + "一" * 19 + "”", ["“" + "一" * 9 + "\n" + "一" * 10 + "”"]),
        ("x" * 20 + " " + "y" * 21, ["x" * 20 + " " + "y" * 21]),
        ("一二三四五六七八九十" * 2, ["一二三四五六七八九十" * 2]),
        (
            "The quick brown fox jumps over the lazy dog and then runs away into the forest.",
            ["The quick brown fox jumps over the lazy\ndog and then runs away into the forest."],
        ),
        (
            "The quick brown fox jumps over the lazy dog, and then it runs away into the deep dark"
            " forest where nobody sees it.",
            [
                "The quick brown fox\njumps over the lazy dog,",
                "and then it runs away into the deep\ndark forest where nobody sees it.",
            ],
        ),
        (
            "A short one. Another short one. And a third sentence that is longer than the rest.",
            [
                "A short one. Another short one.",
                "And a third sentence that\nis longer than the rest.",
            ],
        ),
        (
            "This is a sentence of sixty or seventy letters with no pause inside it."
            " The second is shorter than the first.",
            [
                "This is a sentence of sixty or seventy\nletters with no pause inside it.",
                "The second is shorter than the first.",
            ],
        ),
        (
            "今天天气很好，我们去公园玩吧，你觉得怎么样？我觉得非常好，"
            "因为我真的已经很久没有去过了。",
            [
                "今天天气很好，\n我们去公园玩吧，你觉得怎么样？",
                "我觉得非常好，\n因为我真的已经很久没有去过了。",
            ],
        ),
        ("今天\n天气，\n“很好”……\n对", ["今天天气，“很好”……对"]),
        ("中文\nEnglish\nwords", ["中文 English words"]),
    ],
)
def test_cues(text: str, cues: list[str]) -> None:
    """Sentences where they fit, otherwise clauses or halves of similar length."""
    assert cue_texts(text) == cues


def test_sentence_slightly_longer_than_a_cue_is_halved() -> None:
    words = "Word " + "word " * 17 + "end. "
    sizes = [len(cue) for cue in cue_texts(words * 3)]
    assert len(sizes) == 6
    assert min(sizes) > 30


@EXAMPLES
@given(
    st.lists(
        st.integers(1, 30).flatmap(
            lambda n: st.sampled_from(["一" * n + mark for mark in "，。！”"])
        ),
        max_size=8,
    ).map("".join)
)
def test_no_line_starts_with_a_closing_mark(text: str) -> None:
    """The rule of Chinese typography."""
    assert not re.search(r"^[，。！”]", "\n".join(cue_texts(text)), re.MULTILINE)
