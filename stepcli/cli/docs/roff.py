"""Helpers for man(7) markup: escaping, and the macros that the manual pages use."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from stepcli.cli.docs.help import wrap

_CODE = re.compile(r"`([^`]+)`")
_REFERENCE = re.compile(r"\b(stepcli[\w\\-]*)(\([157]\))")
_SENTENCE_END = re.compile(r"(?<=[.!?]) +(?=[A-Z\\])")
_MAX_LINE = 80
"""The longest line of text that ``mandoc -T lint`` accepts, in bytes."""

_SPECIAL = str.maketrans(
    {"\\": r"\e", "-": r"\-", "'": r"\(aq", "`": r"\(ga", "^": r"\(ha", "~": r"\(ti"}
)


def escaped(text: str) -> str:
    """Return ``text`` with all characters escaped that roff would interpret."""
    safe = text.translate(_SPECIAL)
    return rf"\&{safe}" if safe.startswith(".") else safe


def bold(text: str) -> str:
    return rf"\fB{escaped(text)}\fR"


def italic(text: str) -> str:
    return rf"\fI{escaped(text)}\fR"


def prose(text: str) -> str:
    """Return a paragraph with bold code and page references, and each sentence on a new line."""
    pieces = _CODE.split(text)
    marked = [bold(one) if index % 2 else escaped(one) for index, one in enumerate(pieces)]
    linked = _REFERENCE.sub(r"\\fB\1\\fR\2", "".join(marked))
    return "\n".join(map(filled, _SENTENCE_END.split(linked)))


def filled(text: str) -> str:
    """Return ``text`` in short lines, none of which roff reads as a request."""
    lines = wrap(text, _MAX_LINE, _measure)
    return "\n".join(rf"\&{line}" if line.startswith(".") else line for line in lines)


def _measure(line: str) -> int:
    """Return the length as mandoc counts it: non-ASCII characters are spelled ``\\[u3002]``."""
    return len(line.encode("ascii", "xmlcharrefreplace"))


def header(title: str, section: int, date: str, source: str) -> Iterator[str]:
    """Yield the page header; hyphenation and justification are off so that text can be copied."""
    yield ".nr HY 0"
    yield f'.TH {escaped(title.upper())} {section} {date} "{source}" "stepcli manual"'
    yield ".ad l"


def section(title: str, body: Iterable[str]) -> Iterator[str]:
    """Yield a section; nothing if ``body`` is empty."""
    lines = list(body)
    if lines:
        yield f".SH {title.upper()}"
        yield from lines


def definitions(terms: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Yield tagged paragraphs; the terms are markup, the texts are plain."""
    for term, text in terms:
        yield from (".TP", term, prose(text))


def bold_definitions(terms: Mapping[str, str]) -> Iterator[str]:
    return definitions((bold(term), text) for term, text in terms.items())


def paragraphs(texts: Iterable[str]) -> Iterator[str]:
    for number, text in enumerate(texts):
        if number:
            yield ".PP"
        yield prose(text)


def verbatim(text: str) -> Iterator[str]:
    """Yield ``text`` as preformatted lines."""
    yield from (".nf", *(rf"\&{escaped(line)}" for line in text.splitlines()), ".fi")


def block(text: str) -> Iterator[str]:
    """Yield ``text`` as indented code."""
    lines = (rf"\&{escaped(line)}" for line in text.splitlines())
    yield from (".PP", ".RS 4", ".EX", *lines, ".EE", ".RE")


def examples(texts: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Yield titled code blocks."""
    for number, (title, text) in enumerate(texts):
        if number:
            yield ".PP"
        yield f"{prose(title)}:"
        yield from block(text)
