"""Times of recognized words."""

from __future__ import annotations

import pytest

from stepcli.sandbox.asr.recognizer import spread_words


def test_words_share_the_time_of_their_line_by_length() -> None:
    """In order and without gaps."""
    one, other = spread_words("a longest", 2.0, 1.0)
    assert (one.text, one.start, other.end) == ("a", 2.0, 3.0)
    assert one.end == other.start == pytest.approx(2.2)
    assert spread_words("", 0, 1) == []
