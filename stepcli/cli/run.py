"""What one run has at hand: its terminal, its settings, and clients built only when asked for."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stepcli.cli.terminal import Terminal
from stepcli.settings import DEFAULT_BASE_URL, Settings, checked_base_url, find_key

if TYPE_CHECKING:
    from stepcli.api.client import Client


@dataclass(frozen=True, slots=True)
class Common:
    """The options that every command has, as given."""

    json: bool
    quiet: bool
    verbose: bool
    debug: bool
    base_url: str | None
    sandbox: bool
    timeout: float
    retries: int


@dataclass(frozen=True, slots=True)
class Run:
    terminal: Terminal
    flags: Common

    @classmethod
    def from_flags(cls, flags: Common) -> Run:
        if flags.debug:
            _log_the_wire()
        terminal = Terminal(json=flags.json, quiet=flags.quiet, verbose=flags.verbose)
        return cls(terminal, flags)

    @contextmanager
    def client(self) -> Iterator[Client]:
        """A client of the service that this run was pointed at, closed afterwards.

        Raises AuthError with no key, UsageError for a base that a key may not go to.
        """
        with ExitStack() as stack:
            settings = self._settings(stack)
            from stepcli.api.client import Client, Service

            service = Service(
                plan=settings.base_url,
                key=settings.key.secret,
                timeout=settings.timeout,
                retries=settings.retries,
            )
            yield stack.enter_context(Client(service, tell=self.terminal.note))

    def _settings(self, stack: ExitStack) -> Settings:
        flags = self.flags
        if flags.sandbox:
            from stepcli.cli.private_sandbox import private_sandbox

            key, base_url = stack.enter_context(private_sandbox())
        else:
            base_url = checked_base_url(flags.base_url or DEFAULT_BASE_URL)
            key = find_key(os.environ)
        return Settings(key, base_url, flags.timeout, flags.retries)


def _log_the_wire() -> None:
    import logging

    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("stepcli: %(message)s"))
    log = logging.getLogger("stepcli")
    log.addHandler(handler)
    log.setLevel(logging.DEBUG)
