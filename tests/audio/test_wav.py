"""WAV headers: reading true, unknown and broken ones, writing true ones of any size."""

from __future__ import annotations

import io
import struct
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO
from unittest import mock

import pytest
import soundfile

from stepcli.audio import wav
from stepcli.audio_types import PCM
from tests.support.sounds import needs_ffmpeg, probe

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer as Buffer

MONO = PCM(16000)
STEREO = PCM(48000, 2)
MARK = b"mark" * 25


def _layout(data: bytes) -> wav.Layout | None:
    return wav.layout(io.BytesIO(data))


def test_layout_of_a_complete_file_is_exact() -> None:
    found = _layout(wav.header(PCM(44100, 2), 400) + bytes(400))
    assert found == wav.Layout(PCM(44100, 2), 44, 400, truthful=True, missing=0)


@pytest.mark.parametrize("reported", [0, 0x7FFFF000, 0x7FFFFFFF, 0xFFFFFFFF])
def test_samples_of_unknown_length_last_to_the_end_of_the_file(reported: int) -> None:
    """As those of a file that was written to a pipe."""
    head = bytearray(wav.header(MONO, 100))
    head[40:44] = struct.pack("<I", reported)
    assert _layout(bytes(head) + bytes(300)) == wav.Layout(MONO, 44, 300, truthful=False, missing=0)


def test_missing_bytes_are_counted() -> None:
    assert _layout(wav.header(MONO, 500) + bytes(200)) == wav.Layout(
        MONO, 44, 200, truthful=True, missing=300
    )


def test_chunks_before_the_samples_are_skipped() -> None:
    """Also those of odd length, which are padded."""
    head = wav.header(MONO, 4)
    tagged = head[:36] + b"LIST" + struct.pack("<I", 3) + b"abc\0" + head[36:] + bytes(4)
    found = _layout(tagged)
    assert found is not None
    assert (found.offset, found.size) == (56, 4)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"RIFF",
        b"RIFF\0\0\0\0AVI ",
        wav.header(MONO, 4)[:20],
        b"RIFF\4\0\0\0WAVEfmt \xff\xff\xff\xff",
    ],
)
def test_other_files_have_no_layout(data: bytes) -> None:
    assert _layout(data) is None


@needs_ffmpeg
@pytest.mark.parametrize(
    ("codec", "plain"),
    [
        ("pcm_s16le", True),
        ("pcm_s24le", False),
        ("pcm_u8", False),
        ("pcm_f32le", False),
        ("adpcm_ms", False),
    ],
)
def test_only_16_bit_samples_have_a_layout(codec: str, plain: bool) -> None:
    """As ffmpeg writes them to a pipe."""
    command = [
        "ffmpeg",
        "-v",
        "error",
        "-f",
        "lavfi",
        "-i",
        "sine=d=0.1",
        "-c:a",
        codec,
        "-f",
        "wav",
        "-",
    ]
    made = subprocess.run(command, capture_output=True, check=True).stdout
    assert (_layout(made) is not None) == plain


def _sizes(path: Path) -> tuple[int, int]:
    """The sizes of the RIFF and of the data chunk in a header of 44 bytes."""
    with path.open("rb") as file:
        head = file.read(44)
    return struct.unpack("<I", head[4:8])[0], struct.unpack("<I", head[40:44])[0]


def _write_sparse(path: Path, size: int, pcm: PCM = STEREO) -> None:
    """Write ``size`` bytes of samples, most of which are a hole in the file."""
    with path.open("w+b") as file:
        writer = wav.WavWriter(file, pcm)
        writer.write(MARK)
        writer.write(MARK)
        file.seek(size - 3 * len(MARK), 1)
        writer.write(MARK)
        writer.close()


GIB = 1 << 30


@pytest.mark.parametrize(
    "size", [4800, GIB, 2 * GIB, 0x7FFFF000, 0x7FFFF004, 3 * GIB, 4 * GIB - 44, 4 * GIB - 40]
)
def test_written_file_states_its_size(tmp_path: Path, size: int) -> None:
    path = tmp_path / "a.wav"
    with mock.patch.object(wav, "RESERVE_FROM", 8 * GIB):
        _write_sparse(path, size)
    assert _sizes(path) == (size + 36, size)
    assert soundfile.info(str(path)).frames == size // 4


