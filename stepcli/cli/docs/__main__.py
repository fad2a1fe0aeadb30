"""Regenerate what is derived from the commands: ``python -m stepcli.cli.docs [DIRECTORY]``.

These are ``man/``, ``completions/``, the list of the keys of the config file and the tables of the
README.
"""

from __future__ import annotations

import sys
from pathlib import Path

import stepcli
from stepcli.cli.app import root_command
from stepcli.cli.completion.candidates import config_key_data
from stepcli.cli.completion.scripts import completion_scripts
from stepcli.cli.docs.introspect import program_model
from stepcli.cli.docs.man import man_pages
from stepcli.cli.docs.readme import with_tables
from stepcli.cli.params.known_keys import DATA

CONFIG_KEYS = DATA.relative_to(Path(stepcli.__file__).parents[1])
"""The path of the list of keys in the repository."""


def write(root: Path) -> None:
    """Write everything below ``root`` and delete files that are no longer generated."""
    program = program_model(root_command())
    _replace_files(root / "man", man_pages(program))
    _replace_files(root / "completions", completion_scripts(program))
    keys = root / CONFIG_KEYS
    keys.parent.mkdir(parents=True, exist_ok=True)
    lines = "".join(key.to_line() for key in config_key_data(program))
    keys.write_text(lines, encoding="utf-8", newline="\n")
    readme = root / "README.md"
    if readme.exists():
        text = with_tables(readme.read_text(encoding="utf-8"), program)
        readme.write_text(text, encoding="utf-8", newline="\n")


def _replace_files(directory: Path, files: dict[str, str]) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    for path in directory.iterdir():
        if path.name not in files:
            path.unlink()
    for name, text in files.items():
        (directory / name).write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    write(Path(*sys.argv[1:2]))
