"""Text in blocks: clusters stay whole and plain words are not delayed."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepcli.text.graphemes import (
    _inviting,
    _is_settled,
    split_between_clusters,
    split_open_cluster,
)

FAMILY = "👨\u200d👩\u200d👧"
FLAG = "🇩🇪"


@pytest.mark.parametrize(
    "text", ["hello", "hello ", "你好", "é", "e\u0301", "no.", "ありがとう", "한"]
)
def test_plain_words_wait_for_nothing(text: str) -> None:
    assert split_open_cluster(text) == (text, "")


@pytest.mark.parametrize("held", ["👍", FLAG, "🇩", "👨\u200d", FAMILY, "❤️", "\r", "ᄒ", "क\u094d"])
def test_what_more_text_may_extend_is_held_back(held: str) -> None:
    assert split_open_cluster(f"so {held}") == ("so ", held)


def test_what_is_held_back_is_whole_once_more_text_comes() -> None:
    sent, held = split_open_cluster("hi 👨\u200d")
    assert sent == "hi "
    assert split_open_cluster(held + "👩\u200d👧 you") == (FAMILY + " you", "")


def test_settled_characters_extend_no_cluster() -> None:
    """According to Unicode's tables."""
    quick = "".join(filter(_is_settled, map(chr, range(sys.maxunicode + 1))))
    assert {"a", "你"} <= set(quick)
    assert not _inviting().search(quick)


@pytest.mark.parametrize("cluster", [FAMILY, FLAG, "e\u0301\u0302", "👍🏽", "\r\n", "각"])
def test_no_cluster_is_cut(cluster: str) -> None:
    text = cluster * 40
    for piece in split_between_clusters(text, 25):
        assert len(piece) <= 25
        assert piece.replace(cluster, "") == ""


@given(st.text(), st.integers(1, 20))
def test_pieces_are_the_text(text: str, longest: int) -> None:
    cut = list(split_between_clusters(text, longest))
    assert "".join(cut) == text
    assert all(0 < len(piece) <= longest for piece in cut)


@given(st.text())
def test_complete_drops_nothing(text: str) -> None:
    assert "".join(split_open_cluster(text)) == text
