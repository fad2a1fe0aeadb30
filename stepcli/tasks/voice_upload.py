"""A voice sample: upload, preview or clone, and clean up.

Storage is billed by the day and cloning is charged once, so every outcome either deletes the sample
or reports that it remains.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from stepcli.errors import StepcliError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SampleUpload:
    """The upload of a sample.

    `upload` returns a file id, `delete` takes it, and `report` reports what remains; `remaining`
    returns the sentence about a file that is kept. With `keep` the file is never deleted.
    """

    upload: Callable[[], str]
    delete: Callable[[str], None]
    report: Callable[[str], None]
    remaining: Callable[[str], str]
    keep: bool = False

    def send(self) -> str:
        """Upload the sample and return its file id."""
        try:
            return self.upload()
        except (StepcliError, KeyboardInterrupt) as exc:
            if not getattr(exc, "not_processed", False):
                self.report("the sample may be stored in the account's file storage")
            raise

    def remove(self, file_id: str) -> None:
        """Delete the sample, or report that it remains."""
        if self.keep:
            self.report_kept(file_id)
            return
        try:
            self.delete(file_id)
        except (StepcliError, KeyboardInterrupt) as exc:
            self.report(
                f"{file_id} could not be deleted from the account's file storage; "
                f"try again with: stepcli voices uploads --delete {file_id}"
            )
            if not isinstance(exc, StepcliError):
                raise

    def report_kept(self, file_id: str) -> None:
        """Report that the sample remains."""
        self.report(self.remaining(file_id))


def preview(upload: SampleUpload, use: Callable[[str], T]) -> T:
    """Return the result of `use` for the uploaded sample, which is deleted afterwards."""
    file_id = upload.send()
    try:
        return use(file_id)
    finally:
        upload.remove(file_id)


def clone(upload: SampleUpload, use: Callable[[str], T]) -> tuple[str, T]:
    """Return the file id of the uploaded sample and the result of `use`.

    The file is kept if a voice may refer to it: it is unknown whether a voice outlives its file,
    and losing a voice costs more than storage.
    """
    file_id = upload.send()
    try:
        made = use(file_id)
    except (StepcliError, KeyboardInterrupt) as exc:
        if getattr(exc, "not_processed", False):
            upload.remove(file_id)
        else:
            upload.report_kept(file_id)
        raise
    return file_id, made
