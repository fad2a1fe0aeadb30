"""The keys of the config file as generated data, for completion and for unknown keys.

Knowing them from the options takes as long as importing every command. ``known_keys.tsv`` has a
line for each key, in the order in which completion offers them: the key, its values and a summary.
``python -m stepcli.cli.docs`` writes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from stepcli.settings import OWN_NAMES

DATA = Path(__file__).with_name("known_keys.tsv")
DYNAMIC = "@"
"""Marks the name of a source of values, see ``stepcli/cli/completion/dynamic.py``."""

_SIMILAR = 0.75


@dataclass(frozen=True, slots=True)
class KnownKey:
    """A key, such as ``voice`` or ``speak.voice``, and the words that can be its value."""

    name: str
    values: tuple[str, ...]
    summary: str

    def to_line(self) -> str:
        return f"{self.name}\t{' '.join(self.values)}\t{self.summary}\n"


def known_keys() -> list[KnownKey]:
    """Return all keys of the config file, those that people set first at the beginning."""
    lines = DATA.read_text(encoding="utf-8").splitlines()
    fields = (line.split("\t") for line in lines)
    return [KnownKey(name, tuple(values.split()), summary) for name, values, summary in fields]


def unknown_keys(config: Mapping[str, Any]) -> Iterator[str]:
    """Yield a sentence about each key of ``config`` that no command reads."""
    keys = [key for key in _dotted(config) if key.partition(".")[0] not in OWN_NAMES]
    if not keys:
        return
    known = {one.name for one in known_keys()}
    everywhere = {name.rpartition(".")[2] for name in known}
    for key in keys:
        if key.replace("_", "-") not in known | everywhere:
            yield f"unknown setting {key!r}; {nearest_key(key, known)}"


def nearest_key(key: str, known: Iterable[str]) -> str:
    """Return a hint that names one of the ``known`` keys that is similar to ``key``."""
    known = set(known)
    name = key.replace("_", "-").rpartition(".")[2]
    names = {one.rpartition(".")[2] for one in known}
    close = get_close_matches(key, sorted(known | names), n=1, cutoff=_SIMILAR)
    if name in names and not (close and close[0].endswith(f".{name}")):
        close = [name]
    return f"did you mean {close[0]}?" if close else "the --help of a command lists its options"


def _dotted(table: Mapping[str, Any], *path: str) -> Iterator[str]:
    for name, value in table.items():
        if isinstance(value, Mapping):
            yield from _dotted(value, *path, name)
        else:
            yield ".".join((*path, name))
