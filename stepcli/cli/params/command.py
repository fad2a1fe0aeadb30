"""Registration of commands: their own options first, then the common ones."""

from __future__ import annotations

import functools
import gc
import inspect
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, Concatenate

import typer

from stepcli.cli.context import Run, traffic_totals, wire_log
from stepcli.cli.invocation import Invocation
from stepcli.cli.io.terminal import is_colored
from stepcli.cli.params._click import (
    BadOptionUsage,
    BadParameter,
    ClickUsageError,
    Command,
    Context,
    Parameter,
    ParameterSource,
    TyperCommand,
    TyperGroup,
    TyperOption,
    get_current_context,
)
from stepcli.cli.params.common_options import ConnectionFlags, TerminalFlags
from stepcli.cli.params.config_defaults import as_written
from stepcli.cli.params.options import options_of
from stepcli.cli.params.values import spec_of


class _Helped(Command):
    def get_help(self, ctx: Context) -> str:
        from stepcli.cli.docs.help import help_page
        from stepcli.cli.docs.introspect import command_model

        invocation = ctx.find_root().obj
        return help_page(
            command_model(ctx), colored=is_colored(invocation.terminal.stdout, invocation.environ)
        )

    def get_help_option(self, ctx: Context) -> TyperOption | None:
        option = super().get_help_option(ctx)
        if option is not None:
            option.callback = _show
        return option


def _show(context: Context, _option: Parameter | None, wanted: bool) -> None:
    """Print the help page without Typer's function, whose write errors would not be reported."""
    if wanted and not context.resilient_parsing:
        context.find_root().obj.terminal.page(context.get_help())
        context.exit()


def _decoded(value: Any, ctx: Context, option: Parameter) -> Any:
    """Return the text of `value`, which Python leaves undecoded in a locale such as C.

    Raises BadParameter for bytes that are not UTF-8.
    """
    if isinstance(value, list | tuple):
        return type(value)(_decoded(item, ctx, option) for item in value)
    if not isinstance(value, str) or isinstance(value, Enum):
        return value
    try:
        return value.encode(errors="surrogateescape").decode()
    except UnicodeError:
        raise BadParameter("the value is not UTF-8", ctx, option) from None


class HelpedCommand(_Helped, TyperCommand):
    """One command, its defaults as the config file has them."""

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        if ctx.default_map:
            ctx.default_map = dict(self._defaults(ctx, ctx.default_map))
        args = self._with_optional_values(args)
        if not ctx.resilient_parsing:
            self._check_words(ctx, args)
        rest = super().parse_args(ctx, args)
        for option in self.params:
            name = option.name or ""
            value = ctx.params.get(name)
            if not spec_of(self, option).takes_any_bytes:
                ctx.params[name] = value = _decoded(value, ctx, option)
            if isinstance(value, float) and not math.isfinite(value):
                raise BadParameter(f"{value} is not a finite number.", ctx, option)
        return rest

    def _with_optional_values(self, args: list[str]) -> list[str]:
        """Return ``args`` with each option whose value is optional as one word, OPTION=VALUE."""
        optional = {
            name: takes
            for option in self.params
            if (takes := spec_of(self, option).optional_value)
            for name in option.opts
        }
        joined: list[str] = []
        for index, word in enumerate(args):
            if word == "--":
                return [*joined, *args[index:]]
            if joined and args[index - 1] in optional and optional[args[index - 1]](word):
                joined[-1] += word
            else:
                joined.append(f"{word}=" if word in optional else word)
        return joined

    def _check_words(self, ctx: Context, args: list[str]) -> None:
        """Raise a usage error for words that the parser accepts although they are a mistake.

        An option whose value is missing would take the next option as its value, and an input file
        given twice would replace the first one.
        """
        try:
            values, _, given = self.make_parser(ctx).parse_args(list(args))
        except BadOptionUsage as exc:
            exc.ctx = ctx
            raise
        names = {name for option in self.params for name in option.opts} & set(args)
        for option in self.params:
            found = values.get(option.name or "")
            if isinstance(found, str) and found in names:
                raise BadOptionUsage(option.opts[0], f"{found} is an option, not a value", ctx)
            if given.count(option) > 1 and spec_of(self, option).once:
                raise ClickUsageError(f"{option.opts[0]} can be given only once", ctx)

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
    """Commands under a name, which lists them if no command follows."""

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        if not args and not ctx.resilient_parsing:
            _show(ctx, None, True)
        return super().parse_args(ctx, args)


