"""``stepcli voices uploads``: what a clone or a kept preview leaves in the account's storage."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.support.in_process import InProcess
from tests.support.program import Finished, Program
from tests.support.service import Sandbox
from tests.support.terminal import on_terminal
from tests.support.voice_samples import write_sample


def _kept(stepcli: Program, sample: Path) -> tuple[str, Finished]:
    """Return the id of an upload that remains, and the run that left it."""
    done = stepcli("voices", "preview", sample, "-o", "p.mp3", "--keep-upload")
    assert done.code == 0, done.stderr
    return done.stderr.split()[-1], done


def _listed(stepcli: Program) -> list[str]:
    uploads = json.loads(stepcli("voices", "uploads", "--json").stdout)["uploads"]
    return [upload["id"] for upload in uploads]


def test_sample_of_a_clone_is_named_with_its_daily_cost(run: InProcess, sample: Path) -> None:
    done = run("voices", "clone", sample, "--yes")
    assert done.code == 0
    remains = re.search(
        r"storage as (\S+), for less than \$0\.0001 a day; "
        r"delete it with: stepcli voices uploads --delete (\S+)",
        done.stderr,
    )
    assert remains
    assert remains[1] == remains[2]
    listed = run("voices", "uploads")
    assert listed.stdout.startswith(remains[1])
    assert re.search(rf"mum.wav \(7.\d s\) · cloned as {done.stdout.strip()}", listed.stdout)
    assert "storage costs less than $0.0001 a day" in listed.stderr


def test_json_describes_the_uploads(stepcli: Program, sample: Path) -> None:
    file_id, _ = _kept(stepcli, sample)
    reported = json.loads(stepcli("voices", "uploads", "--json").stdout)
    (upload,) = reported["uploads"]
    assert (upload["id"], upload["voice"]) == (file_id, None)
    assert 340_000 < upload["bytes"] < 360_000
    assert reported["daily_cost"]["currency"] == "USD"


def test_deleted_preview_leaves_nothing(run: InProcess, sample: Path) -> None:
    assert run("voices", "preview", sample, "-o", "p.mp3").code == 0
    done = run("voices", "uploads")
    assert (done.code, done.stdout) == (0, "")
    assert "nothing that stepcli uploaded remains" in done.stderr


def test_named_upload_is_deleted(stepcli: Program, service: Sandbox, sample: Path) -> None:
    first, _ = _kept(stepcli, sample)
    second, _ = _kept(stepcli, write_sample(sample.with_name("dad.wav"), 6.5))
    service.reset()
    done = stepcli("voices", "uploads", "--delete", first)
    assert (done.code, done.stdout) == (0, f"{first}\n")
    assert [entry["path"] for entry in service.log("delete")] == [f"/v1/files/{first}"]
    assert _listed(stepcli) == [second]


def test_all_uploads_are_deleted_after_a_question(stepcli: Program, sample: Path) -> None:
    file_id, _ = _kept(stepcli, sample)
    assert stepcli("voices", "uploads", "--delete").code == 2
    with on_terminal(stepcli, "voices", "uploads", "--delete") as screen:
        screen.wait_for("Delete 1 file from the account's file storage? [y/N]")
        screen.type("n\n")
        assert screen.finish().code == 1
    assert _listed(stepcli) == [file_id]
    assert stepcli("voices", "uploads", "--delete", "--yes").code == 0
    assert _listed(stepcli) == []
    assert stepcli("voices", "uploads", "--delete").code == 0


def test_upload_that_cannot_be_deleted_remains_listed(
    stepcli: Program, service: Sandbox, sample: Path
) -> None:
    file_id, _ = _kept(stepcli, sample)
    service.fault("delete:*:500")
    done = stepcli("voices", "uploads", "--delete", file_id, "--retries", "0")
    assert done.code == 6
    assert f"error: {file_id}: " in done.stderr
    assert _listed(stepcli) == [file_id]


@pytest.mark.parametrize("arguments", [("--delete", "file-unknown"), ("file-unknown",), ("--yes",)])
def test_invalid_arguments_send_nothing(
    run: InProcess, service: Sandbox, arguments: tuple[str, ...]
) -> None:
    assert run("voices", "uploads", *arguments).code == 2
    assert service.log() == []


def test_uploads_of_another_service_are_not_listed(stepcli: Program, sample: Path) -> None:
    _kept(stepcli, sample)
    stepcli.environ["STEPCLI_BASE_URL"] = "http://127.0.0.1:9/step_plan/v1"
    assert _listed(stepcli) == []
