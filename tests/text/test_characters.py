"""Scripts and widths of characters."""

from __future__ import annotations

import pytest

from stepcli.text.characters import (
    columns,
    cut,
    folded,
    has_cjk,
    has_kana,
    is_cjk,
    is_unspaced,
    is_wide,
)


@pytest.mark.parametrize("character", ["中", "𠀀", "か", "カ", "。", "（", "Ａ", "々", "⼀"])
def test_chinese_and_japanese_letters_and_marks_are_cjk(character: str) -> None:
    assert is_cjk(character)
    assert is_unspaced(character)
    assert has_cjk(f"a{character}")


@pytest.mark.parametrize("character", ["a", "é", "я", "한", "“", "…", "1", "🙂"])
def test_other_characters_are_spaced(character: str) -> None:
    assert not is_cjk(character)
    assert not is_unspaced(character)
    assert not has_cjk(character)


@pytest.mark.parametrize("character", ["ก", "ກ", "မ", "ក"])
def test_southeast_asian_scripts_are_unspaced_but_not_cjk(character: str) -> None:
    assert is_unspaced(character)
    assert not is_cjk(character)


def test_only_japanese_has_kana() -> None:
    assert has_kana("日本の")
    assert not has_kana("日本")


@pytest.mark.parametrize(
    ("character", "wide", "wide_in_cjk"),
    [
        *[("中", True, True), ("한", True, True), ("Ａ", True, True)],
        *[("a", False, False), ("“", False, True), ("…", False, True)],
    ],
)
def test_width_of_shared_marks_depends_on_the_text(
    character: str, wide: bool, wide_in_cjk: bool
) -> None:
    assert is_wide(character) is wide
    assert is_wide(character, in_cjk=True) is wide_in_cjk


@pytest.mark.parametrize(("text", "expected"), [("abc", 3), ("中文", 4), ("e\u0301", 1), ("", 0)])
def test_columns_of_a_terminal(text: str, expected: int) -> None:
    assert columns(text) == expected


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [("hello", 5, "hello"), ("hello!", 5, "hell…"), ("你好世界", 5, "你好…"), ("", 5, "")],
)
def test_text_is_cut_by_columns(text: str, width: int, shown: str) -> None:
    assert cut(text, width) == shown


def test_text_is_folded_at_spaces_and_between_wide_characters() -> None:
    assert folded("one two three", 8) == ["one two", "three"]
    assert folded("你好世界你好", 4) == ["你好", "世界", "你好"]
    assert folded("abcdefghij", 4) == ["abcd", "efgh", "ij"]
