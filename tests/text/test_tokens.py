"""Tokens of a text: their kinds, and linear time whatever the text is."""

from __future__ import annotations

import pytest

from stepcli.text.chunking import split_text
from stepcli.text.graphemes import split_between_clusters
from stepcli.text.stage_directions import literal
from stepcli.text.tokens import Kind, tokens
from tests.support.growth import LINEAR, growth

PATTERNS = [
    "a-.", "a--", "+-", "$", "เ", "ๆ", "第", "第1", "(", "((a", "a(", ")", '"', "'a", "http://",
    "www.", "www.a(", "a.b/", "a-.a/", "mailto:", "1,", "1.", "1–", "a.", "!,", "&amp;", "**",
    "[a](", "<b>", "a ", "\n ", " \t", "\r", "\u2028", "\u00a0", "a\u00ad", "\u0301", "a\u0301",
    "\u200d", "👨\u200d", "一", "ア・", "ー", "ぁ", "…", "--", "- ", "“", "¿", "（",
]  # fmt: skip
"""What a regular expression may scan to its end, fail, and scan again from the next character."""

WORK = {
    "split_text": lambda text: list(split_text(text, 1000, 120)),
    "split_between_clusters": lambda text: list(split_between_clusters(text, 1000)),
    "literal": literal,
}


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("name", WORK)
def test_time_is_linear_in_the_length_of_any_text(name: str, pattern: str) -> None:
    assert growth(WORK[name], pattern) < LINEAR


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("see...example.com/a.b now", "example.com/a.b"),
        ("at a-b.example.co.uk/x?y=1, then", "a-b.example.co.uk/x?y=1"),
        ("https://example.com/(a)!", "https://example.com/(a)"),
    ],
)
def test_address_is_one_token(text: str, expected: str) -> None:
    found = [text[one.start : one.end] for one in tokens(text, 1000) if one.kind is Kind.URL]
    assert found == [expected]


@pytest.mark.parametrize("word", ["-5", "±0.5", "-$1,000.50", "#1", "第5", "50%", "€5"])
def test_number_keeps_its_signs(word: str) -> None:
    assert [word] == [word[one.start : one.end] for one in tokens(word, 1000)]


def test_division_is_no_address() -> None:
    assert all(one.kind is not Kind.URL for one in tokens("10.5/3 = 3.5", 1000))
