"""``stepcli auth``: the API key, kept safe."""

from __future__ import annotations

import os
from typing import Annotated, Any

from stepcli.cli.context import Run
from stepcli.cli.io.terminal import Terminal
from stepcli.cli.params.command import command, command_app
from stepcli.cli.params.options import flag
from stepcli.errors import AuthError, StepcliError
from stepcli.settings import KEY_VARIABLES, Settings, checked_key

app = command_app("Store, check and remove the API key.")

_LONGEST_KEY = 1024
_OTHER_KEY = (
    "stepcli auth login keeps another key; "
    "keys of stepfun.ai and stepfun.com are not interchangeable"
)


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
    secret = checked_key(_read_key(run.terminal), "what was given")
    from stepcli import credentials

    if keyring:
        credentials.keep_in_keyring(secret)
        where = "the keyring"
    else:
        where = str(credentials.keep_in_file(secret))
    if run.terminal.json:
        run.terminal.result_json({"source": where})
    run.terminal.note(f"kept in {where}; stepcli auth status asks the service whether it works")
    _warn_of_environment(run.terminal)


@command(app)
def status(run: Run) -> None:
    """Show which API key is used and check it with the service."""
    from stepcli.api.diagnostics import ask

    with run.settings() as settings:
        key = settings.key
        if not run.terminal.json:
            run.terminal.row(f"key      {masked(key.secret)} from {key.source}")
            run.terminal.row(f"base     {settings.base_url}")
        try:
            with run.client_of(settings) as client:
                reservation = ask(client).reservation
        except AuthError as refused:
            refused.hint = _OTHER_KEY
            raise
    if run.terminal.json:
        run.terminal.result_json(_described(settings, reservation))
    else:
        run.terminal.row("service  accepts the key")
    if reservation:
        run.terminal.note(f"but asked what the account may use, it says: {reservation.message}")


@command(app)
def logout(run: Run) -> None:
    """Remove the stored API key."""
    from stepcli import credentials

    removed = credentials.forget()
    if run.terminal.json:
        run.terminal.result_json({"removed": removed})
    run.terminal.note("the key is forgotten" if removed else "no key was kept")
    _warn_of_environment(run.terminal)


def _described(settings: Settings, reservation: StepcliError | None) -> dict[str, Any]:
    return {
        "source": settings.key.source,
        "key": masked(settings.key.secret),
        "base_url": settings.base_url,
        "accepted": True,
        "reservation": reservation and reservation.message,
    }


def masked(secret: str) -> str:
    """Enough of ``secret`` to tell two keys apart."""
    return f"…{secret[-4:]}" if len(secret) >= 16 else "…"


def _read_key(terminal: Terminal) -> str:
    if terminal.stdin_is_terminal:
        return _ask()
    given = terminal.stdin.buffer.read(_LONGEST_KEY + 1) if terminal.stdin else b""
    if len(given) > _LONGEST_KEY:
        raise AuthError("what stdin gave is too long for a key")
    return given.decode(errors="replace").strip()


def _ask() -> str:
    from getpass import getpass

    try:
        return getpass("API key (not shown): ").strip()
    except EOFError:
        return ""


def _warn_of_environment(terminal: Terminal) -> None:
    for name in KEY_VARIABLES:
        if os.environ.get(name):
            terminal.note(f"{name} is set, and is used before any key that is kept")
            return
