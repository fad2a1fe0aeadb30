"""What remains in the account's file storage is known to later runs."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from stepcli.storage.upload_record import Upload, UploadRecord

BASE = "https://service.example/v1"
FIRST = Upload("file-1", BASE, "mum.wav (7.0 s)", 336_044, "2026-11-28T12:00:00+00:00")
ELSEWHERE = Upload("file-1", "https://other.example/v1", "dad.wav", 1, FIRST.uploaded_at)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "uploads.json"


def test_uploads_of_one_service_are_listed_in_order(path: Path) -> None:
    second = Upload("file-2", BASE, "m\udcff.wav", 2, FIRST.uploaded_at)
    for upload in (FIRST, ELSEWHERE, second):
        UploadRecord(path).add(upload)
    assert UploadRecord(path).at(BASE) == [FIRST, second]
    assert UploadRecord(path).find("file-1", ELSEWHERE.base) == ELSEWHERE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_deleted_upload_is_forgotten(path: Path) -> None:
    for upload in (FIRST, ELSEWHERE):
        UploadRecord(path).add(upload)
    UploadRecord(path).remove("file-1", BASE)
    assert UploadRecord(path).at(BASE) == []
    assert UploadRecord(path).at(ELSEWHERE.base) == [ELSEWHERE]


def test_voice_of_an_upload_is_recorded(path: Path) -> None:
    UploadRecord(path).add(FIRST)
    UploadRecord(path).set_voice("file-1", BASE, "voice-tone-1")
    found = UploadRecord(path).find("file-1", BASE)
    assert found
    assert found.voice == "voice-tone-1"


@pytest.mark.parametrize("content", ["", "{", "[1]", '[{"id": "file-1"}]', "\x00"])
def test_damaged_record_is_empty(path: Path, content: str) -> None:
    path.parent.mkdir()
    path.write_text(content)
    assert UploadRecord(path).at(BASE) == []
    UploadRecord(path).add(FIRST)
    assert UploadRecord(path).at(BASE) == [FIRST]


def test_record_that_cannot_be_written_fails_no_upload(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("in the way")
    record = UploadRecord(tmp_path / "state" / "uploads.json")
    record.add(FIRST)
    assert record.at(BASE) == []
