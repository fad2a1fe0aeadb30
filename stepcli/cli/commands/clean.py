"""``stepcli clean``: show and delete what runs have kept."""

from __future__ import annotations

from typing import TypedDict

from stepcli.cli.context import Run
from stepcli.cli.io.table import Column, show_table
from stepcli.cli.io.terminal import Terminal
from stepcli.cli.params.command import command, command_app
from stepcli.cli.params.options import argument, flag
from stepcli.cli.params.values import Choices
from stepcli.errors import UsageError
from stepcli.settings import state_dir
from stepcli.storage.kept_files import KINDS, KeptFiles, kept_files

app = command_app()

_KIND_NAMES = ", ".join(KINDS)


class Kept(TypedDict):
    """What there is of a kind, as ``--json`` prints it."""

    kind: str
    files: int
    bytes: int
    directory: str


@command(app)
def clean(
    run: Run,
    kinds: list[str] | None = argument(
        "[KIND...]", kind=Choices(tuple(KINDS)), help=f"What to delete: {_KIND_NAMES}."
    ),
    all_: bool = flag("--all", help="Delete everything."),
) -> None:
    """Show what runs have kept for the next one, or delete it.

    Without KIND, nothing is deleted. What a run is using is left alone. Settings, the API key and
    aliases are not affected.
    """
    wanted = _checked(kinds or [])
    found = kept_files(state_dir())
    chosen = [one for one in found if all_ or one.kind in wanted]
    before = {one.kind: _described(one) for one in chosen}
    for one in chosen:
        one.remove()
    kept = [_described(one) for one in found]
    deleted = [_removed(before[one["kind"]], one) for one in kept if one["kind"] in before]
    if run.terminal.json:
        run.terminal.result_json({"kept": kept, "deleted": deleted})
    elif chosen:
        run.terminal.note(f"deleted {_size(sum(one['bytes'] for one in deleted))}")
    else:
        _show(run.terminal, kept)


def _checked(kinds: list[str]) -> set[str]:
    wanted = {kind.lower() for kind in kinds}
    if unknown := sorted(wanted - KINDS.keys()):
        raise UsageError(f"KIND must be one of {_KIND_NAMES}, not {unknown[0]!r}")
    return wanted


def _described(one: KeptFiles) -> Kept:
    return {
        "kind": one.kind,
        "files": one.files,
        "bytes": one.bytes,
        "directory": str(one.directory),
    }


def _removed(before: Kept, after: Kept) -> Kept:
    files, size = before["files"] - after["files"], before["bytes"] - after["bytes"]
    return {**after, "files": files, "bytes": size}


def _show(terminal: Terminal, kept: list[Kept]) -> None:
    rows = [(one["kind"], _size(one["bytes"]), KINDS[one["kind"]]) for one in kept]
    show_table(terminal, rows, (Column("bold"), Column(width=9), Column("dim")))
    if any(one["bytes"] for one in kept):
        terminal.note("to delete: stepcli clean KIND, or stepcli clean --all")


def _size(number: float) -> str:
    """Return a number of bytes in the unit in which it is short."""
    for unit in ("B", "kB", "MB"):
        if number < 1000:
            return f"{number:.{0 if unit == 'B' else 1}f} {unit}"
        number /= 1000
    return f"{number:.1f} GB"