def command_app(about: str | None = None) -> typer.Typer:
    """Return an app for one command, or for a group whose help is ``about``."""
    return typer.Typer(
        help=about,
        add_completion=False,
        rich_markup_mode="markdown",
        context_settings={"help_option_names": ["-h", "--help"]},
        cls=HelpedGroup,
    )


Body = Callable[Concatenate[Run, ...], int | None]


def command(app: typer.Typer, name: str | None = None) -> Callable[[Body], Body]:
    """Register a function whose first parameter is the Run and the rest its options.

    What it returns is the exit code, None for 0.
    """

    def register(body: Body) -> Body:
        app.command(name, cls=HelpedCommand)(_with_flags(body))
        return body

    return register


def _with_flags(body: Body) -> Callable[..., int | None]:
    """Return ``body`` as Typer takes it: with every option as a parameter of its own.

    The Run is built here. A parameter whose type is an ``option_group`` stands for its options.
    """
    own = [_BodyParameter.of(parameter) for parameter in _parameters(body)[1:]]
    terminal = _BodyParameter.of_group("terminal", TerminalFlags)
    connection = _BodyParameter.of_group("connection", ConnectionFlags)
    parameters = [option for one in (*own, terminal, connection) for option in one.options]

    @functools.wraps(body)
    def call(**values: Any) -> int | None:
        flags: TerminalFlags = terminal.value(values)
        run = _begin(flags, connection.value(values), _given(values))
        with (
            wire_log(run.terminal) if flags.debug else nullcontext(),
            traffic_totals(run.terminal),
        ):
            return body(run, **{one.name: one.value(values) for one in own})

    call.specs = {one.name: one.default.spec for one in parameters}  # type: ignore[attr-defined] # see spec_of
    call.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined] # for Typer
    call.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return call


@dataclass(frozen=True, slots=True)
class _BodyParameter:
    """A parameter of a body: the value of its only option, or a ``group`` of values."""

    name: str
    options: Sequence[inspect.Parameter]
    group: type[Any] | None = None

    @classmethod
    def of(cls, parameter: inspect.Parameter) -> _BodyParameter:
        if options_of(parameter.annotation):
            return cls.of_group(parameter.name, parameter.annotation)
        return cls(parameter.name, [parameter])

    @classmethod
    def of_group(cls, name: str, group: type[Any]) -> _BodyParameter:
        options = options_of(group)
        fields = [one.replace(default=options[one.name]) for one in _parameters(group)]
        return cls(name, fields, group)

    def value(self, values: Mapping[str, Any]) -> Any:
        """Return what the body gets, from the ``values`` of all options."""
        own = {one.name: values[one.name] for one in self.options}
        return self.group(**own) if self.group else own[self.name]


def _begin(flags: TerminalFlags, connection: ConnectionFlags, given: frozenset[str]) -> Run:
    """Return the run of the current invocation, to which the parsed ``flags`` are applied.

    The environment and the config file may set them as well.
    """
    invocation: Invocation = get_current_context().obj
    invocation.debug = flags.debug
    invocation.terminal = terminal = replace(
        invocation.terminal, json=flags.json, quiet=flags.quiet, verbose=flags.verbose
    )
    _collect_garbage_again()
    for warning in invocation.warnings:
        terminal.warn(warning)
    return Run(terminal, invocation.environ, connection, given, invocation.arguments)


def _collect_garbage_again() -> None:
    """Turn collections on, which ``__main__`` turned off, but not for what start-up created."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()


def _given(names: Iterable[str]) -> frozenset[str]:
    """Return the parameters of ``names`` that are on the command line."""
    source = get_current_context().get_parameter_source
    return frozenset(name for name in names if source(name) is ParameterSource.COMMANDLINE)


def _parameters(function: Callable[..., Any]) -> list[inspect.Parameter]:
    parameters = inspect.signature(function, eval_str=True).parameters.values()
    return [one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in parameters]
