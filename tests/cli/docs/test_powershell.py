"""The PowerShell script, judged by its grammar: Debian has no PowerShell to run it in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import tree_sitter_powershell
from tree_sitter import Language, Node, Parser

SCRIPT = Path(__file__).parents[3] / "completions" / "stepcli.ps1"


def test_syntax() -> None:
    source = SCRIPT.read_bytes()
    tree = Parser(Language(tree_sitter_powershell.language())).parse(source)
    wrong = [(node.start_point.row + 1, node.type) for node in _all(tree.root_node) if _bad(node)]
    assert wrong == []


def test_ascii() -> None:
    """PowerShell 5.1 takes other bytes for another alphabet's."""
    assert SCRIPT.read_bytes().isascii()


def _all(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from _all(child)


def _bad(node: Node) -> bool:
    return node.is_error or node.is_missing
