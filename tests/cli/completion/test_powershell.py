"""The PowerShell script, checked with a parser because Debian has no PowerShell."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import tree_sitter_powershell
from tree_sitter import Language, Node, Parser

from stepcli.cli.docs.model import Command

SCRIPT = Path(__file__).parents[3] / "completions" / "stepcli.ps1"


def test_script_parses() -> None:
    source = SCRIPT.read_bytes()
    tree = Parser(Language(tree_sitter_powershell.language())).parse(source)
    wrong = [(node.start_point.row + 1, node.type) for node in _all(tree.root_node) if _bad(node)]
    assert wrong == []


def test_script_is_ascii() -> None:
    """PowerShell 5.1 decodes other bytes with the system's code page."""
    assert SCRIPT.read_bytes().isascii()


def test_script_offers_every_option(command: Command) -> None:
    script = SCRIPT.read_text()
    block = script[script.index(f"        '{' '.join(command.path)}' = @{{\n") :]
    options = block[: block.index("Values")]
    names = {name for option in command.options for name in option.names}
    assert set(re.findall(r"Candidate '(-[^']*)'", options)) == names


def _all(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from _all(child)


def _bad(node: Node) -> bool:
    return node.is_error or node.is_missing
