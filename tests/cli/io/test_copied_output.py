"""The copy of streamed sound when its output fails early, late or not at all."""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from pathlib import Path

import pytest
import soundfile

from stepcli.audio.recording_file import RecordingFile
from stepcli.audio_types import PCM, AudioFormat
from stepcli.cli.io.copied_output import CopiedOutput
from stepcli.cli.io.output import EncodedOutput
from stepcli.errors import NetworkError, OutputError
from stepcli.storage.atomic_file import AtomicFile, completed

MONO = PCM(16000)
SECOND = bytes(32000)


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr("stepcli.cli.io.copied_output.fallback_directory", lambda: tmp_path / "t")
    return tmp_path / "state"


def copies(tmp_path: Path) -> list[Path]:
    return [path for name in ("state", "t") for path in (tmp_path / name).rglob("*.wav")]


def copied(tmp_path: Path) -> CopiedOutput:
    file = AtomicFile(tmp_path / "a.flac")
    return CopiedOutput(EncodedOutput(file, AudioFormat.FLAC, MONO), MONO)


def full(*_: object) -> None:
    raise OutputError("cannot write a.flac: No space left on device")


def full_disk(*_: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_failed_write_keeps_its_sound_and_stops_the_next_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sound of the failed write is in the copy, that of the refused one is not."""
    output = copied(tmp_path)
    output.write(SECOND)
    with monkeypatch.context() as patch:
        patch.setattr(EncodedOutput, "write", full)
        output.write(SECOND)
    with pytest.raises(OutputError, match="No space left"):
        output.write(SECOND)
    where = output.set_aside()
    output.abort()
    (kept,) = copies(tmp_path)
    assert where == f"the audio received so far is kept in {kept}"
    assert soundfile.info(str(kept)).frames == 2 * MONO.rate
    assert kept.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("function", ["close", "write"])
def test_last_failure_is_raised_by_close(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, function: str
) -> None:
    monkeypatch.setattr(EncodedOutput, function, full)
    with pytest.raises(OutputError) as failure, completed(copied(tmp_path)) as output:
        output.write(SECOND)
    (kept,) = copies(tmp_path)
    assert str(kept) in (failure.value.hint or "")
    assert soundfile.info(str(kept)).frames == MONO.rate


def test_failed_rename_keeps_the_sound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "replace", full_disk)
    with pytest.raises(OutputError) as failure, completed(copied(tmp_path)) as output:
        output.write(SECOND)
    assert str(copies(tmp_path)[0]) in (failure.value.hint or "")


def test_failed_run_whose_output_cannot_be_completed_keeps_the_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(EncodedOutput, "set_aside", full)
    output = copied(tmp_path)
    output.write(SECOND)
    assert str(copies(tmp_path)[0]) in (output.set_aside() or "")
    output.abort()


def test_copy_is_removed_where_the_output_does_not_fail(tmp_path: Path) -> None:
    with completed(copied(tmp_path)) as output:
        output.write(SECOND)
        assert copies(tmp_path)
    assert not copies(tmp_path)
    with suppress(NetworkError), completed(copied(tmp_path)) as output:
        output.write(SECOND)
        assert output.set_aside() is not None
        raise NetworkError("closed")
    assert not copies(tmp_path)


def test_copy_is_in_the_temporary_directory_where_the_state_cannot_be_written(
    tmp_path: Path, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state.write_bytes(b"not a directory")
    monkeypatch.setattr(EncodedOutput, "close", full)
    with pytest.raises(OutputError) as failure, completed(copied(tmp_path)) as output:
        output.write(SECOND)
    (kept,) = copies(tmp_path)
    assert kept.parent == tmp_path / "t"
    assert str(kept) in (failure.value.hint or "")


def test_run_does_not_need_the_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it ends, the failure of the output is raised at once and names the beginning."""
    output = copied(tmp_path)
    output.write(SECOND)
    monkeypatch.setattr(RecordingFile, "write", full)
    output.write(SECOND)
    monkeypatch.setattr(EncodedOutput, "write", full)
    with pytest.raises(OutputError):
        output.write(SECOND)
    assert "the first 1.0 s of the audio" in (output.set_aside() or "")
    output.abort()
