"""What a run was started with: arguments, environment and terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from stepcli.cli.io.terminal import Terminal


@dataclass(slots=True)
class Invocation:
    """The parameters of ``main``, and how errors are reported.

    Until the options are parsed, ``terminal.json`` and ``debug`` follow the bare arguments.
    ``warnings`` are printed once it is known whether --quiet is set.
    """

    arguments: Sequence[str]
    environ: Mapping[str, str]
    terminal: Terminal
    debug: bool = False
    warnings: list[str] = field(default_factory=list)

    @classmethod
    def begin(
        cls, arguments: Sequence[str], environ: Mapping[str, str], terminal: Terminal
    ) -> Invocation:
        """Return the invocation as the arguments before ``--`` ask for it."""
        end = arguments.index("--") if "--" in arguments else len(arguments)
        terminal = replace(terminal, json="--json" in arguments[:end])
        return cls(arguments, environ, terminal, "--debug" in arguments[:end])
