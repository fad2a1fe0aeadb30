"""A recording on disk, at any moment of its life."""

from __future__ import annotations

import stat
import threading
import wave
from pathlib import Path

import pytest

from stepcli.audio.recording_file import RecordingFile
from stepcli.audio_types import PCM
from stepcli.errors import OutputError
from stepcli.storage.growing_file import GrowingFile

MONO = PCM(16000)


def samples(seconds: float) -> bytes:
    return b"\x01\x02" * round(seconds * MONO.rate)


def frames(path: Path) -> int:
    """Return the number of frames according to the standard library."""
    with wave.open(str(path)) as file:
        return len(file.readframes(file.getnframes())) // 2


def test_header_is_valid_at_any_time(tmp_path: Path) -> None:
    """It may miss 0.3 s until the file is closed."""
    recording_file = RecordingFile(tmp_path / "a.wav", MONO)
    for _ in range(100):
        recording_file.write(samples(0.032))
        assert recording_file.size // 2 - frames(recording_file.path) <= 0.3 * MONO.rate
    recording_file.close()
    assert frames(recording_file.path) == 100 * 512


def test_file_and_directory_are_private(tmp_path: Path) -> None:
    recording_file = RecordingFile(tmp_path / "room" / "a.wav", MONO)
    recording_file.close()
    assert stat.S_IMODE(recording_file.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(recording_file.path.parent.stat().st_mode) == 0o700


def test_reader_follows_the_writer(tmp_path: Path) -> None:
    recording_file = RecordingFile(tmp_path / "a.wav", MONO)
    assert recording_file.read(0, 100) == b""
    assert not recording_file.wait_beyond(0, 0.001)
    writer = threading.Thread(target=recording_file.write, args=(b"abcdef",))
    writer.start()
    assert recording_file.wait_beyond(0, 20)
    writer.join()
    assert (recording_file.read(2, 100), recording_file.read(6, 100)) == (b"cdef", b"")
    recording_file.close()


def test_part_can_be_read_several_times(tmp_path: Path) -> None:
    recording_file = RecordingFile(tmp_path / "a.wav", MONO)
    recording_file.write(b"aabbccdd")
    track = recording_file.track()
    recording_file.write(b"ee")
    assert (track.duration, track.pcm) == (4 / MONO.rate, MONO)
    assert [b"".join(track.part(1, 3)) for _ in range(2)] == [b"bbcc", b"bbcc"]
    assert b"".join(track.part(2, None)) == b"ccdd"
    recording_file.close()


def test_unwritable_directory_is_an_output_error(tmp_path: Path) -> None:
    (tmp_path / "room").write_text("")
    with pytest.raises(OutputError, match="cannot record into"):
        RecordingFile(tmp_path / "room" / "a.wav", MONO)


def test_recording_moves_where_the_disk_fills_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is lost, for the reader and for a piece that is sent later either."""
    notes: list[str] = []
    (tmp_path / "fallback").mkdir()
    path = tmp_path / "room" / "a.wav"
    file = RecordingFile(path, MONO, tmp_path / "fallback", notes.append)
    block = samples(0.1)
    file.write(block)
    piece = file.track()
    write = GrowingFile.write

    def refuse(file: GrowingFile, data: bytes) -> None:
        if not (tmp_path / "fallback" / "a.wav").exists():
            raise OutputError("cannot record: the disk is full")
        write(file, data)

    monkeypatch.setattr(GrowingFile, "write", refuse)
    file.write(block)
    assert file.read(0, 1 << 20) == 2 * block
    file.write(block)
    file.close()
    assert file.path == tmp_path / "fallback" / "a.wav"
    assert not path.exists()
    assert b"".join(file.blocks()) == 3 * block
    assert b"".join(piece.part(0, None)) == block
    assert frames(file.path) == 3 * 1600
    assert len(notes) == 1


def test_recording_begins_elsewhere_where_the_directory_cannot_be_written(tmp_path: Path) -> None:
    notes: list[str] = []
    (tmp_path / "room").touch()
    file = RecordingFile(tmp_path / "room" / "a.wav", MONO, tmp_path, notes.append)
    file.write(samples(1))
    file.close()
    assert frames(tmp_path / "a.wav") == MONO.rate
    assert len(notes) == 1