@pytest.mark.parametrize("size", [4 * GIB + 400, 5 * GIB, 13 * GIB])
@needs_ffmpeg
def test_file_beyond_4_gib_becomes_rf64(tmp_path: Path, size: int) -> None:
    path = tmp_path / "a.wav"
    with mock.patch.object(wav, "RESERVE_FROM", len(MARK)):
        _write_sparse(path, size)
    info = soundfile.info(str(path))
    assert (info.format, info.frames) == ("RF64", size // 4)
    assert probe(path).duration == pytest.approx(STEREO.seconds(size))
    with path.open("rb") as file:
        found = wav.layout(file)
        assert found
        assert (found.size, found.truthful, found.missing) == (size, True, 0)
        file.seek(found.offset)
        assert file.read(2 * len(MARK)) == MARK + MARK
        file.seek(-len(MARK), 2)
        assert file.read() == MARK


def test_room_for_64_bit_sizes_moves_no_sample(tmp_path: Path) -> None:
    """A file that grows beyond the mark, but not beyond 4 GiB, stays an ordinary WAV."""
    sound = bytes(range(256)) * 40
    path = tmp_path / "a.wav"
    with (
        mock.patch.object(wav, "RESERVE_FROM", 3000),
        mock.patch.object(wav, "_BLOCK", 1000),
        path.open("w+b") as file,
    ):
        writer = wav.WavWriter(file, STEREO)
        for start in range(0, len(sound), 600):
            writer.write(sound[start : start + 600])
        writer.close()
    assert path.read_bytes()[:4] == b"RIFF"
    assert path.read_bytes()[-len(sound) :] == sound
    assert soundfile.info(str(path)).frames == len(sound) // 4


def test_interrupted_move_loses_no_sample() -> None:
    """What an interrupt leaves holds all samples, some of them twice."""
    sound = bytes(range(256)) * 40
    file = InterruptedFile(wav.header(STEREO) + sound)
    with mock.patch.object(wav, "_BLOCK", 1000), pytest.raises(KeyboardInterrupt):
        wav._reserve_ds64(file)
    wav.correct_sizes(file)
    data = file.getvalue()
    moved = 4 * 1000
    assert data[44 : -36 - moved] + data[-moved:] == sound


class InterruptedFile(io.BytesIO):
    """A file of which the fifth write is interrupted."""

    writes = 0

    def write(self, data: Buffer) -> int:
        self.writes += 1
        if self.writes == 5:
            raise KeyboardInterrupt
        return super().write(data)


@pytest.mark.parametrize("size", [4800, 3 * GIB])
@pytest.mark.parametrize("stated", [0, 0x7FFFF000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF])
def test_unknown_size_is_corrected(tmp_path: Path, stated: int, size: int) -> None:
    """As of an answer that the service sends while it makes it."""
    path = tmp_path / "a.wav"
    head = wav.header(STEREO)[:40] + struct.pack("<I", stated)
    with path.open("w+b") as file:
        file.write(head)
        file.truncate(len(head) + size)
        wav.correct_sizes(file)
    assert _sizes(path) == (size + 36, size)


def test_unknown_size_beyond_4_gib_becomes_rf64(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    with mock.patch.object(wav, "_reserve_ds64", side_effect=_insert_room), path.open("w+b") as f:
        f.write(wav.header(STEREO))
        f.truncate(44 + 5 * GIB)
        wav.correct_sizes(f)
    assert soundfile.info(str(path)).frames == 5 * GIB // 4


def _insert_room(file: BinaryIO) -> None:
    """Make room in a file of zeros without moving gigabytes."""
    size = file.seek(0, 2)
    file.truncate(size + 36)
    file.seek(12)
    file.write(struct.pack("<4sI28x", b"JUNK", 28) + wav.header(STEREO)[12:])


@pytest.mark.parametrize("size", [400, 3 * GIB])
def test_true_header_is_not_touched(tmp_path: Path, size: int) -> None:
    """Also where another chunk follows the samples."""
    path = tmp_path / "a.wav"
    head = bytearray(wav.header(STEREO, size))
    head[4:8] = struct.pack("<I", size + 36 + 12)
    with path.open("w+b") as file:
        file.write(head)
        file.seek(size, 1)
        file.write(b"LIST\4\0\0\0abcd")
        wav.correct_sizes(file)
        file.seek(0)
        assert file.read(44) == head
        found = wav.layout(file)
    assert found == wav.Layout(STEREO, 44, size, truthful=True, missing=0)


def test_truncated_file_beyond_2_gib_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    with path.open("w+b") as file:
        file.write(wav.header(STEREO, 0x7FFF0000 - 4))
        file.truncate(44 + GIB)
        found = wav.layout(file)
    assert found
    assert found.missing == 0x7FFF0000 - 4 - GIB


def test_header_of_more_than_riff_can_hold_says_unknown() -> None:
    assert wav.header(STEREO, 5 * GIB)[40:44] == b"\xff" * 4


def test_pipe_gets_the_header_and_the_samples_alone() -> None:
    file = Unseekable()
    writer = wav.WavWriter(file, STEREO)
    writer.write(b"abcd")
    writer.close()
    assert file.getvalue() == wav.header(STEREO) + b"abcd"


class Unseekable(io.BytesIO):
    def seekable(self) -> bool:
        return False

    def seek(self, *_: int) -> int:
        raise OSError(29, "Illegal seek")


def test_appended_files_are_found() -> None:
    one = wav.header(MONO, 4) + bytes(4) + b"LIST\3\0\0\0abc\0"
    assert list(wav.appended_files(io.BytesIO(one * 3))) == [len(one), 2 * len(one)]
