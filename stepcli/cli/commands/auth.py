"""``stepcli auth``: store, check and remove the API key."""

from __future__ import annotations

from typing import Any

from stepcli import credentials
from stepcli.cli.context import Run, Settings
from stepcli.cli.io.terminal import Terminal
from stepcli.cli.params.command import command, command_app
from stepcli.cli.params.options import flag
from stepcli.credentials import Key
from stepcli.errors import AuthError, StepcliError, UsageError
from stepcli.settings import KEY_VARIABLES, checked_key

app = command_app("Store, check and remove the API key.")

_MAX_KEY_BYTES = 1024
_REFUSED_HINT = "store another key with stepcli auth login; keys are listed at {}"


@command(app)
def login(
    run: Run,
    keyring: bool = flag(
        "--keyring", help="Store the key in the system keyring instead of a file."
    ),
    no_check: bool = flag(
        "--no-check", advanced=True, help="Store the key without checking it with the service."
    ),
) -> None:
    """Check an API key with the service and store it.

    The key is entered without echo or read from stdin. It is stored in a file that only you can
    read, or in the system keyring with --keyring. Keys are created on the API key page of the
    StepFun platform: https://platform.stepfun.ai/interface-key, or
    https://platform.stepfun.com/interface-key for an account in mainland China, which also needs
    that site's --base-url.
    """
    _refuse_sandbox(run)
    secret = checked_key(credentials.pasted_key(_read_key(run)), "the input")
    reservation = None if no_check else _check_before_storing(run, secret)
    if keyring:
        credentials.keep_in_keyring(secret)
        location = "the keyring"
    else:
        location = str(credentials.keep_in_file(secret))
    if run.terminal.json:
        run.terminal.result_json({"source": location, "checked": not no_check})
    accepted = "" if no_check else "the service accepts the key; "
    run.terminal.note(f"{accepted}stored in {location}")
    _note_reservation(run.terminal, reservation)
    _warn_about_environment(run)


def _refuse_sandbox(run: Run) -> None:
    """Raise UsageError for a private sandbox, whose key must not replace the stored one."""
    if run.connection.sandbox:
        raise UsageError(
            "the stored API key is for the service, but --sandbox is set",
            hint="a private sandbox needs no key; run the command without --sandbox",
        )


def _check_before_storing(run: Run, secret: str) -> StepcliError | None:
    """Return the reservation of the service about the key.

    Raise AuthError if it refuses the key, and the errors of the request.
    """
    try:
        return _check(run, run.settings_with(Key(secret, "the input")))
    except AuthError as exc:
        exc.add_detail("it was not stored")
        raise
    except StepcliError as exc:
        exc.add_context("the key could not be checked and was not stored")
        exc.add_hint("--no-check stores it without asking the service")
        raise


def _check(run: Run, settings: Settings) -> StepcliError | None:
    """Return the error if the service accepts the key but refuses the request.

    Raise AuthError if it refuses the key.
    """
    from stepcli.api.diagnostics import check_key
    from stepcli.api.hints import other_site_hint

    try:
        with run.client_of(settings) as client:
            return check_key(client).reservation
    except AuthError as exc:
        exc.hint = _REFUSED_HINT.format(run.site.key_page)
        exc.add_hint(other_site_hint(settings.base_url))
        raise


@command(app)
def status(run: Run) -> None:
    """Show which API key is used and check it with the service."""
    with run.settings() as settings:
        key = settings.key
        if not run.terminal.json:
            run.terminal.row(f"key      {masked(key.secret)} from {key.source}")
            run.terminal.row(f"base     {settings.base_url}")
        reservation = _check(run, settings)
    if run.terminal.json:
        run.terminal.result_json(_described(settings, reservation))
    else:
        run.terminal.row("service  accepts the key")
    _note_reservation(run.terminal, reservation)


@command(app)
def logout(run: Run) -> None:
    """Remove the stored API key."""
    _refuse_sandbox(run)
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


def _note_reservation(terminal: Terminal, reservation: StepcliError | None) -> None:
    if reservation:
        terminal.note(f"the service refused to list the models: {reservation.message}")


def _read_key(run: Run) -> str:
    terminal = run.terminal
    if terminal.stdin_is_terminal:
        from stepcli.api.hints import key_pages

        for line in key_pages(run.base_url):
            terminal.note(line)
        return _prompt()
    data = terminal.stdin.buffer.read(_MAX_KEY_BYTES + 1) if terminal.stdin else b""
    if len(data) > _MAX_KEY_BYTES:
        raise AuthError("the input is too long for an API key")
    return data.decode(errors="replace")


def _prompt() -> str:
    from getpass import getpass

    try:
        return getpass("API key (not shown): ")
    except EOFError:
        return ""


def _warn_about_environment(run: Run) -> None:
    for name in KEY_VARIABLES:
        if run.environ.get(name):
            run.terminal.note(f"{name} is set and takes precedence over a stored key")
            return
