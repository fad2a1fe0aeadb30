"""Text without Markdown, as the service speaks it with `markdown_filter`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it.token import Token

_BREAKS = {"softbreak", "hardbreak"}
_MARK = r"(?:\*{1,3}|_{1,3}|`+)"
_LEFT_OVER = re.compile(rf"(?<![\w*_`]){_MARK}(?=\S)|(?<=\S){_MARK}(?![\w*_`])")


def without_markdown(text: str) -> str:
    """Return `text`, Markdown or a part of it, without its formatting.

    A sentence may contain one end of an emphasis whose other end is in another sentence.
    """
    from markdown_it import MarkdownIt

    tokens = MarkdownIt().enable("table").enable("strikethrough").parse(text.strip())
    plain = " ".join(filter(None, (_contents(token).strip() for token in tokens)))
    return _LEFT_OVER.sub("", plain)


def _contents(token: Token) -> str:
    if token.type in ("fence", "code_block"):
        return token.content
    return "".join(_inline(token.children or ()))


def _inline(tokens: Iterable[Token]) -> Iterator[str]:
    for token in tokens:
        if token.type in _BREAKS:
            yield " "
        elif token.children:
            yield from _inline(token.children)
        else:
            yield token.content
