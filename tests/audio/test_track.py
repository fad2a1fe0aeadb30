"""The audio of one input, and the errors of inputs that have none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from stepcli.audio.track import (
    BLOCK,
    Track,
    file_blocks,
    truncated_error,
    uploaded_as_is,
)
from stepcli.audio_types import PCM
from stepcli.errors import UsageError

SECOND = PCM(10)


def _numbers(first: int, last: int | None) -> Iterator[bytes]:
    """Yield frames that are their own number, of a hundred."""
    yield bytes(range(first, 100 if last is None else last))


def test_section_is_read_in_its_own_frames() -> None:
    section = Track(SECOND, _numbers, 10.0).section(20, 50)
    assert section.duration == 3.0
    assert b"".join(section.part(0, None)) == bytes(range(20, 50))
    assert b"".join(section.part(5, 8)) == bytes(range(25, 28))
    assert b"".join(section.section(10, 20).part(0, None)) == bytes(range(30, 40))


def test_bytes_of_a_file_are_read_in_blocks(tmp_path: Path) -> None:
    path = tmp_path / "a"
    data = bytes(range(256)) * 512
    path.write_bytes(data)
    blocks = list(file_blocks(path))
    assert b"".join(blocks) == data
    assert max(map(len, blocks)) == BLOCK
    assert b"".join(file_blocks(path, 3, 4)) == data[3:7]
    assert b"".join(file_blocks(path, len(data) - 2, 4)) == data[-2:]


def test_file_that_cannot_be_read_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"cannot read .*missing\.wav: No such file"):
        list(file_blocks(tmp_path / "missing.wav"))


def test_file_can_be_uploaded_again(tmp_path: Path) -> None:
    path = tmp_path / "a.mp3"
    path.write_bytes(b"sound")
    recording = uploaded_as_is(path, "mp3")
    assert (recording.container, recording.size, recording.pcm) == ("mp3", 5, None)
    assert [b"".join(recording.open()) for _ in range(2)] == [b"sound", b"sound"]


def test_hint_about_a_truncated_file_can_be_pasted() -> None:
    hint = truncated_error("my talk.m4a").hint or ""
    assert "ffmpeg -i 'my talk.m4a' 'my talk-part.wav'" in hint
    assert "ffmpeg" not in (truncated_error("my talk.m4a", readable=False).hint or "")
