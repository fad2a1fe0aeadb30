"""A local stand-in for the speech service, with real speech and recognition and no account.

    serve           run the server until a signal
    SandboxOptions  its address and behavior
    FAULT_SYNTAX    the syntax of ``--fault``, as help text

It is written from ``stepcli/api/PROTOCOL.md`` alone and shares no code with the client. Importing
this package loads neither the web server nor the engines. Speech comes from espeak-ng, recognition
from a small English model; a text that contains ``censored-sample`` is refused by moderation.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec

from stepcli.sandbox.faults.spec import FAULT_SYNTAX, FaultSpec, parse_fault
from stepcli.sandbox.options import MissingExtra, SandboxOptions, VoiceSite

__all__ = [
    "FAULT_SYNTAX",
    "FaultSpec",
    "MissingExtra",
    "SandboxOptions",
    "VoiceSite",
    "parse_fault",
    "serve",
]

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


def serve(
    options: SandboxOptions, on_ready: Callable[[str], None], *, stop_with_stdin: bool = False
) -> int:
    """Serve until SIGINT or SIGTERM, close every connection, and return the signal's number or 0.

    ``on_ready`` is called with the plan base, such as ``http://127.0.0.1:8123/step_plan/v1``, once
    connections are accepted. ``stop_with_stdin`` also stops at the end of standard input, so that
    the server does not outlive a parent that was killed.

    Raise ValueError for an invalid fault, MissingExtra if the engines are not installed, and
    OSError if the address is not available.
    """
    faults = [parse_fault(spec) for spec in options.faults]
    for module in _EXTRA:
        if find_spec(module) is None:
            raise MissingExtra(module)
    from stepcli.sandbox.server import run

    return run(options, faults, on_ready, stop_with_stdin=stop_with_stdin)
