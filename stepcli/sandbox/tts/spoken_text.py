"""What of a text is spoken, and in which language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby

from markdown_it import MarkdownIt
from markdown_it.token import Token

_DIRECTION = re.compile(r"\([^()（）]*\)|（[^()（）]*）")
_SILENT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_KANA = re.compile(r"[\u3041-\u30ff]")
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af]")
_HANGUL = re.compile(r"[\uac00-\ud7a3]")
_PINYIN = re.compile(r"(?<![a-zA-Z])(?:[a-zü]{1,6}[1-5])+(?![a-zA-Z0-9])")


@dataclass(frozen=True)
class Passage:
    """A stretch of text in one language, by espeak-ng's name for it."""

    language: str
    text: str


def read_aloud(
    text: str,
    *,
    directions: bool = True,
    markdown: bool = False,
    pronunciations: Mapping[str, str] | None = None,
) -> list[Passage]:
    """The passages to speak, in order; none when the text has no word in it.

    ``directions`` leaves out what stands in parentheses, ``markdown`` strips Markdown, and each key
    of ``pronunciations`` is spoken as its value.
    """
    if markdown:
        text = strip_markdown(text)
    if directions:
        text = strip_directions(text)
    text = pronounce(text, pronunciations or {})
    text = _SILENT.sub(" ", text)
    return _by_language(text) if re.search(r"[^\W_]", text) else []


def strip_directions(text: str) -> str:
    """Without ``(…)`` and ``（…）``, the inner ones first (protocol.md §3)."""
    while (shorter := _DIRECTION.sub("", text)) != text:
        text = shorter
    return text


def strip_markdown(text: str) -> str:
    """The words of a Markdown text, a line for every block."""
    blocks = (token for token in MarkdownIt().parse(text) if token.type in _WORDED)
    return "\n".join(_words(block) for block in blocks)


_WORDED = {"inline", "fence", "code_block"}


def _words(token: Token) -> str:
    if token.type in ("softbreak", "hardbreak"):
        return " "
    if token.children is None:
        return token.content
    return "".join(map(_words, token.children))


def pronounce(text: str, pronunciations: Mapping[str, str]) -> str:
    """Every key replaced by its value, the longest first, none of them twice."""
    if not pronunciations:
        return text
    longest_first = sorted(pronunciations, key=len, reverse=True)
    anywhere = re.compile("|".join(map(re.escape, longest_first)))
    return anywhere.sub(lambda found: pronunciations[found.group()], text)


def _by_language(text: str) -> list[Passage]:
    languages = _languages(text)
    runs = groupby(zip(text, languages, strict=True), key=lambda each: each[1])
    return [Passage(language, "".join(c for c, _ in run)) for language, run in runs]


def _languages(text: str) -> list[str]:
    """The language of each character; digits and punctuation go with what stands before them."""
    han = "ja" if _KANA.search(text) else "cmn"
    own = [_language(character, han) for character in text]
    if _HAN.search(text):
        for syllables in _PINYIN.finditer(text):
            own[slice(*syllables.span())] = ["cmn"] * len(syllables.group())
    current = next((language for language in own if language), "en-us")
    return [current := language or current for language in own]


def _language(character: str, han: str) -> str | None:
    if _HAN.match(character):
        return han
    if _KANA.match(character):
        return "ja"
    if _HANGUL.match(character):
        return "ko"
    return "en-us" if character.isalpha() else None
