"""Editing of ``config.toml`` that keeps comments and formatting."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import Item

from stepcli.cli.io.output import check_file, open_file
from stepcli.errors import OutputError, UsageError
from stepcli.settings import OWN_NAMES, config_path, read_config
from stepcli.storage.atomic_file import completed
from stepcli.storage.directories import exclusive_lock, make_private
from stepcli.storage.os_errors import os_errors_as


class ConfigFile:
    """The config file; keys are sequences of names, such as ``("speak", "voice")``."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        """Raise UsageError if the file cannot be read or is not TOML."""
        self.path = config_path(environ)
        text = read_config(self.path, trusted=True)
        try:
            self._document = tomlkit.parse((text or b"").decode())
        except (TOMLKitError, UnicodeDecodeError) as exc:
            raise UsageError(f"{self.path} is not valid TOML: {exc}") from None
        except RecursionError:
            raise UsageError(f"{self.path} is nested too deeply") from None

    def values(self) -> Iterator[tuple[str, Any]]:
        """Yield every dotted key and its plain value."""
        return _flat(self._document.unwrap(), ())

    def get(self, key: Sequence[str]) -> Any:
        """Return the plain value of ``key``; None if it is not set."""
        table = self._table(key)
        value = None if table is None else table.get(_spelt(table, key))
        return value.unwrap() if isinstance(value, Item) else value

    def set(self, key: Sequence[str], value: Any) -> None:
        """Set ``key``. Raise UsageError where the file has a value for a table, or the reverse."""
        table: MutableMapping[str, Any] = self._document
        for name in key[:-1]:
            table = table.setdefault(name, tomlkit.table())
            if not isinstance(table, MutableMapping):
                raise UsageError(f"{name!r} in {self.path} is a value, not a table")
        name = _spelt(table, key)
        if isinstance(table.get(name), MutableMapping):
            raise UsageError(f"{name!r} in {self.path} is a table, not a value")
        table[name] = value

    def unset(self, key: Sequence[str]) -> bool:
        """Remove ``key`` and return whether it was set."""
        table = self._table(key)
        if table is None or _spelt(table, key) not in table:
            return False
        del table[_spelt(table, key)]
        return True

    def check(self) -> None:
        """Raise the errors of ``save`` that can be detected in advance."""
        _make_directory(self.path.parent)
        check_file(str(self.path))

    @classmethod
    @contextmanager
    def changing(cls, environ: Mapping[str, str]) -> Iterator[ConfigFile]:
        """Yield the file while other runs are kept from changing it."""
        path = config_path(environ)
        _make_directory(path.parent)
        with exclusive_lock(path.with_name(f".{path.name}.lock")):
            yield cls(environ)

    def save(self) -> None:
        """Replace the file atomically; its mode and a symbolic link to it are preserved."""
        _make_directory(self.path.parent)
        with completed(open_file(str(self.path))) as file:
            file.write(tomlkit.dumps(self._document).encode())

    def _table(self, key: Sequence[str]) -> MutableMapping[str, Any] | None:
        """Return the table that contains ``key``; None if there is none."""
        table: Any = self._document
        for name in key[:-1]:
            table = table.get(name) if isinstance(table, Mapping) else None
        return table if isinstance(table, MutableMapping) else None


def _make_directory(directory: Path) -> None:
    with os_errors_as(OutputError, f"cannot create {directory}"):
        make_private(directory)


def _spelt(table: Mapping[str, Any], key: Sequence[str]) -> str:
    """Return the name in the file's spelling: ``sample-rate`` and ``sample_rate`` are equal."""
    name = key[-1]
    if key[0] in OWN_NAMES:
        return name
    others = (name, name.replace("-", "_"), name.replace("_", "-"))
    return next((one for one in others if one in table), name)


def _flat(table: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    for name, value in table.items():
        if isinstance(value, Mapping):
            yield from _flat(value, (*path, name))
        else:
            yield ".".join((*path, name)), value
