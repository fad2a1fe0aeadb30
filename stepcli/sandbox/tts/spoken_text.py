"""Select the words of a text that are spoken, and the language of each passage."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import groupby

from markdown_it import MarkdownIt
from markdown_it.token import Token

HAN = r"\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af"
"""Chinese characters, for use in a regular expression's character class."""

_DIRECTION = re.compile(r"\([^()（）]*\)|（[^()（）]*）")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_KANA = re.compile(r"[\u3041-\u30ff]")
_HAN = re.compile(f"[{HAN}]")
_HANGUL = re.compile(r"[\uac00-\ud7a3]")
_PINYIN = re.compile(r"(?<![a-zA-Z])(?:[a-zü]{1,6}[1-5])+(?![a-zA-Z0-9])")

_SPELLED_OUT = {
    "%": " percent",
    "&": " and ",
    "°C": " degrees Celsius",
    "°F": " degrees Fahrenheit",
    "km/h": " kilometers per hour",
    "km": " kilometers",
    "kg": " kilograms",
    "cm": " centimeters",
    "mm": " millimeters",
    "GB": " gigabytes",
    "MB": " megabytes",
}
_UNIT = re.compile(r"(?<=\d) ?(°C|°F|km/h|km|kg|cm|mm|GB|MB)\b|(?<=\d) ?(%)|(?<= )(&)(?= )")


@dataclass(frozen=True)
class Passage:
    """A run of text in one language, by espeak-ng's name of the language."""

    language: str
    text: str
    positions: tuple[int, ...] = field(default=(), compare=False)
    """The index in ``SpokenText.shown`` of every character."""


@dataclass(frozen=True)
class SpokenText:
    """A text without markup and stage directions, and the passages to speak for it.

    There are no passages if the text contains no word.
    """

    shown: str
    passages: list[Passage]


def select_spoken_text(
    text: str,
    *,
    directions: bool = True,
    markdown: bool = False,
    pronunciations: Mapping[str, str] | None = None,
    spell_out: bool = False,
) -> SpokenText:
    """Return what is spoken of ``text``.

    ``directions`` removes text in parentheses, ``markdown`` strips Markdown, each key of
    ``pronunciations`` is spoken as its value, and ``spell_out`` reads units and symbols in full.
    """
    if markdown:
        text = strip_markdown(text)
    if directions:
        text = strip_directions(text)
    spoken = _TracedText.of(text)
    if pronunciations:
        spoken = spoken.replace(_any_of(pronunciations), pronunciations.__getitem__)
    if spell_out:
        spoken = spoken.replace(_UNIT, lambda match: _SPELLED_OUT[match.strip()])
    spoken = spoken.replace(_CONTROL, lambda _: " ")
    has_word = re.search(r"[^\W_]", spoken.text)
    return SpokenText(text, _by_language(spoken) if has_word else [])


def strip_directions(text: str) -> str:
    """Remove ``(…)`` and ``（…）``, including nested ones (PROTOCOL.md §3)."""
    while (shorter := _DIRECTION.sub("", text)) != text:
        text = shorter
    return text


def strip_markdown(text: str) -> str:
    """Return the words of a Markdown text, one line for each block."""
    blocks = (token for token in MarkdownIt().parse(text) if token.type in _TEXT_BLOCKS)
    return "\n".join(_block_text(block) for block in blocks)


_TEXT_BLOCKS = {"inline", "fence", "code_block"}


def _block_text(token: Token) -> str:
    if token.type in ("softbreak", "hardbreak"):
        return " "
    if token.children is None:
        return token.content
    return "".join(map(_block_text, token.children))


def _any_of(pronunciations: Mapping[str, str]) -> re.Pattern[str]:
    """Match any key, the longest first."""
    return re.compile("|".join(map(re.escape, sorted(pronunciations, key=len, reverse=True))))


@dataclass(frozen=True)
class _TracedText:
    """A text that keeps the original position of each character through replacements."""

    text: str
    positions: tuple[int, ...]

    @classmethod
    def of(cls, text: str) -> _TracedText:
        return cls(text, tuple(range(len(text))))

    def replace(self, pattern: re.Pattern[str], replacement: Callable[[str], str]) -> _TracedText:
        """Replace every match; all its characters get the position of the match."""
        text, at = "", 0
        positions: list[int] = []
        for match in pattern.finditer(self.text):
            new = replacement(match.group())
            text += self.text[at : match.start()] + new
            positions += self.positions[at : match.start()]
            positions += [self.positions[match.start()]] * len(new)
            at = match.end()
        return _TracedText(text + self.text[at:], (*positions, *self.positions[at:]))


def _by_language(spoken: _TracedText) -> list[Passage]:
    characters = zip(spoken.text, spoken.positions, _languages(spoken.text), strict=True)
    passages = []
    for language, run in groupby(characters, key=lambda each: each[2]):
        text, positions, _ = zip(*run, strict=True)
        passages.append(Passage(language, "".join(text), positions))
    return passages


def _languages(text: str) -> list[str]:
    """Return the language of each character; digits and punctuation follow what precedes them."""
    han = "ja" if _KANA.search(text) else "cmn"
    languages = [_language(character, han) for character in text]
    if _HAN.search(text):
        for syllables in _PINYIN.finditer(text):
            languages[slice(*syllables.span())] = ["cmn"] * len(syllables.group())
    current = next((language for language in languages if language), "en-us")
    return [current := language or current for language in languages]


def _language(character: str, han: str) -> str | None:
    if _HAN.match(character):
        return han
    if _KANA.match(character):
        return "ja"
    if _HANGUL.match(character):
        return "ko"
    return "en-us" if character.isalpha() else None
