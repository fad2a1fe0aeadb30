"""Prose in the source and in the documents stays plain technical English.

The patterns are constructions that the project avoids; CONTRIBUTING.md describes the style.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

BANNED = re.compile(
    r"\b("
    r"nobody|somebody|whoever|whose own|of its own accord|all the same|in vain|lest|surely|told"
    r"|(?<!be )heard|what is no|a word about|nothing to say|(given|gave) up|says no\b|that which"
    r"|(?<!there )(is|are) no (?!longer|more\b)|who (asks|reads|wants)|a thing of|be had\b"
    r"|not to be (had|trusted)|as (it stands|they stand)|tells? of"
    r")",
    re.IGNORECASE,
)

NOT_IMPERATIVE = re.compile(
    r"(A|An|All|As|At|By|Each|Every|For|How|If|In|It|Its|No|None|Nothing|Of|On|One|Only|Some"
    r"|That|The|Their|Those|To|What|When|Where|Whether|Which|Who|Whoever|With|Without"
    r"|Returns|Raises|Yields|Closes|Makes|Gives|Reads|Writes|Turns|Sends|Takes|Holds|Runs|``\w+``)\b"
)
"""First words of a summary that does not say what the function does."""

DOCUMENTS = ("README.md", "CHANGELOG.md", ".github/*.md", "stepcli/**/*.md")

SOURCES = sorted(
    path
    for pattern in ("stepcli/**/*.py", "tests/**/*.py", *DOCUMENTS)
    for path in ROOT.glob(pattern)
    if path.name != "test_prose.py"
)


def _prose(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the numbers and texts of the lines that people read.

    These are the lines of documents, comments, docstrings, and in the package all other strings,
    which are messages and help.
    """
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        yield from enumerate(text.splitlines(), 1)
        return
    strings = ('"""', 'r"""') if "tests" in path.relative_to(ROOT).parts else ("",)
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        is_string = token.type == tokenize.STRING and token.string.startswith(strings)
        if is_string or token.type == tokenize.COMMENT:
            yield from enumerate(token.string.splitlines(), token.start[0])


def _summaries(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the line number and the docstring of every function but properties."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            decorators = {ast.unparse(one) for one in node.decorator_list}
            summary = ast.get_docstring(node)
            if summary and not decorators & {"property", "cached_property"}:
                yield node.lineno, summary


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


MODULES = [path for path in SOURCES if path.suffix == ".py" and _name(path).startswith("stepcli/")]


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_prose_has_no_banned_construction(path: Path) -> None:
    found = [f"{number}: {line.strip()}" for number, line in _prose(path) if BANNED.search(line)]
    assert found == []


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_summaries_are_imperative(path: Path) -> None:
    found = [f"{n}: {text}" for n, text in _summaries(path) if NOT_IMPERATIVE.match(text)]
    assert found == []


def test_references_are_to_files_in_the_repository() -> None:
    """Code mentions no Markdown file that does not exist."""
    names = {path.name for path in ROOT.rglob("*.md") if ".venv" not in path.parts}
    names.add("SKILL.md")  # what coding agents call a skill file
    found = {
        f"{_name(path)}:{number}"
        for path in SOURCES
        if path.suffix == ".py"
        for number, line in _prose(path)
        for name in re.findall(r"\b([\w-]+\.md)\b", line)
        if name not in names
    }
    assert found == set()
