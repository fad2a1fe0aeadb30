"""The config file as defaults for options: top-level keys for all commands, a table for one."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from stepcli.errors import UsageError
from stepcli.settings import load_config

MENDER = "config"
"""The command that must run whatever is in the config file, since it is how that is mended."""
_HELP = {"--help", "-h"}
DIAGNOSER = "doctor"
"""The command that tells what is wrong with a file that cannot be read."""


def defaults_for(
    arguments: Sequence[str], groups: Sequence[str], flags: Sequence[str | None]
) -> dict[str, Any]:
    """The default map of the command that ``arguments`` name: {command: {parameter: value}}.

    ``voice = "…"`` at the top holds wherever there is a ``--voice``; under ``[speak]``, or
    ``[voices.preview]`` for a command of a group, it holds there alone and wins. What is called
    like one of the program's own ``flags`` is no command, though it stands in a command's place.
    ``config`` has no defaults from the file that it mends.
    """
    path = arguments[: 2 if arguments[:1] and arguments[0] in groups else 1]
    if set(path) & set(flags) or MENDER in path[:1]:
        return {}
    return _nested(path, _config(path, arguments), {})


def _config(path: Sequence[str], arguments: Sequence[str]) -> dict[str, Any]:
    try:
        return load_config(os.environ)
    except UsageError:
        if DIAGNOSER in path[:1] or not _HELP.isdisjoint(arguments):
            return {}
        raise


def as_written(repeatable: bool, value: Any) -> Any:
    """``value`` of the file as the command line would have it: words, for an option to read.

    Raises ValueError for what could not be written there.
    """
    if repeatable:
        return [_word(one) for one in (value if isinstance(value, list) else [value])]
    return _word(value)


def _word(value: Any) -> str:
    if isinstance(value, dict | list):
        raise ValueError("it takes one value, not a list or a table")
    if isinstance(value, bool):
        return str(value).lower()
    word = str(value)
    if "\0" in word:
        raise ValueError("it contains a NUL")
    return word


def _nested(
    path: Sequence[str], table: dict[str, Any], inherited: dict[str, Any]
) -> dict[str, Any]:
    """``table``'s own values over the ``inherited``, and those of the command at ``path`` in it."""
    values = inherited | _as_parameters(table)
    if not path:
        return values
    name, *rest = path
    below = table.get(name)
    return {name: _nested(rest, below if isinstance(below, dict) else {}, values)}


def _as_parameters(table: dict[str, Any]) -> dict[str, Any]:
    values = {key: value for key, value in table.items() if not isinstance(value, dict)}
    return {key.replace("-", "_"): value for key, value in values.items()}
