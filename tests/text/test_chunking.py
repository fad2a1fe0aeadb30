"""Long text split into pieces."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType

import pytest
import regex
from hypothesis import example, given, settings
from hypothesis import strategies as st

from stepcli.text.chunking import split_text


def split(text: str, limit: int, first: int | None = None) -> list[str]:
    """Return all pieces of `text`."""
    return list(split_text(text, limit, first))


WHOLE = [
    *("3.14", "1,000,000", "10:30", "2026-11-23", "50%", "-40℃", "$9.99", "２０２６年", "第3章"),
    *("U.S.A.", "Dr. Smith", "No. 5", "a.m.", "J. K. Rowling", "e.g. this"),
    *("...", "……", "…", ". . .", "?!", "——"),
    *("https://example.com/a_(b)?q=1&r=2#top", "www.example.com/x,y", "me.too+x@example.co.uk"),
    *("(softly)", "（低声）", "((nested) aside)", "(two words, a pause. An end)"),
    *("\N{FAMILY}", "👨‍👩‍👧‍👦", "👍🏽", "🇨🇳", "1️⃣", "❤️", "e\u0301\u0323", "한", "प्रकाश", "ที่", "ඝ්‍ය"),
    *("don't", "well-known", "コンピュータ", "らーめん", "きゃ"),
]
"""What is never cut where it has room."""

LOOSE = [
    *(
        "Hello",
        "world",
        "It goes on",
        "今天天气很好",
        "我们去公园",
        "こんにちは",
        "世界",
        "สวัสดีครับ",
    ),
    *("नमस्ते", "مرحبا بك", "안녕하세요", "Привет", "日本語を書く"),
    *(". ", ", ", "; ", "! ", "? ", "。", "，", "！", "？", "؟ ", "। ", " — ", "：", "、"),
    *(" ", "  ", "\n", "\n\n", "\r\n", "\u3000", "\t"),
    *("“", "”", "「", "」", '"', "'", "(", ")", "（", "）", "*", "- ", "#", "😀", "\u200b"),
]

SCRIPTS = st.lists(st.sampled_from(WHOLE + LOOSE), max_size=120).map("".join)
EXAMPLES = settings(max_examples=250, deadline=None, derandomize=True)


@EXAMPLES
@given(SCRIPTS | st.text(max_size=80), st.integers(1, 60), st.none() | st.integers(1, 30))
@example("www.example.com/x,y", 40, 10)  # longer than wished, and can be parted nowhere
def test_joined_pieces_are_the_text(text: str, limit: int, first: int | None) -> None:
    """Each has between one character and the limit."""
    cuts = split(text, limit, first)
    assert "".join(cuts) == text
    assert all(1 <= len(piece) <= limit for piece in cuts)


@EXAMPLES
@given(st.lists(st.sampled_from(WHOLE) | st.sampled_from(LOOSE), max_size=60), st.integers(40, 90))
def test_tokens_stay_whole(parts: list[str], limit: int) -> None:
    """Numbers, abbreviations, ellipses, URLs, addresses and directions."""
    text = " ".join(parts)
    cuts = set(ends(split(text, limit)))
    for part, end in zip(parts, ends([part + " " for part in parts]), strict=True):
        if part in WHOLE:
            assert cuts.isdisjoint(range(end - len(part), end - 1)), part


@EXAMPLES
@given(SCRIPTS, st.integers(90, 150))
def test_no_piece_is_blank(text: str, limit: int) -> None:
    """Unless white space fills it."""
    if text.strip() and not regex.search(rf"\s{{{limit // 2}}}|\S{{{limit // 2}}}", text):
        assert all(piece.strip() for piece in split(text, limit))


def ends(parts: list[str]) -> list[int]:
    """Return the end of each part in the joined text."""
    found = [0]
    for part in parts:
        found.append(found[-1] + len(part))
    return found[1:]


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        (30, ["One sentence here. ", "And another one follows it."]),
        (22, ["A clause goes first, ", "then another one."]),
        (10, ["只有一句话，", "但是有点长。"]),
        (14, ["第一句话在这里。", "第二句话也在这里。"]),
        (24, ["こんにちは、世界。", "コンピュータを使うプログラムです。"]),
        (30, ["“Hello there.” ", "She said it, and then left."]),
        (16, ["他说：“你好吗？”", "她说：“我很好。”"]),
        (18, ['他说:"你好吗?"', '她说:"我很好，谢谢。"']),
        (28, ["It is nice (here). ", "Now it is time to go."]),
        (24, ["It ended. ", "(softly) Then it began."]),
        (21, ["事情到这里就结束了。", "（低声）然后它又开始了，它很好，很好。"]),
        (30, ["He saw Dr. Smith today. ", "No. 5 is alive, said he."]),
        (30, ["Born in the U.S.A. in 1984, ", "at 10:30 a.m. in the morning."]),
        (30, ["First paragraph of it.\n\n", "Second one. It is longer."]),
        (22, ["1. The first thing\n", "2. The second thing"]),
        (22, ["- the first thing\n", "- the second thing"]),
        (20, ["Quoi ? Non ! ", "« Oui », dit-il."]),
        (22, ["एक वाक्य यहाँ है। ", "दूसरा वाक्य भी है।"]),
        (20, ["كيف حالك اليوم؟ ", "أنا بخير، شكرا."]),
        (16, ["สวัสดีครับ ", "ผมไปเที่ยวไกล"]),
        (14, ["첫 문장입니다. ", "둘째 문장입니다."]),
        (24, ['"Really?" he asked. ', '"Yes," said she.']),
        (20, ["我用Python写代码，", "还有JavaScript。"]),
        (26, ["It is 3.14, or 1,000,000, ", "or 10:30 or 50% of it."]),
        (40, ["Look at https://example.com/a_(b)?q=1. ", "Then www.example.com, too."]),
        (20, ["Wait... what is it? ", "Well... nothing."]),
    ],
)
def test_sentences_are_preferred_to_clauses(limit: int, expected: list[str]) -> None:
    """In every script; brackets and marks stay with their text."""
    assert split("".join(expected), limit) == expected


@pytest.mark.parametrize(
    "text",
    [
        "aaaa bbbb (softly)",
        "aaaa bbbb (softly)\n\ncccc",
        "aaaa bbbb (softly) cccc dddd",
        "aaaa. (softly)\ncccc dddd",
        "你好你好你好（笑）再见再见再见",
        "「你好你好你好」（笑）「再见再见再见」",
    ],
)
def test_only_the_last_piece_may_end_with_a_direction(text: str) -> None:
    for limit in range(14, len(text)):
        assert not any(regex.search(r"[)）]\s*$", piece) for piece in split(text, limit)[:-1])


def test_late_sentence_end_is_preferred_to_an_early_clause() -> None:
    """A paragraph end near the limit is preferred to both."""
    sentence = "Word, " + "word, " * 29 + "end. "
    assert split(sentence * 10, 1000)[0] == sentence * 5
    assert split("Short. " * 130 + "\n\n" + "Short. " * 130, 1000)[0] == "Short. " * 130 + "\n\n"
    assert split("Oh, " + "word " * 300, 1000)[0] == "Oh, " + "word " * 199
    assert split("字" * 400 + " go " + "字" * 700, 1000)[0] == "字" * 400 + " go "
    assert split("Short.\n\n" + "Short. " * 200, 1000)[0] == "Short.\n\n" + "Short. " * 141


def test_token_over_the_limit_is_split_between_graphemes() -> None:
    """A direction is split as text."""
    url = "https://example.com/" + "a" * 3000
    assert [len(piece) for piece in split(f"See {url} now.", 1000)] == [4, 1000, 1000, 1000, 25]
    family = "👨‍👩‍👧‍👦"
    assert all(len(piece) % len(family) == 0 for piece in split(family * 300, 1000))
    direction = "(" + "as if it were so. " * 80 + ")"
    assert split(direction, 1000)[0].endswith("so. ")
    assert all(len(piece) % 2 == 0 for piece in split("e\u0301" * 1500, 999))
    assert [len(piece) for piece in split("e" + "\u0301" * 2499, 1000)] == [1000, 1000, 500]


def test_consecutive_directions_are_separated() -> None:
    """They are not split."""
    cuts = split("(softly)" * 300, 1000)
    assert all(regex.fullmatch(r"(\(softly\))+", piece) for piece in cuts)


def test_unbalanced_parentheses_are_characters() -> None:
    assert split("I am sad :( today. But not for long.", 20) == [
        "I am sad :( today. ",
        "But not for long.",
    ]


def test_white_space_over_the_limit_is_a_blank_piece() -> None:
    assert split("a" + " " * 25 + "b", 10) == ["a", " " * 10, " " * 10, " " * 5 + "b"]
    assert split("", 10) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It is a sunny day today. And so on and so on.", "It is a sunny day today. "),
        ("Hi. The sunny day, it goes on and on and on and on.", "Hi. The sunny day, "),
        (
            "A somewhat longer sentence than wished. And so on.",
            "A somewhat longer sentence than wished. ",
        ),
        ("on " * 200, "on " * 10),
        ("x" * 100 + " on and on", "x" * 100 + " "),
        ("今天天气很好我们一起去公园玩吧。" * 5, "今天天气很好我们一起去公园玩吧。"),
        (
            "(a direction of more than thirty characters) Go on, and on.",
            "(a direction of more than thirty characters) Go on, ",
        ),
    ],
)
def test_first_piece_ends_near_its_preferred_length(text: str, expected: str) -> None:
    assert split(text * 20, 500, 30)[0] == expected


def test_first_piece_takes_the_same_work_for_any_text() -> None:
    assert work(lambda: next(split_text(SAMPLE * 400, 1000, 100))) == work(
        lambda: next(split_text(SAMPLE * 40, 1000, 100))
    )


SAMPLE = "It is so, (softly) isn't it? 今天天气很好，我们去公园玩吧。(( “Well...” she said. 😀\n\n"


@pytest.mark.parametrize(
    "text",
    [SAMPLE, "(", "(a", "(a)", ")", "a", "a.", "…“", '"', "e\u0301", " ", "\n", "😀", "www.", "a@"],
)
def test_work_is_linear_in_the_text(text: str) -> None:
    base = text * (8_000 // len(text))
    once, twice = work(lambda: split(base, 1000)), work(lambda: split(base * 2, 1000))
    assert twice < 2.2 * once + 1000


def work(task: Callable[[], object]) -> int:
    """Return the number of calls that ``task`` makes."""
    calls = 0

    def count(_frame: FrameType, _event: str, _arg: object) -> None:
        nonlocal calls
        calls += 1

    sys.setprofile(count)
    try:
        task()
    finally:
        sys.setprofile(None)
    return calls
