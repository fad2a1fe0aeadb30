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
class Deposit:
    """The upload of a sample.

    ``upload`` returns a file id, ``delete`` takes it, and ``tell`` reports what remains. With
    ``keep`` the file is never deleted.
    """

    upload: Callable[[], str]
    delete: Callable[[str], None]
    tell: Callable[[str], None]
    keep: bool = False

    def bring(self) -> str:
        """Upload the sample and return its file id."""
        try:
            return self.upload()
        except (StepcliError, KeyboardInterrupt) as exc:
            if not getattr(exc, "not_processed", False):
                self.tell("the sample may be stored in the account's file storage")
            raise

    def clear(self, file_id: str) -> None:
        """Delete the sample, or report that it remains."""
        if self.keep:
            self.stays(file_id)
            return
        try:
            self.delete(file_id)
        except (StepcliError, KeyboardInterrupt) as exc:
            self.tell(f"{file_id} could not be deleted from the account's file storage")
            if not isinstance(exc, StepcliError):
                raise

    def stays(self, file_id: str) -> None:
        self.tell(f"the sample stays in the account's file storage as {file_id}")


def preview(deposit: Deposit, ask: Callable[[str], T]) -> T:
    """Return the result of ``ask`` for the uploaded sample, which is deleted afterwards."""
    file_id = deposit.bring()
    try:
        return ask(file_id)
    finally:
        deposit.clear(file_id)


def clone(deposit: Deposit, ask: Callable[[str], T]) -> tuple[str, T]:
    """Return the file id of the uploaded sample and the result of ``ask``.

    The file is kept if a voice may refer to it: it is unknown whether a voice outlives its file,
    and losing a voice costs more than storage.
    """
    file_id = deposit.bring()
    try:
        made = ask(file_id)
    except (StepcliError, KeyboardInterrupt) as exc:
        if getattr(exc, "not_processed", False):
            deposit.clear(file_id)
        else:
            deposit.stays(file_id)
        raise
    return file_id, made
