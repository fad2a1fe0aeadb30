"""``python -m stepcli.cli.docs [DIRECTORY]``: writes ``man/`` and ``completions/`` anew."""

from __future__ import annotations

import sys
from pathlib import Path

from stepcli.cli.completion.scripts import completion_scripts
from stepcli.cli.docs.introspect import describe_program
from stepcli.cli.docs.man import man_pages


def write(root: Path) -> None:
    """Both directories below ``root``, holding what the tree says and nothing else."""
    program = describe_program()
    _fill(root / "man", man_pages(program))
    _fill(root / "completions", completion_scripts(program))


def _fill(directory: Path, files: dict[str, str]) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    for path in directory.iterdir():
        if path.name not in files:
            path.unlink()
    for name, text in files.items():
        (directory / name).write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    write(Path(*sys.argv[1:2]))
