"""Commands whose ``--help`` is a page of ours. What draws it is imported when it is wanted."""

from __future__ import annotations

from typer._click.core import Context
from typer.core import TyperCommand, TyperGroup


def _page(context: Context) -> str:
    from stepcli.cli.pages.help import page
    from stepcli.cli.pages.tree import describe

    return page(describe(context))


class HelpedCommand(TyperCommand):
    def get_help(self, ctx: Context) -> str:
        return _page(ctx)


class HelpedGroup(TyperGroup):
    def get_help(self, ctx: Context) -> str:
        return _page(ctx)
