"""``stepcli voices uploads``: the samples that remain in the account's file storage."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from stepcli.cli.context import Run
from stepcli.cli.error_report import report
from stepcli.cli.io.table import Column, show_table
from stepcli.cli.io.terminal import DECLINED
from stepcli.errors import StepcliError, UsageError
from stepcli.settings import state_dir
from stepcli.storage.upload_record import Upload, UploadRecord
from stepcli.tasks.pricing import describe_daily_cost, storage_cost

if TYPE_CHECKING:
    from stepcli.base_url import BaseURL


_NOTHING_REMAINS = "nothing that stepcli uploaded remains"


def upload_record() -> UploadRecord:
    """Return the record of what remains in the account's file storage."""
    return UploadRecord(state_dir() / "uploads.json")


def recorded_upload(run: Run, file_id: str) -> Upload | None:
    """Return the record of a file at the service of `run`; a private sandbox has none."""
    if run.connection.sandbox:
        return None
    return upload_record().find(file_id, str(run.base_url.open))


def new_upload(base: BaseURL, file_id: str, name: str, size: int) -> Upload:
    """Return an upload of `size` bytes that has just arrived at `base`."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return Upload(file_id, str(base), name, size, now)


def remaining(run: Run, file_id: str) -> str:
    """Return the sentence that a sample remains, what that costs, and how to delete it."""
    sentence = f"the sample stays in the account's file storage as {file_id}"
    upload = recorded_upload(run, file_id)
    if upload is None:
        return sentence
    cost = describe_daily_cost(storage_cost(upload.size, run.site))
    return f"{sentence}, for {cost}; delete it with: stepcli voices uploads --delete {file_id}"


def list_uploads(run: Run) -> None:
    """Print the uploads that remain, and what they cost a day."""
    uploads = _uploads(run)
    total = storage_cost(sum(one.size for one in uploads), run.site)
    if run.terminal.json:
        entries = [_described(run, one) for one in uploads]
        run.terminal.result_json({"uploads": entries, "daily_cost": total.to_json()})
        return
    rows = [
        (one.id, one.uploaded_at[:10], f"{one.size / 1e6:.2f} MB", _purpose(one)) for one in uploads
    ]
    show_table(run.terminal, rows, (Column("bold"), Column("dim"), Column(width=9), Column()))
    if uploads:
        run.terminal.note(f"storage costs {describe_daily_cost(total)} in all")
    else:
        run.terminal.note(_NOTHING_REMAINS)


def delete_uploads(run: Run, ids: Sequence[str], *, yes: bool) -> int:
    """Delete the uploads with `ids`, all without any, and return the exit code.

    It is that of the first failure. Raise UsageError for an id that is not recorded, and where a
    terminal is needed to confirm that all are deleted.
    """
    chosen = _chosen(_uploads(run), ids)
    if not (ids or yes or not chosen) and not _confirmed(run, len(chosen)):
        run.terminal.note("cancelled; nothing was deleted")
        return DECLINED
    deleted, failures = _delete(run, chosen)
    if run.terminal.json:
        run.terminal.result_json({"deleted": deleted})
    elif not chosen:
        run.terminal.note(_NOTHING_REMAINS)
    for failure in failures:
        report(failure, run.terminal)
    return failures[0].exit_code if failures else 0


def _delete(run: Run, uploads: Sequence[Upload]) -> tuple[list[str], list[StepcliError]]:
    """Delete `uploads`; return the ids of those that are gone, and the failures of the others."""
    from stepcli.api import files

    deleted: list[str] = []
    failures: list[StepcliError] = []
    if not uploads:
        return deleted, failures
    with run.client() as client:
        for one in uploads:
            try:
                files.delete(client, one.id)
            except StepcliError as failure:
                failure.add_context(one.id)
                failures.append(failure)
                if failure.affects_all_requests:
                    break
                continue
            upload_record().remove(one.id, one.base)
            deleted.append(one.id)
            if not run.terminal.json:
                run.terminal.result(one.id)
    return deleted, failures


def _uploads(run: Run) -> list[Upload]:
    return [] if run.connection.sandbox else upload_record().at(str(run.base_url.open))


def _chosen(uploads: list[Upload], ids: Sequence[str]) -> list[Upload]:
    """Return the uploads with `ids`, or all. Raise UsageError for an id that is not recorded."""
    known = {one.id: one for one in uploads}
    for id in ids:
        if id not in known:
            raise UsageError(
                f"{id} is not recorded as an upload of stepcli",
                hint="list the recorded ones with: stepcli voices uploads",
            )
    return [known[id] for id in dict.fromkeys(ids)] or uploads


def _confirmed(run: Run, count: int) -> bool:
    if not run.terminal.stdin_is_terminal:
        raise UsageError(
            "deleting all uploads needs confirmation, but stdin is not a terminal",
            hint="use --yes, or name the files to delete",
        )
    files = "1 file" if count == 1 else f"{count} files"
    return run.terminal.confirm(f"Delete {files} from the account's file storage?")


def _purpose(upload: Upload) -> str:
    return f"{upload.name} · cloned as {upload.voice}" if upload.voice else upload.name


def _described(run: Run, upload: Upload) -> dict[str, Any]:
    return {
        "id": upload.id,
        "name": upload.name,
        "bytes": upload.size,
        "uploaded_at": upload.uploaded_at,
        "voice": upload.voice,
        "daily_cost": storage_cost(upload.size, run.site).to_json(),
    }
