"""What one run has at hand: its terminal, its settings, and clients built only when asked for."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stepcli.cli.terminal import Terminal, escaped
from stepcli.settings import (
    DEFAULT_BASE_URL,
    DEFAULT_RETRIES,
    DEFAULT_TIMEOUT,
    Settings,
    checked_base_url,
    find_key,
)

if TYPE_CHECKING:
    from stepcli.api.client import Client
    from stepcli.api.service import Service


@dataclass(frozen=True, slots=True)
class TerminalFlags:
    """What every command is told about its terminal."""

    json: bool
    quiet: bool
    verbose: bool
    debug: bool


@dataclass(frozen=True, slots=True)
class ConnectionFlags:
    """What a command is told about the service it talks to."""

    base_url: str | None = None
    sandbox: bool = False
    timeout: float = DEFAULT_TIMEOUT
    retries: int = DEFAULT_RETRIES


@dataclass(frozen=True, slots=True)
class Run:
    """``given`` are the parameters that stand on the command line itself: one that comes from the
    environment or the config file is a default, and steps back where it does not apply."""

    terminal: Terminal
    connection: ConnectionFlags
    given: frozenset[str] = frozenset()

    @classmethod
    def from_flags(
        cls, flags: TerminalFlags, connection: ConnectionFlags, given: frozenset[str]
    ) -> Run:
        if flags.debug:
            _log_the_wire()
        terminal = Terminal(json=flags.json, quiet=flags.quiet, verbose=flags.verbose)
        return cls(terminal, connection, given)

    @contextmanager
    def client(self, tell: Callable[[str], None] | None = None) -> Iterator[Client]:
        """A client of the service that this run was pointed at, closed afterwards.

        ``tell`` hears of requests that are tried again, from any thread; else stderr does.

        Raises AuthError with no key, UsageError for a base that a key may not go to.
        """
        with self.settings() as settings, self.client_of(settings, tell) as client:
            yield client

    @contextmanager
    def service(self) -> Iterator[Service]:
        """Where this run was pointed, for who brings a connection; raises as ``client`` does."""
        with self.settings() as settings:
            yield _service(settings)

    @contextmanager
    def settings(self) -> Iterator[Settings]:
        """What this run talks to, in whose name; raises as ``client`` does."""
        with ExitStack() as stack:
            yield self._settings(stack)

    def client_of(self, settings: Settings, tell: Callable[[str], None] | None = None) -> Client:
        from stepcli.api.client import Client

        return Client(_service(settings), tell or self.terminal.note)

    def _settings(self, stack: ExitStack) -> Settings:
        flags = self.connection
        if flags.sandbox:
            from stepcli.cli.private_sandbox import private_sandbox

            key, base_url = stack.enter_context(private_sandbox())
        else:
            base_url = checked_base_url(flags.base_url or DEFAULT_BASE_URL)
            key = find_key(os.environ)
        return Settings(key, base_url, flags.timeout, flags.retries)


def _service(settings: Settings) -> Service:
    from stepcli.api.service import Service

    return Service(
        plan=settings.base_url,
        key=settings.key.secret,
        timeout=settings.timeout,
        retries=settings.retries,
    )


def _log_the_wire() -> None:
    import logging

    class Escaped(logging.Formatter):
        def format(self, record: logging.LogRecord) -> str:
            return escaped(super().format(record))

    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Escaped("stepcli: %(message)s"))
    log = logging.getLogger("stepcli")
    log.addHandler(handler)
    log.setLevel(logging.DEBUG)
