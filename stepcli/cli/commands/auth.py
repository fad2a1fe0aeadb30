"""``stepcli auth``: store, check and remove the API key."""

from __future__ import annotations

from typing import Annotated, Any

from stepcli.cli.context import Run
from stepcli.cli.io.terminal import Terminal
from stepcli.cli.params.command import command, command_app
from stepcli.cli.params.options import flag
from stepcli.errors import AuthError, StepcliError
from stepcli.settings import KEY_VARIABLES, Settings, checked_key

app = command_app("Store, check and remove the API key.")

_MAX_KEY_BYTES = 1024
_REFUSED_HINT = "store another key with stepcli auth login"


@command(app)
def login(
    run: Run,
    keyring: Annotated[
        bool, flag("--keyring", help="Store the key in the system keyring instead of a file.")
    ] = False,
) -> None:
    """Store an API key, entered without echo or read from stdin.

    The key is stored in a file that only you can read, or in the system keyring with --keyring.
    """
    secret = checked_key(_read_key(run.terminal), "the input")
    from stepcli import credentials

    if keyring:
        credentials.keep_in_keyring(secret)
        location = "the keyring"
    else:
        location = str(credentials.keep_in_file(secret))
    if run.terminal.json:
        run.terminal.result_json({"source": location})
    run.terminal.note(f"stored in {location}; check it with: stepcli auth status")
    _warn_about_environment(run)


@command(app)
def status(run: Run) -> None:
    """Show which API key is used and check it with the service."""
    from stepcli.api.diagnostics import check_key
    from stepcli.api.hints import other_site_hint

    with run.settings() as settings:
        key = settings.key
        if not run.terminal.json:
            run.terminal.row(f"key      {masked(key.secret)} from {key.source}")
            run.terminal.row(f"base     {settings.base_url}")
        try:
            with run.client_of(settings) as client:
                reservation = check_key(client).reservation
        except AuthError as exc:
            exc.hint = _REFUSED_HINT
            exc.add_hint(other_site_hint(settings.base_url))
            raise
    if run.terminal.json:
        run.terminal.result_json(_described(settings, reservation))
    else:
        run.terminal.row("service  accepts the key")
    if reservation:
        run.terminal.note(f"the service refused to list the models: {reservation.message}")


@command(app)
def logout(run: Run) -> None:
    """Remove the stored API key."""
    from stepcli import credentials

    removed = credentials.forget()
    if run.terminal.json:
        run.terminal.result_json({"removed": removed})
    run.terminal.note("removed the stored key" if removed else "no key is stored")
    _warn_about_environment(run)


def _described(settings: Settings, reservation: StepcliError | None) -> dict[str, Any]:
    return {
        "source": settings.key.source,
        "key": masked(settings.key.secret),
        "base_url": str(settings.base_url),
        "accepted": True,
        "reservation": reservation and reservation.message,
    }


def masked(secret: str) -> str:
    """Return the last characters of ``secret``, enough to distinguish two keys."""
    return f"…{secret[-4:]}" if len(secret) >= 16 else "…"


def _read_key(terminal: Terminal) -> str:
    if terminal.stdin_is_terminal:
        return _prompt()
    data = terminal.stdin.buffer.read(_MAX_KEY_BYTES + 1) if terminal.stdin else b""
    if len(data) > _MAX_KEY_BYTES:
        raise AuthError("the input is too long for an API key")
    return data.decode(errors="replace").strip()


def _prompt() -> str:
    from getpass import getpass

    try:
        return getpass("API key (not shown): ").strip()
    except EOFError:
        return ""


def _warn_about_environment(run: Run) -> None:
    for name in KEY_VARIABLES:
        if run.environ.get(name):
            run.terminal.note(f"{name} is set and takes precedence over a stored key")
            return
