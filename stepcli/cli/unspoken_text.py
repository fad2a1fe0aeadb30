"""Text from a pipe is nowhere else: what of it was not spoken is kept when a run fails."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from stepcli.cli.output import completed, open_output
from stepcli.cli.terminal import Terminal
from stepcli.errors import StepcliError
from stepcli.settings import state_dir
from stepcli.tasks.shelf import sweep
from stepcli.tasks.stream import Account


@contextmanager
def unspoken_kept(account: Account) -> Iterator[None]:
    """If this fails, the unspoken text is in a file, and the failure's hint says where."""
    try:
        yield
    except StepcliError as failure:
        if account.unspoken.strip() and (path := _keep(account.unspoken)):
            failure.advise(f"stepcli stream -f {path} speaks the rest")
        raise


def _keep(text: str) -> Path | None:
    """The file, kept for a week in a directory that is its owner's alone; None where none can be.

    What went wrong first is what is told then.
    """
    room = state_dir() / "unspoken"
    path = room / secrets.token_hex(4) / "text.txt"
    sweep(room)
    with suppress(OSError, StepcliError):
        path.parent.mkdir(mode=0o700, parents=True)
        with completed(open_output(str(path), Terminal(), private=True)) as file:
            file.write(text.encode())
        return path
    return None
