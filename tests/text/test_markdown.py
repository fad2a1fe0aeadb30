"""Markdown as it is spoken."""

from __future__ import annotations

import pytest

from stepcli.text.markdown import without_markdown


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("# A *heading*\n", "A heading"),
        ("- item `code` and a [link](https://example.com)", "item code and a link"),
        ("1. one\n2. two", "one two"),
        ("> quoted\n> text", "quoted text"),
        ("你好，**世界**。", "你好，世界。"),
        ("~~old~~ new", "old new"),
        ("snake_case and 2 * 3", "snake_case and 2 * 3"),
    ],
)
def test_formatting_is_removed(text: str, plain: str) -> None:
    assert without_markdown(text) == plain


def test_half_of_an_emphasis_is_removed() -> None:
    """The other half is in the next sentence."""
    assert without_markdown("**This is.") == "This is."
    assert without_markdown("Bold** text.") == "Bold text."
