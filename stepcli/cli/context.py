"""The context of a run: its terminal, its settings, and clients that are created on demand."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stepcli.base_url import BaseURL
from stepcli.cli.io.terminal import Terminal
from stepcli.cli.params.common_options import ConnectionFlags
from stepcli.errors import StepcliError, UsageError
from stepcli.settings import DEFAULT_BASE_URL, KEY_VARIABLES, state_dir

if TYPE_CHECKING:
    from stepcli.api.catalog import Site
    from stepcli.api.client import Client
    from stepcli.api.endpoint import Endpoint
    from stepcli.credentials import Key
    from stepcli.tasks.adaptive_limit import AdaptiveLimit

_COMMAND = (sys.executable, "-m", "stepcli", "sandbox", "--port", "0", "--json", "--with-parent")

_OUT_OF_REACH: int = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
"""The equivalent of a new session on Windows: Ctrl-C is handled by this process only."""


@contextmanager
def private_sandbox(environ: Mapping[str, str]) -> Iterator[tuple[Key, BaseURL]]:
    """Yield the key and the base URL of a sandbox that ends with the block or this process.

    Raise UsageError if the sandbox extra is not installed.
    """
    with subprocess.Popen(
        _COMMAND,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        start_new_session=True,
        env={name: value for name, value in environ.items() if name not in KEY_VARIABLES},
        creationflags=_OUT_OF_REACH,
    ) as process:
        try:
            yield _announced(process)
        finally:
            process.terminate()
            for stream in (process.stdin, process.stdout, process.stderr):
                with suppress(OSError):
                    stream and stream.close()


def _announced(process: subprocess.Popen[str]) -> tuple[Key, BaseURL]:
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        raise _explanation(process)
    from stepcli.credentials import Key

    endpoint = json.loads(line)
    return Key(endpoint["key"], "the sandbox"), BaseURL.parse(endpoint["base_url"])


def _explanation(process: subprocess.Popen[str]) -> StepcliError:
    _, complaint = process.communicate()
    try:
        error = json.loads(complaint.splitlines()[-1])["error"]
        return UsageError(error["message"], hint=error["hint"])
    except (IndexError, ValueError, KeyError, TypeError):
        return StepcliError("the private sandbox did not start", hint="try: stepcli sandbox")


@dataclass(frozen=True, slots=True)
class Settings:
    """The service and the limits of a run. `timeout` is the maximum silence in seconds."""

    key: Key
    base_url: BaseURL
    timeout: float
    retries: int


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a command.

    ``arguments`` is the command line. ``given`` are the parameters on it: one from the environment
    or the config file is a default, which is ignored where it does not apply.
    """

    terminal: Terminal
    environ: Mapping[str, str]
    connection: ConnectionFlags
    given: frozenset[str] = frozenset()
    arguments: Sequence[str] = ()

    @property
    def base_url(self) -> BaseURL:
        """The selected or default base URL. Raise UsageError if it is invalid."""
        return BaseURL.parse(self.connection.base_url or DEFAULT_BASE_URL)

    @property
    def site(self) -> Site:
        """The site whose prices and voices apply; raises as ``base_url``."""
        from stepcli.api.catalog import site_of

        return site_of(self.base_url)

    @contextmanager
    def client(self) -> Iterator[Client]:
        """Yield a client of the selected service.

        Raise AuthError without a key, and UsageError for a base URL that a key must not be sent to.
        """
        with self.settings() as settings, self.client_of(settings) as client:
            yield client

    @contextmanager
    def service(self) -> Iterator[Endpoint]:
        """Yield the endpoint for callers that open their own connection; raises as ``client``."""
        with self.settings() as settings:
            yield _service(settings)

    @contextmanager
    def settings(self) -> Iterator[Settings]:
        """Yield the settings of the run; raise the errors of ``client``."""
        from stepcli.cli.params.voice_names import suggesting_voices

        with ExitStack() as stack:
            settings = self._settings(stack)
            stack.enter_context(suggesting_voices(settings.base_url, self.environ))
            yield settings

    def client_of(
        self,
        settings: Settings,
        notify: Callable[[str], None] | None = None,
        limit: AdaptiveLimit | None = None,
    ) -> Client:
        """Return a client of the service of ``settings``.

        ``notify`` gets a message for each retry, from any thread; by default it goes to stderr.
        """
        from stepcli.api.client import Client

        return Client(_service(settings), notify or self.terminal.info, limit)

    @contextmanager
    def parallel_client(self, jobs: int | None) -> Iterator[tuple[Client, AdaptiveLimit]]:
        """Yield a client as ``client`` does, and the limit for parallel requests with it.

        ``jobs`` is the number of ``--jobs``, None for ``auto``.
        """
        with self.settings() as settings, self.parallel_client_of(settings, jobs) as found:
            yield found

    @contextmanager
    def parallel_client_of(
        self, settings: Settings, jobs: int | None, notify: Callable[[str], None] | None = None
    ) -> Iterator[tuple[Client, AdaptiveLimit]]:
        """Yield what ``parallel_client`` does, for the service of ``settings``."""
        from stepcli.tasks.adaptive_limit import remembered_limit

        service, key = settings.base_url.authority, settings.key.secret
        with (
            remembered_limit(state_dir() / "limits", service, key, jobs) as limit,
            self.client_of(settings, notify, limit) as client,
        ):
            yield client, limit

    def _settings(self, stack: ExitStack) -> Settings:
        from stepcli.credentials import find_key

        if not self.connection.sandbox:
            return self.settings_with(find_key(self.environ, self.site.key_page))
        key, base_url = stack.enter_context(private_sandbox(self.environ))
        return self.settings_with(key, base_url)

    def settings_with(self, key: Key, base_url: BaseURL | None = None) -> Settings:
        """Return the settings of the run with `key`; raises as ``base_url``."""
        connection = self.connection
        return Settings(key, base_url or self.base_url, connection.timeout, connection.retries)


def _service(settings: Settings) -> Endpoint:
    from stepcli.api.endpoint import Endpoint

    return Endpoint(
        plan=settings.base_url,
        key=settings.key.secret,
        timeout=settings.timeout,
        retries=settings.retries,
    )


@contextmanager
def traffic_totals(terminal: Terminal) -> Iterator[None]:
    """Write to stderr at the end of the block what it reused, and with --verbose all totals."""
    from stepcli.api.traffic import traffic

    traffic.reset()
    try:
        yield
        if traffic.reused:
            parts = "1 part was" if traffic.reused == 1 else f"{traffic.reused:,} parts were"
            terminal.info(f"{parts} kept from an earlier run and not requested again")
    finally:
        if totals := traffic.describe():
            terminal.detail(f"stepcli: {totals}")


@contextmanager
def wire_log(terminal: Terminal) -> Iterator[None]:
    """Log what goes over the wire to stderr, a line each, until the block ends."""
    import logging

    class TerminalHandler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            terminal.say(f"stepcli: {record.getMessage()}")

    handler = TerminalHandler()
    log = logging.getLogger("stepcli")
    level = log.level
    log.addHandler(handler)
    log.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        log.removeHandler(handler)
        log.setLevel(level)
