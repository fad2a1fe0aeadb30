"""Everything that we use of Typer beyond its documented interface.

Typer carries its own copy of Click in ``typer._click``, which a minor version may move. If
``tests/cli/params/test__click.py`` fails after an update, this is the only file to adapt: find the
names in the new version, or keep the upper bound of ``typer`` in pyproject.toml.
"""

from __future__ import annotations

from typer._click.core import Command, Context, Parameter, ParameterSource
from typer._click.exceptions import BadOptionUsage, BadParameter, ClickException, NoSuchOption
from typer._click.exceptions import UsageError as ClickUsageError
from typer._click.globals import get_current_context
from typer._click.types import ParamType, StringParamType
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

__all__ = [
    "BadOptionUsage",
    "BadParameter",
    "ClickException",
    "ClickUsageError",
    "Command",
    "Context",
    "NoSuchOption",
    "ParamType",
    "Parameter",
    "ParameterSource",
    "StringParamType",
    "TyperArgument",
    "TyperCommand",
    "TyperGroup",
    "TyperOption",
    "current_root",
    "get_current_context",
]


def current_root() -> Command:
    """Return the command tree of the running command."""
    return get_current_context().find_root().command
