"""The order of upload, use and deletion, whatever fails on the way."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from stepcli.errors import NetworkError, StepcliError, Terminated, UsageError
from stepcli.tasks.voice_upload import SampleUpload, clone, preview


class Storage:
    """Remembers what was done to it; ``broken`` names the step that fails, and how."""

    def __init__(self, **broken: BaseException) -> None:
        self.broken = broken
        self.did: list[str] = []
        self.reports: list[str] = []

    def step(self, name: str) -> str:
        self.did.append(name)
        if name in self.broken:
            raise self.broken[name]
        return "file-1"

    def upload(self, *, keep: bool = False) -> SampleUpload:
        return SampleUpload(
            upload=lambda: self.step("upload"),
            delete=self.delete,
            report=self.reports.append,
            remaining=lambda file_id: f"the sample stays as {file_id}",
            keep=keep,
        )

    def delete(self, file_id: str) -> None:
        self.step(f"delete {file_id}")

    def ask(self, file_id: str) -> str:
        self.step(f"ask {file_id}")
        return "made"


def _undone(error: StepcliError) -> StepcliError:
    error.not_processed = True
    return error


ALL = ["upload", "ask file-1", "delete file-1"]


def test_sample_is_deleted_after_the_preview() -> None:
    """The sample is gone when the preview is there."""
    storage = Storage()
    assert preview(storage.upload(), storage.ask) == "made"
    assert (storage.did, storage.reports) == (ALL, [])


@pytest.mark.parametrize("failure", [NetworkError("x"), KeyboardInterrupt(), Terminated()])
def test_sample_is_deleted_after_a_failed_preview(failure: BaseException) -> None:
    """Nor does it stay after a failure, Ctrl-C or SIGTERM, which is still what is raised."""
    storage = Storage(**{"ask file-1": failure})
    with pytest.raises(type(failure)):
        preview(storage.upload(), storage.ask)
    assert (storage.did, storage.reports) == (ALL, [])


def test_preview_with_keep_reports_the_sample() -> None:
    """With keep the file stays and its id is reported."""
    storage = Storage()
    preview(storage.upload(keep=True), storage.ask)
    assert storage.did == ALL[:2]
    assert "file-1" in storage.reports[0]


def test_failed_deletion_is_reported() -> None:
    """The preview succeeds, and the remaining file is reported."""
    storage = Storage(**{"delete file-1": NetworkError("x")})
    assert preview(storage.upload(), storage.ask) == "made"
    assert "file-1 could not be deleted" in storage.reports[0]


def test_interrupted_deletion_is_reported_and_raised() -> None:
    """A second Ctrl-C ends the run, and the remaining file is reported."""
    storage = Storage(**{"delete file-1": KeyboardInterrupt()})
    with pytest.raises(KeyboardInterrupt):
        preview(storage.upload(), storage.ask)
    assert "file-1 could not be deleted" in storage.reports[0]


@pytest.mark.parametrize("use", [preview, clone])
@pytest.mark.parametrize(
    ("failure", "unsure"),
    [(_undone(UsageError("x")), False), (NetworkError("x"), True), (KeyboardInterrupt(), True)],
)
def test_failed_upload_reports_that_the_sample_may_be_stored(
    use: Callable[..., object], failure: BaseException, unsure: bool
) -> None:
    """Nothing follows a failed upload; the message says if it may have arrived."""
    storage = Storage(upload=failure)
    with pytest.raises(type(failure)):
        use(storage.upload(), storage.ask)
    assert storage.did == ["upload"]
    assert bool(storage.reports) is unsure


def test_sample_of_a_clone_is_kept() -> None:
    """The voice refers to the file."""
    storage = Storage()
    assert clone(storage.upload(), storage.ask) == ("file-1", "made")
    assert (storage.did, storage.reports) == (ALL[:2], [])


def test_sample_of_a_refused_clone_is_deleted() -> None:
    """The sample is deleted if certainly no voice was created."""
    storage = Storage(**{"ask file-1": _undone(UsageError("x"))})
    with pytest.raises(UsageError):
        clone(storage.upload(), storage.ask)
    assert (storage.did, storage.reports) == (ALL, [])


@pytest.mark.parametrize("failure", [NetworkError("x"), KeyboardInterrupt()])
def test_sample_is_kept_if_the_clone_may_exist(failure: BaseException) -> None:
    """The file stays, and is reported, if a voice may refer to it."""
    storage = Storage(**{"ask file-1": failure})
    with pytest.raises(type(failure)):
        clone(storage.upload(), storage.ask)
    assert storage.did == ALL[:2]
    assert "file-1" in storage.reports[0]
