"""``stepcli sandbox``: run a local stand-in for the service."""

from __future__ import annotations

import signal
from pathlib import Path

from stepcli.cli.context import Run
from stepcli.cli.params.command import command, command_app
from stepcli.cli.params.options import flag, option, option_group, options_of
from stepcli.cli.params.values import Files
from stepcli.errors import UsageError
from stepcli.sandbox import MissingExtra, SandboxOptions, VoiceSite, serve

app = command_app()

_DEFAULTS = SandboxOptions()


@option_group()
class ServerOptions:
    """The options of ``sandbox`` about the server."""

    host: str = option(
        "--host ADDRESS", default=_DEFAULTS.host, advanced=True, help="Address to listen on."
    )
    port: int = option(
        "--port N",
        default=_DEFAULTS.port,
        min=0,
        max=65535,
        help="Port to listen on; 0 picks a free port.",
    )
    pace: float | None = option(
        "--pace X",
        min=0.01,
        advanced=True,
        help="Send audio at X times real time.",
        default_text="as fast as possible",
    )
    latency: float = option(
        "--latency S",
        default=_DEFAULTS.latency,
        min=0,
        help="Delay in seconds before the first byte of a response.",
    )
    idle: float = option(
        "--idle S",
        default=_DEFAULTS.idle,
        min=0,
        advanced=True,
        help="Close an idle realtime session after S seconds.",
    )
    site: VoiceSite = option(
        "--site ai|com",
        default=_DEFAULTS.site,
        help="Official voices to offer: those of stepfun.ai or stepfun.com.",
    )
    concurrency: int = option(
        "--concurrency N",
        default=_DEFAULTS.concurrency,
        min=0,
        advanced=True,
        help="Refuse more than N requests at once with a 429; 0 disables the limit.",
    )
    seed: int | None = option(
        "--seed N", help="Make the variation between answers reproducible.", default_text="random"
    )
    deterministic: bool = flag(
        "--deterministic",
        help="Return the same audio for the same request; otherwise no two answers are alike.",
    )
    fault: list[str] | None = option(
        "--fault SPEC",
        repeatable=True,
        help="Inject a fault, as described under Faults. Repeatable.",
    )
    log: Path | None = option(
        "--log FILE", kind=Files(), help="Append requests and responses to FILE as JSON Lines."
    )

    def to_sandbox(self) -> SandboxOptions:
        """Return the options as the server takes them."""
        values = {name: getattr(self, name) for name in options_of(self)}
        faults = values.pop("fault")
        return SandboxOptions(faults=tuple(faults or ()), **values)


@command(app)
def sandbox(
    run: Run,
    server: ServerOptions,
    with_parent: bool = flag("--with-parent", help="Exit when stdin is closed.", hidden=True),
) -> None:
    """Run a local stand-in for the service, with real speech and recognition.

    Prints the two lines that configure a client to use it, and runs until interrupted.
    """
    if number := _serve(run, server.to_sandbox(), with_parent):
        signal.raise_signal(number)  # ends this process as it ends any other command


def _serve(run: Run, options: SandboxOptions, with_parent: bool) -> int:
    run.terminal.check_stdout()

    def ready(base: str) -> None:
        if run.terminal.json:
            run.terminal.result_json({"base_url": base, "key": options.key})
        else:
            run.terminal.result(f"export STEPCLI_BASE_URL={base}")
            run.terminal.result(f"export STEP_API_KEY={options.key}")

    try:
        return serve(options, ready, stop_with_stdin=with_parent)
    except MissingExtra as exc:
        raise UsageError(f"the sandbox needs {exc.name}", hint=_INSTALL) from exc
    except ValueError as exc:
        raise UsageError(str(exc)) from exc
    except BrokenPipeError:
        raise
    except OSError as exc:
        where = exc.filename or f"{options.host}:{options.port}"
        doing = "write the log" if exc.filename else "listen on"
        raise UsageError(f"cannot {doing} {where}: {exc.strerror or exc}") from exc


_INSTALL = "pip install 'stepcli[sandbox]'"
