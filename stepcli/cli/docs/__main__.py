"""Regenerate ``man/`` and ``completions/``: ``python -m stepcli.cli.docs [DIRECTORY]``."""

from __future__ import annotations

import sys
from pathlib import Path

from stepcli.cli.app import root_command
from stepcli.cli.completion.scripts import completion_scripts
from stepcli.cli.docs.introspect import program_model
from stepcli.cli.docs.man import man_pages


def write(root: Path) -> None:
    """Write both directories below ``root`` and delete files that are no longer generated."""
    program = program_model(root_command())
    _replace_files(root / "man", man_pages(program))
    _replace_files(root / "completions", completion_scripts(program))


def _replace_files(directory: Path, files: dict[str, str]) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    for path in directory.iterdir():
        if path.name not in files:
            path.unlink()
    for name, text in files.items():
        (directory / name).write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    write(Path(*sys.argv[1:2]))
