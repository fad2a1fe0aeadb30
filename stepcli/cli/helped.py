"""Commands whose ``--help`` is a page of ours. What draws it is imported when it is wanted."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from copy import copy
from typing import Any

from typer._click.core import Command, Context, Parameter, ParameterSource
from typer._click.exceptions import BadParameter
from typer.core import TyperCommand, TyperGroup, TyperOption

from stepcli.cli.defaults import as_written
from stepcli.cli.terminal import Terminal


class _Helped(Command):
    def get_help(self, ctx: Context) -> str:
        from stepcli.cli.pages.help import page
        from stepcli.cli.pages.tree import describe

        return page(describe(ctx))

    def get_help_option(self, ctx: Context) -> TyperOption | None:
        option = super().get_help_option(ctx)
        if option is not None:
            option.callback = _show
        return option


def _show(context: Context, _option: Parameter, wanted: bool) -> None:
    """Without typer's own way to print, whose failures are nobody's."""
    if wanted and not context.resilient_parsing:
        Terminal().page(context.get_help())
        context.exit()


class HelpedCommand(_Helped, TyperCommand):
    """One command, its defaults as the config file has them."""

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        for option in self.params:
            if isinstance(option, TyperOption) and option.multiple:
                option.type = copy(option.type)
                option.type.envvar_list_splitter = "\n"  # type: ignore[misc] # of this option alone
        if ctx.default_map:
            ctx.default_map = dict(self._defaults(ctx, ctx.default_map))
        rest = super().parse_args(ctx, args)
        for option in self.params:
            value = ctx.params.get(option.name or "")
            if isinstance(value, float) and not math.isfinite(value):
                raise BadParameter(f"{value} is no number to work with.", ctx, option)
        return rest

    def _defaults(self, ctx: Context, values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        for option in self.params:
            name = option.name or ""
            if name in values and isinstance(option, TyperOption):
                try:
                    yield name, as_written(option.multiple, values[name])
                except ValueError as exc:
                    ctx.set_parameter_source(name, ParameterSource.DEFAULT_MAP)
                    raise BadParameter(str(exc), ctx, option) from None


class HelpedGroup(_Helped, TyperGroup):
    """Commands under a name."""
