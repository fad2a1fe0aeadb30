"""The commands as JSON: what ``stepcli help --json`` prints."""

from __future__ import annotations

from typing import Any

from stepcli import __version__
from stepcli.cli.docs.model import (
    ENVIRONMENT,
    PROGRAM,
    Argument,
    Command,
    Option,
    error_types,
    exit_codes,
)
from stepcli.cli.docs.results import object_schema, other_result_schemas, result_schema

SCHEMA_VERSION = 1
"""Increased when a field is removed or changes its meaning; new fields do not increase it."""


def reference(command: Command) -> dict[str, Any]:
    """Return ``command`` and all its subcommands, and what applies to every command."""
    types = error_types()
    return {
        "schema_version": SCHEMA_VERSION,
        "program": PROGRAM,
        "version": __version__,
        "commands": [_command(one) for one in command.all()],
        "failure": object_schema("Failure"),
        "exit_codes": [
            {"code": int(code), "type": types.get(int(code)), "meaning": meaning}
            for code, meaning in exit_codes().items()
        ],
        "environment": [
            {"names": names.split(", "), "meaning": meaning}
            for names, meaning in ENVIRONMENT.items()
        ],
    }


def _command(command: Command) -> dict[str, Any]:
    return {
        "name": command.name,
        "summary": command.summary,
        "description": list(command.details),
        "usage": f"{command.name} {command.usage}",
        "is_group": bool(command.commands),
        "arguments": [_argument(one) for one in command.arguments],
        "options": [_option(one) for one in command.options],
        "result": result_schema(command.path),
        "other_results": other_result_schemas(command.path),
        "examples": [{"title": one.title, "command": one.line} for one in command.examples],
    }


def _argument(argument: Argument) -> dict[str, Any]:
    return {
        "name": argument.metavar,
        "help": argument.help,
        "required": not argument.usage.startswith("["),
        "repeatable": argument.repeatable,
    }


def _option(option: Option) -> dict[str, Any]:
    least, most = option.limits or (None, None)
    return {
        "names": list(option.names),
        "value": option.metavar,
        "type": option.type,
        "choices": list(option.choices),
        "minimum": least,
        "maximum": most,
        "default": option.default,
        "default_text": option.default_text or None,
        "repeatable": option.repeatable,
        "environment": option.variable,
        "config_key": option.config_key or None,
        "group": option.heading,
        "advanced": option.advanced,
        "help": option.help,
    }
