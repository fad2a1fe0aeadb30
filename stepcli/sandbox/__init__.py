"""A local server that stands in for the speech service: real speech, real recognition, no account.

    serve     run it until a signal
    Options   where it listens and how it behaves
    FAULTS    the grammar of ``--fault``, to be shown to people

Written from the service's documentation alone; nothing here is shared with the client. Importing
this package loads neither the web server nor the engines. Speech is by espeak-ng, recognition by a
small English model; a text with the word ``censored-sample`` in it is refused as moderation would.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec

from stepcli.sandbox.faults.spec import FAULTS, Fault, parse_fault
from stepcli.sandbox.options import MissingExtra, Options

__all__ = ["FAULTS", "Fault", "MissingExtra", "Options", "parse_fault", "serve"]

_EXTRA = (
    "starlette",
    "uvicorn",
    "websockets",
    "python_multipart",
    "numpy",
    "soundfile",
    "soxr",
    "markdown_it",
    "espeakng_loader",
    "moonshine_voice",
)


def serve(options: Options, ready: Callable[[str], None], *, stop_with_stdin: bool = False) -> int:
    """Serve until SIGINT or SIGTERM, then close every connection; the signal's number or 0.

    ``ready`` is called with the plan base, such as ``http://127.0.0.1:8123/step_plan/v1``, once
    connections are accepted. ``stop_with_stdin`` also ends it when standard input does, so that a
    server whose parent was killed does not outlive it.

    Raises ``ValueError`` for a fault that cannot be read, ``MissingExtra`` when the engines are not
    installed, ``OSError`` when the address cannot be had.
    """
    faults = [parse_fault(spec) for spec in options.faults]
    for module in _EXTRA:
        if find_spec(module) is None:
            raise MissingExtra(module)
    from stepcli.sandbox.server import run

    return run(options, faults, ready, stop_with_stdin=stop_with_stdin)
