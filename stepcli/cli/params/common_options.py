"""Options that every command has, for its terminal and the service, and ``--jobs``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, get_args, get_type_hints

import typer

from stepcli.base_url import BaseURL
from stepcli.cli.params.options import flag, option
from stepcli.cli.params.values import Choices
from stepcli.settings import AUTO_JOBS, DEFAULT_RETRIES, DEFAULT_TIMEOUT

COMMON = "Common options"
_AUTO = "auto"
_JOBS = (1, 64)


@dataclass(frozen=True, slots=True)
class TerminalFlags:
    """The options of every command for its terminal."""

    json: Annotated[
        bool,
        flag(
            "--json",
            rich_help_panel=COMMON,
            help="Print one JSON object to stdout instead of text.",
        ),
    ] = False
    quiet: Annotated[
        bool, flag("--quiet", "-q", rich_help_panel=COMMON, help="Print only results and errors.")
    ] = False
    verbose: Annotated[
        bool,
        flag(
            "--verbose",
            rich_help_panel=COMMON,
            help="Print the model, requests, reused parts, bytes and the time to the first byte.",
        ),
    ] = False
    debug: Annotated[
        bool,
        flag(
            "--debug",
            rich_help_panel=COMMON,
            advanced=True,
            help="Log network traffic with bodies to stderr; keys are masked, sound is summarized.",
        ),
    ] = False


@dataclass(frozen=True, slots=True)
class ConnectionFlags:
    """The options of every command for the service."""

    base_url: Annotated[
        str | None,
        option(
            "--base-url",
            metavar="URL",
            check=BaseURL.parse,
            rich_help_panel=COMMON,
            advanced=True,
            help="Base URL of the service.",
        ),
    ] = None
    sandbox: Annotated[
        bool,
        flag(
            "--sandbox",
            envvar="STEPCLI_SANDBOX",
            show_envvar=False,
            rich_help_panel=COMMON,
            help="Use a private local sandbox; needs no account and no network.",
        ),
    ] = False
    timeout: Annotated[
        float,
        option(
            "--timeout",
            metavar="S",
            min=0.001,
            max=86400,
            rich_help_panel=COMMON,
            advanced=True,
            help="Maximum seconds without receiving data; does not limit the total time.",
        ),
    ] = DEFAULT_TIMEOUT
    retries: Annotated[
        int,
        option(
            "--retries",
            metavar="N",
            min=0,
            rich_help_panel=COMMON,
            advanced=True,
            help=(
                "Maximum retries for failed requests that are safe to repeat and for "
                "truncated parts of a long text."
            ),
        ),
    ] = DEFAULT_RETRIES


def common_options() -> dict[str, bool]:
    """Return the names of the options that every command has, and whether they take a value."""
    found: dict[str, bool] = {}
    for group in (TerminalFlags, ConnectionFlags):
        for annotation in get_type_hints(group, include_extras=True).values():
            kind, made = get_args(annotation)
            # In an annotation, Typer holds the first name in the field for the default value.
            found |= dict.fromkeys((made.default, *made.param_decls), kind is not bool)
    return found


def _jobs(text: str) -> int | None:
    """Return the number of `--jobs`, None for `auto`."""
    if text.lower() == _AUTO:
        return None
    least, most = _JOBS
    if not (text.isdecimal() and least <= int(text) <= most):
        raise typer.BadParameter(f"{text!r} is neither auto nor a number from {least} to {most}.")
    return int(text)


Jobs = Annotated[
    int | None,
    option(
        "--jobs",
        metavar="N|auto",
        kind=Choices((_AUTO,)),
        limits=_JOBS,
        default_text=_AUTO,
        parser=_jobs,
        advanced=True,
        help="Maximum number of parallel requests. With auto, as many as the service accepts, up to"
        f" {AUTO_JOBS}.",
    ),
]
