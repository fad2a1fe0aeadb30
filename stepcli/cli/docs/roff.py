"""The language of manual pages, man(7): text made safe, and the few shapes that pages have."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from stepcli.cli.docs.help import wrap

_CODE = re.compile(r"`([^`]+)`")
_REFERENCE = re.compile(r"\b(stepcli[\w\\-]*)(\([15]\))")
_SENTENCE_END = re.compile(r"(?<=[.!?]) +(?=[A-Z\\])")
_LONGEST = 80
"""Bytes that a line of text has at most, as ``mandoc -T lint`` would have it."""

_SPECIAL = str.maketrans(
    {"\\": r"\e", "-": r"\-", "'": r"\(aq", "`": r"\(ga", "^": r"\(ha", "~": r"\(ti"}
)


def escaped(text: str) -> str:
    """``text`` as it is: nothing in it is a request, an escape or a typographer's choice."""
    safe = text.translate(_SPECIAL)
    return rf"\&{safe}" if safe.startswith(".") else safe


def bold(text: str) -> str:
    return rf"\fB{escaped(text)}\fR"


def italic(text: str) -> str:
    return rf"\fI{escaped(text)}\fR"


def prose(text: str) -> str:
    """A paragraph: ``code`` and references to other pages stand out. A sentence begins a line."""
    pieces = _CODE.split(text)
    marked = [bold(one) if index % 2 else escaped(one) for index, one in enumerate(pieces)]
    linked = _REFERENCE.sub(r"\\fB\1\\fR\2", "".join(marked))
    return "\n".join(map(filled, _SENTENCE_END.split(linked)))


def filled(text: str) -> str:
    """``text`` in lines as short as man(7) likes them; none of them is a request."""
    lines = wrap(text, _LONGEST, _measure)
    return "\n".join(rf"\&{line}" if line.startswith(".") else line for line in lines)


def _measure(line: str) -> int:
    """As mandoc counts, which spells out what is not ASCII: ``\\[u3002]``."""
    return len(line.encode("ascii", "xmlcharrefreplace"))


def header(title: str, section: int, date: str, source: str) -> Iterator[str]:
    """No word is broken, and no line stretched: what one copies from a manual must be whole."""
    yield ".nr HY 0"
    yield f'.TH {escaped(title.upper())} {section} {date} "{source}" "stepcli manual"'
    yield ".ad l"


def section(title: str, body: Iterable[str]) -> Iterator[str]:
    """A section, unless there is nothing in it."""
    lines = list(body)
    if lines:
        yield f".SH {title.upper()}"
        yield from lines


def definitions(terms: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Terms that are already marked up, each with its explanation as plain text."""
    for term, text in terms:
        yield from (".TP", term, prose(text))


def named(terms: Mapping[str, str]) -> Iterator[str]:
    return definitions((bold(term), text) for term, text in terms.items())


def paragraphs(texts: Iterable[str]) -> Iterator[str]:
    for number, text in enumerate(texts):
        if number:
            yield ".PP"
        yield prose(text)


def verbatim(text: str) -> Iterator[str]:
    """Lines as they stand."""
    yield from (".nf", *(rf"\&{escaped(line)}" for line in text.splitlines()), ".fi")


def examples(texts: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Each with what it is for above it, kept as it is."""
    for number, (about, text) in enumerate(texts):
        if number:
            yield ".PP"
        lines = map(escaped, text.splitlines())
        yield from (f"{prose(about)}:", ".PP", ".RS 4", ".EX", *lines, ".EE", ".RE")
