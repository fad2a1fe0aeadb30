"""A sample to a voice: upload, then preview or clone, then clear up.

Storage is billed by the day and cloning is charged once, so every way out of here leaves either
nothing behind or a sentence about what it left.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from stepcli.errors import StepcliError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Deposit:
    """A sample's stay in the service's storage.

    ``upload`` returns the file's id, ``delete`` takes it; ``tell`` hears what was left behind.
    With ``keep`` the file stays whatever happens.
    """

    upload: Callable[[], str]
    delete: Callable[[str], None]
    tell: Callable[[str], None]
    keep: bool = False

    def bring(self) -> str:
        """Upload the sample; its file's id."""
        try:
            return self.upload()
        except (StepcliError, KeyboardInterrupt) as exc:
            if not getattr(exc, "not_processed", False):
                self.tell("the sample may have reached the account's file storage all the same")
            raise

    def clear(self, file_id: str) -> None:
        """Delete the sample again, or say that it stays."""
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
    """What ``ask`` makes of the uploaded sample, which is gone again however this ends."""
    file_id = deposit.bring()
    try:
        return ask(file_id)
    finally:
        deposit.clear(file_id)


def clone(deposit: Deposit, ask: Callable[[str], T]) -> tuple[str, T]:
    """The uploaded sample's file id and what ``ask`` makes of it.

    The file stays if a voice may refer to it.

    Nobody says whether a voice outlives its file, and a broken voice costs more than its storage.
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
