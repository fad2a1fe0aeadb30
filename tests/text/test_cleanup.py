"""Characters that cannot be spoken are removed; the rest is unchanged, in blocks of any size."""

from __future__ import annotations

from itertools import pairwise

import pytest
import regex
from hypothesis import example, given, settings
from hypothesis import strategies as st

from stepcli.text.cleanup import clean, clean_blocks

EXAMPLES = settings(max_examples=300, deadline=None, derandomize=True)
PIECES = [
    *(" ", "  ", "\t", "\n", "\r\n", "\r", "\n\n", "\u00a0", "\u3000", "\u2028", "\x1f"),
    *("-", "\u2010", "\u00ad", "_", "__", "\b", "\b\b", "_\bx", "x\bx", "x\b_", "汉\b\b汉"),
    *("\x1b[1m", "\x1b[0", "\x1b", "\x1b]8;;http://a\x1b\\", "\x1b]0;t", "\x07", "\x9b1m", "\x00"),
    *("a", "B", "word", "and", "an", "or", "1", ".", "你", "好。", "か", "é", "e\u0301", "\u0301"),
    *("👨\u200d👩", "\u200d", "🇩", "ᄒ", "ᅡ", "क\u094d", "\u0600", "\uff9e", "(", ")"),
]  # fmt: skip
TEXTS = st.lists(st.sampled_from(PIECES), max_size=20).map("".join) | st.text(max_size=20)
VISIBLE = TEXTS.map(lambda text: regex.sub(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]", "", text))


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("two  blanks\tand   more", "two blanks\tand more"),
        ("a line  \n   and another", "a line\nand another"),
        ("a paragraph.\r\n\r\n\r\nAnother.", "a paragraph.\nAnother."),
        ("今天天气\n真好。\n\u3000\u3000明天", "今天天气\n真好。\n明天"),
        ("an exam-\nple", "an example"),
        ("an exam\u2010\n       ple and exam\u00ad\r\nple", "an example and example"),
        ("a well-\nknown word", "a wellknown word"),
        ("Großschrei-\nbung, caf\u0301e\u0301-\nteria", "Großschreibung, caf\u0301e\u0301teria"),
        ("\x1b[1;31mred\x1b[0m, \x1b(Bplain\x1b[m", "red, plain"),
        ("a \x1b]8;;https://example.com\x1b\\link\x1b]8;;\x1b\\.", "a link."),
        ("\x1b]0;title\x07text", "text"),
        ("N\bNA\bAM\bME\bE", "NAME"),
        ("_\bw_\bo_\br_\bd, o\b_k\b_", "word, ok"),
        ("_\bb\bbo", "bo"),
        ("汉\b\b汉字\b\b字 __\b\b汉", "汉字 汉"),
        ("ring\x07 the\x00 bell", "ring the bell"),
    ],
)
def test_characters_that_cannot_be_spoken_are_removed(written: str, sent: str) -> None:
    assert clean(written) == sent


@pytest.mark.parametrize(
    "text",
    [
        *("Hello there.", "Hello there.\n", "One.\nTwo.", "你好\n再见"),
        *("10\u00a0000 km", "a\u3000b"),
        *("- item\n- another", "a pause -\nand more", "a dash--\nand more", "1-\nbased"),
        *("Jean-\nPaul", "pre-\nand post-war", "Vor-\nund Nachteile", "a well-known word"),
        *("snake_case __init__", "你-\n好", "a\n\u0301b", "e\u0301\n"),
    ],
)
def test_clean_text_is_unchanged(text: str) -> None:
    assert clean(text) == text


def test_unfinished_sequence_at_the_end_hides_no_text() -> None:
    assert clean("read this \x1b]0; to the end") == "read this 0; to the end"
    assert clean("read this\x1b") == "read this"


@given(TEXTS)
@EXAMPLES
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@given(TEXTS, st.lists(st.integers(0, 40), max_size=8))
@example("x-\nand-\ny", [7])
@example("a  -\nb", [3, 4])
@EXAMPLES
def test_blocks_are_cleaned_like_the_whole_text(text: str, cuts: list[int]) -> None:
    places = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    blocks = [text[start:end] for start, end in pairwise(places)]
    assert "".join(clean_blocks(blocks)) == clean(text)


@given(TEXTS)
@EXAMPLES
def test_single_characters_are_cleaned_like_the_whole_text(text: str) -> None:
    assert "".join(clean_blocks(text)) == clean(text)


@given(VISIBLE)
@EXAMPLES
def test_grapheme_clusters_stay(text: str) -> None:
    """Hyphens and white space apart, the clusters are the same before and after."""
    assert _clusters(clean(text)) == _clusters(text)


def _clusters(text: str) -> list[str]:
    found = (cluster.strip() for cluster in regex.findall(r"\X", text))
    return [cluster for cluster in found if cluster and cluster not in "-\u2010\u00ad"]


@given(TEXTS)
@EXAMPLES
def test_no_control_characters_or_repeated_blanks_remain(text: str) -> None:
    sent = clean(text)
    assert not regex.search(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\r]", sent)
    assert not regex.search(r"\s\s(?![\p{M}\p{GCB=Extend}\p{GCB=ZWJ}\p{GCB=SpacingMark}])", sent)


def test_words_are_not_held_back() -> None:
    """A block is passed on before the next one is read, but for white space at its end."""
    words = iter(["Hello", " there", ", ", "you"])
    blocks = clean_blocks(words)
    assert next(blocks) == "Hello"
    assert next(blocks) == " there"
    assert next(blocks) == ","
    assert next(words) == "you"


@pytest.mark.parametrize(
    "unit", [" ", "\n", "- ", "-\n", "\x1b", "\x1b]", "\x1b[", "_", "\b", "x\b"]
)
def test_long_runs_take_linear_time(unit: str) -> None:
    """A quadratic step would need hours for this."""
    clean(unit * 200_000)
