"""The config file as defaults for options: top-level keys for all commands, a table for one."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from stepcli.settings import load_config


def defaults_for(arguments: Sequence[str]) -> dict[str, Any]:
    """The default map of the command that ``arguments`` name: {command: {parameter: value}}.

    ``voice = "…"`` at the top holds wherever there is a ``--voice``; under ``[speak]`` it holds
    there alone and wins.
    """
    config = load_config(os.environ)
    general = {name: value for name, value in config.items() if not isinstance(value, dict)}
    return {name: _command(name, config, general) for name in arguments[:1]}


def _command(name: str, config: dict[str, Any], general: dict[str, Any]) -> dict[str, Any]:
    table = config.get(name)
    own = table if isinstance(table, dict) else {}
    return _as_parameters(general) | {
        key: _command(key, own, general) if isinstance(value, dict) else value
        for key, value in _as_parameters(own).items()
    }


def _as_parameters(values: dict[str, Any]) -> dict[str, Any]:
    return {key.replace("-", "_"): value for key, value in values.items()}
