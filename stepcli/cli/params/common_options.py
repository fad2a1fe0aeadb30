"""Options that every command has, for its terminal and the service, and ``--jobs``."""

from __future__ import annotations

import typer

from stepcli.base_url import BaseURL
from stepcli.cli.params.options import flag, option, option_group, option_names
from stepcli.cli.params.values import Choices
from stepcli.settings import AUTO_JOBS, DEFAULT_RETRIES, DEFAULT_TIMEOUT

COMMON = "Common options"
_AUTO = "auto"
_JOBS = (1, 64)


@option_group(COMMON)
class TerminalFlags:
    """The options of every command for its terminal."""

    json: bool = flag("--json", help="Print one JSON object to stdout instead of text.")
    quiet: bool = flag("--quiet, -q", help="Print only results and errors.")
    verbose: bool = flag(
        "--verbose",
        help="Print the model, requests, reused parts, bytes and the time to the first byte.",
    )
    debug: bool = flag(
        "--debug",
        advanced=True,
        help="Log network traffic with bodies to stderr; keys are masked, sound is summarized.",
    )


@option_group(COMMON)
class ConnectionFlags:
    """The options of every command for the service."""

    base_url: str | None = option(
        "--base-url URL", check=BaseURL.parse, advanced=True, help="Base URL of the service."
    )
    sandbox: bool = flag(
        "--sandbox",
        envvar="STEPCLI_SANDBOX",
        show_envvar=False,
        help="Use a private local sandbox; needs no account and no network.",
    )
    timeout: float = option(
        "--timeout S",
        default=DEFAULT_TIMEOUT,
        min=0.001,
        max=86400,
        advanced=True,
        help="Maximum seconds without receiving data; does not limit the total time.",
    )
    retries: int = option(
        "--retries N",
        default=DEFAULT_RETRIES,
        min=0,
        advanced=True,
        help="Maximum retries for failed requests that are safe to repeat and for "
        "truncated parts of a long text.",
    )


def common_options() -> dict[str, bool]:
    """Return the names of the options that every command has, and whether they take a value."""
    return option_names(TerminalFlags, ConnectionFlags)


def _jobs(text: str) -> int | None:
    """Return the number of `--jobs`, None for `auto`."""
    if text.lower() == _AUTO:
        return None
    least, most = _JOBS
    if not (text.isdecimal() and least <= int(text) <= most):
        raise typer.BadParameter(f"{text!r} is neither auto nor a number from {least} to {most}.")
    return int(text)


JOBS_OPTION = option(
    "--jobs N|auto",
    kind=Choices((_AUTO,)),
    limits=_JOBS,
    default_text=_AUTO,
    parser=_jobs,
    advanced=True,
    help="Maximum number of parallel requests. With auto, as many as the service accepts, up to"
    f" {AUTO_JOBS}.",
)
