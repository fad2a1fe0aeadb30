"""The config file as defaults of options: top-level keys for all commands, tables for one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from keyword import iskeyword
from typing import Any

from stepcli.cli.params.known_keys import unknown_keys
from stepcli.errors import UsageError
from stepcli.settings import config_path, load_config

MENDER = "config"
"""The command that repairs the config file, and therefore runs without it."""
_HELP = {"--help", "-h"}
DIAGNOSER = "doctor"
"""The command that reports what is wrong with a file that cannot be read."""


def defaults_for(
    arguments: Sequence[str],
    groups: Sequence[str],
    flags: Sequence[str | None],
    environ: Mapping[str, str],
    warn: Callable[[str], None],
) -> dict[str, Any]:
    """Return the default map of the command in ``arguments``: {command: {parameter: value}}.

    A top-level ``voice = "…"`` applies to every command with ``--voice``; in ``[speak]``, or in
    ``[voices.preview]`` for a command of a group, it applies to that command only and takes
    precedence. A setting named like one of the program's own ``flags`` is not a command. ``config``
    ignores the file, so that it can repair it. ``warn`` gets a sentence for each key that no
    command reads; ``doctor`` reports them itself.
    """
    path = arguments[: 2 if arguments[:1] and arguments[0] in groups else 1]
    if set(path) & set(flags) or MENDER in path[:1]:
        return {}
    config = _config(path, arguments, environ)
    if DIAGNOSER not in path[:1]:
        for sentence in unknown_keys(config):
            warn(f"{sentence} (in {config_path(environ)})")
    return _nested(path, config, {})


def _config(
    path: Sequence[str], arguments: Sequence[str], environ: Mapping[str, str]
) -> dict[str, Any]:
    try:
        return load_config(environ)
    except UsageError:
        if DIAGNOSER in path[:1] or not _HELP.isdisjoint(arguments):
            return {}
        raise


def as_written(repeatable: bool, value: Any) -> Any:
    """Return ``value`` of the file in the form of command-line words.

    Raise ValueError if it has no such form.
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
    """Return ``inherited`` updated with the values of ``table`` and of the command at ``path``."""
    values = inherited | _as_parameters(table)
    if not path:
        return values
    name, *rest = path
    below = table.get(name)
    return {name: _nested(rest, below if isinstance(below, dict) else {}, values)}


def _as_parameters(table: dict[str, Any]) -> dict[str, Any]:
    values = {key: value for key, value in table.items() if not isinstance(value, dict)}
    return {_parameter_name(key): value for key, value in values.items()}


def _parameter_name(key: str) -> str:
    name = key.replace("-", "_")
    return f"{name}_" if iskeyword(name) else name  # --from is the parameter from_
