"""A file that grows while others read it."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from stepcli.errors import OutputError
from stepcli.storage.growing_file import GrowingFile, no_header
from tests.support.full_disk import file_size_limit

BLOCK = bytes(range(256)) * 16
LIMIT = 40_000


class ShortWrites(io.FileIO):
    """A disk that takes at most 1,000 bytes at a time."""

    def write(self, data: object) -> int:
        return super().write(memoryview(data)[:1000])  # type: ignore[arg-type]


def header(size: int) -> bytes:
    return f"{size:08d}".encode()


def write_blocks(file: GrowingFile) -> None:
    for _ in range(12):
        file.write(BLOCK)


def test_short_writes_lose_nothing(tmp_path: Path) -> None:
    """What the disk takes only in part is written to its end, the header too."""
    file = GrowingFile(ShortWrites(tmp_path / "a", "w+"), lambda _: bytes(3000), "cannot write")
    write_blocks(file)
    file.write_header()
    assert file.read(0, 1 << 20) == 12 * BLOCK
    file.close()
    assert (tmp_path / "a").read_bytes() == bytes(3000) + 12 * BLOCK


def test_full_disk_is_an_output_error(tmp_path: Path) -> None:
    """A block that the disk takes in part and then refuses is not counted."""
    file = GrowingFile.create(tmp_path / "a", header, "cannot record into a")
    with file_size_limit(LIMIT), pytest.raises(OutputError) as caught:
        write_blocks(file)
    assert caught.value.message == "cannot record into a: File too large"
    assert file.read(0, 1 << 20) == BLOCK * (file.size // len(BLOCK))
    file.close()


def test_content_moves_to_memory_where_the_disk_is_full(tmp_path: Path) -> None:
    """With a handler for failures nothing is lost, and the handler is called once."""
    failures: list[OSError] = []
    path = tmp_path / "a"
    file = GrowingFile(path.open("w+b", buffering=0), header, "", on_failure=failures.append)
    with file_size_limit(LIMIT):
        write_blocks(file)
        file.write_header()
    assert file.size == 12 * len(BLOCK)
    assert file.read(0, 1 << 20) == 12 * BLOCK
    assert len(failures) == 1
    file.close()


def test_header_that_the_disk_refuses_moves_the_content_to_memory(tmp_path: Path) -> None:
    """The header is written last, and may be what fails."""
    failures: list[OSError] = []
    path = tmp_path / "a"
    file = GrowingFile(path.open("w+b", buffering=0), header, "", on_failure=failures.append)
    file.write(b"sound")
    with file_size_limit(4):
        file.write_header()
    assert (file.read(0, 100), len(failures)) == (b"sound", 1)


def test_reading_does_not_disturb_writing(tmp_path: Path) -> None:
    file = GrowingFile.create(tmp_path / "a", no_header, "cannot write")
    file.write(b"abc")
    assert file.read(1, 1) == b"b"
    file.write(b"def")
    assert file.read(0, 100) == b"abcdef"
    file.close()


def test_new_file_is_private(tmp_path: Path) -> None:
    GrowingFile.create(tmp_path / "a", no_header, "cannot write").close()
    assert (tmp_path / "a").stat().st_mode & 0o077 == 0
