"""Stage directions and billed characters."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stepcli.text.stage_directions import billed_characters, literal, without_directions

EXAMPLES = settings(max_examples=300, deadline=None, derandomize=True)
PIECES = st.lists(
    st.sampled_from(
        [
            *("(", ")", "（", "）", "(", ")", " ", "  ", "\n", ".", ",", "。", "，", "?", "…"),
            *("“", "”", '"', "word", "an aside", "你好", "かな", "3", "s", "—", "-", "50%", "*"),
        ]
    ),
    max_size=30,
).map("".join)


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("word (an aside) more", "word, an aside, more"),
        ("word(an aside)more", "word, an aside, more"),
        ("end (aside).", "end, aside."),
        ("end (aside)", "end, aside"),
        ("end (aside), and", "end, aside, and"),
        ("(Softly) Hello. (Aside.) More", "Softly, Hello. Aside. More"),
        ("He left (at five.). Then", "He left, at five. Then"),
        ("He left (really?). Then", "He left, really? Then"),
        ("Hello (world.), more", "Hello, world. more"),
        ("so (well,)! Then", "so, well! Then"),
        ("Hello! (laughs) Bye", "Hello! laughs, Bye"),
        ("Hello.(aside)more", "Hello. aside, more"),
        ("word (...) more", "word... more"),
        ("word (.NET) more", "word, .NET, more"),
        ("a ((b) c) d", "a, b, c, d"),
        ("a (b) (c) d", "a, b, c, d"),
        ("foo() bar", "foo bar"),
        ("foo ( ) bar", "foo bar"),
        ("foo ().", "foo."),
        ("f(x)=y, a*(b+c)", "f, x=y, a*b+c"),
        ("item(s) and boss(es)", "items and bosses"),
        ("50% (half), 50%(half)", "50%, half, 50%, half"),
        ("1) first\n(2) second", "1, first\n2, second"),
        ("a smile :) here", "a smile : here"),
        ("a))b((c", "a, b, c"),
        ("((((", ""),
        ("one (aside)\n\nTwo", "one, aside\n\nTwo"),
        ("word — (aside) — more", "word — aside — more"),
        ("(pre)-war", "pre-war"),
        ("“(aside) said” (then) “more” (x)", "“aside, said”, then, “more”, x"),
        ('say "(aside)" "so" (now)', 'say "aside" "so", now'),
        ("你好（笑）。再见（挥手）吧", "你好，笑。再见，挥手，吧"),
        ("（低声）你好 (笑) 再见", "低声，你好，笑，再见"),
        ("中文 (English) 中文（是吗？）。", "中文，English，中文，是吗？"),
        ("他说“你好”（笑）她走了", "他说“你好”，笑，她走了"),
        ("東京（とうきょう）です", "東京、とうきょう、です"),
        ("한국어 (말) 입니다", "한국어, 말, 입니다"),
        ("हिन्दी (भाषा) है", "हिन्दी, भाषा, है"),
    ],
)
def test_parentheses_become_pauses(written: str, spoken: str) -> None:
    assert literal(written) == spoken


@EXAMPLES
@given(PIECES)
def test_no_parentheses_remain(text: str) -> None:
    """Balanced or not; applying it twice changes nothing."""
    spoken = literal(text)
    assert not set(spoken) & set("()（）")
    assert literal(spoken) == spoken


@EXAMPLES
@given(PIECES)
def test_commas_are_placed_correctly(text: str) -> None:
    """Every word is kept, and no comma is next to white space or another pause."""
    spoken = literal(text)
    assert "".join(filter(str.isalnum, spoken)) == "".join(filter(str.isalnum, text))
    for doubled in (
        ", ,",
        ",,",
        ", .",
        ",.",
        "，，",
        "，。",
        "、、",
        " ,",
        " ，",
        ".,",
        ",?",
        "。，",
    ):
        assert doubled not in spoken or doubled in text


@EXAMPLES
@given(st.text(st.characters(exclude_characters="()（）")))
def test_text_without_parentheses_is_unchanged(text: str) -> None:
    assert literal(text) == text


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("Hello (softly) there", "Hello there"),
        ("(softly) Hello (sigh).", " Hello."),
        ("你好（笑）世界", "你好世界"),
        ("one.\n\n(aside)\n\ntwo", "one.\n\ntwo"),
        ("f(x) and (open", "f and (open"),
    ],
)
def test_directions_are_removed_with_the_white_space_before_them(text: str, rest: str) -> None:
    assert without_directions(text) == rest


@pytest.mark.parametrize(
    ("text", "billed"),
    [
        ("", 0),
        ("你好", 2),
        ("ab", 1),
        ("abc", 1.5),
        ("，。", 1),
        ("12", 1),
        ("a b", 1.5),
        ("你好，world（笑）", 2 + 0.5 + 2.5 + 2),
        ("かなカナ々ー", 6),
        ("한국", 2),
        ("𠮷", 1),
        ("😀", 0.5),
    ],
)
def test_billed_characters(text: str, billed: float) -> None:
    """Chinese characters, kana and hangul count 1, everything else 0.5."""
    assert billed_characters(text) == billed


@EXAMPLES
@given(st.text(), st.text())
def test_splitting_text_does_not_change_its_price(one: str, other: str) -> None:
    assert billed_characters(one + other) == billed_characters(one) + billed_characters(other)
