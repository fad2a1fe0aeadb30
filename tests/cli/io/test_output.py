"""Outputs: files, devices and stdout."""

from __future__ import annotations

import io
import os
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from stepcli.audio_types import AUDIO_EXTENSIONS, PCM, AudioFormat
from stepcli.cli.io.output import (
    EncodedOutput,
    check_apart,
    check_output,
    encoded,
    format_of_output,
    open_output,
    output_directory,
)
from stepcli.cli.io.terminal import Terminal
from stepcli.errors import OutputError, UsageError
from stepcli.storage.atomic_file import completed
from stepcli.tasks.transcription.transcript import TRANSCRIPT_EXTENSIONS
from tests.support.in_process import InProcess, pipes
from tests.support.terminal import FakeTerminal

MONO = PCM(16000)


@pytest.fixture
def stdout(tmp_path: Path) -> Iterator[Terminal]:
    """A terminal whose stdout is a file."""
    with (tmp_path / "stdout").open("w+") as file:
        yield Terminal(io.StringIO(), file, io.StringIO())


@pytest.mark.parametrize("target", ["", "new/", ".", "a/b.wav", "file/b.wav", "x" * 300])
def test_target_that_cannot_be_a_file_is_a_usage_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()
    for opening in (open_output, check_output):
        with pytest.raises(UsageError, match="cannot write"):
            opening(target, pipes())
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("known", [AUDIO_EXTENSIONS, TRANSCRIPT_EXTENSIONS])
def test_format_is_that_of_the_extension(known: Mapping[str, object]) -> None:
    for extension, format in known.items():
        assert format_of_output(f"b.x/a{extension.upper()}", known) is format
    for without in ("-", "a", "b.x/a", ".a", "Talk by Dr. No", "a."):
        assert format_of_output(without, known) is None


@pytest.mark.parametrize(
    ("arguments", "hints"),
    [
        (("speak", "Hi", "-o", "x.m4a"), (".ogg", "--format mp3")),
        (("speak", "Hi", "-o", "x.AAC", "--play"), (".ogg", "--format mp3")),
        (("stream", "Hi", "-o", "x.xyz"), (".ogg", "--format mp3")),
        (("voices", "preview", "vibrant-youth", "-o", "x.txt"), (".ogg", "--format mp3")),
        (("transcribe", "--pcm", "16000", "-", "-o", "x.pdf"), (".srt", "--format text")),
        (("transcribe", "--mic", "--device", "0", "--keep", "k.xyz"), (".ogg",)),
    ],
)
def test_unknown_extension_is_refused_before_the_key_is_needed(
    home: Path, arguments: tuple[str, ...], hints: tuple[str, ...]
) -> None:
    done = InProcess(home)(*arguments, input=bytes(3200))
    assert done.code == 2, done.stderr
    assert "is not a supported format" in done.stderr
    for hint in hints:
        assert hint in done.stderr


def test_format_option_allows_any_extension(home: Path) -> None:
    done = InProcess(home)("speak", "Hi", "-o", "x.m4a", "--format", "mp3", "--dry-run")
    assert done.code == 0, done.stderr


def test_audio_is_not_written_to_a_terminal() -> None:
    terminal = Terminal(io.StringIO(), FakeTerminal(), io.StringIO())
    with pytest.raises(UsageError, match="refusing to write audio to a terminal"):
        open_output("-", terminal)


def test_stdout_gets_each_block_at_once(stdout: Terminal, tmp_path: Path) -> None:
    output = open_output("-", stdout)
    output.write(b"abc")
    assert (tmp_path / "stdout").read_bytes() == b"abc"
    assert not output.file.seekable()
    output.close()
    assert not stdout.stdout.closed


def test_fifo_is_written_in_place(tmp_path: Path) -> None:
    fifo, read = tmp_path / "fifo", []
    os.mkfifo(fifo)
    thread = threading.Thread(target=lambda: read.append(fifo.read_bytes()))
    thread.start()
    with completed(open_output(str(fifo), pipes())) as output:
        output.write(b"abc")
    thread.join(20)
    assert read == [b"abc"]
    assert fifo.is_fifo()


def test_check_does_not_open_a_fifo(tmp_path: Path) -> None:
    """Its reader would take that for the end."""
    os.mkfifo(tmp_path / "fifo")
    check_output(str(tmp_path / "fifo"), pipes())


def test_full_device_is_an_output_error() -> None:
    output = open_output("/dev/full", pipes())
    with pytest.raises(OutputError, match="cannot write /dev/full: No space left on device"):
        output.write(b"abc")
    output.abort()


@pytest.mark.parametrize("target", ["a.txt", "./a.txt", "link.txt", "up/../a.txt"])
def test_output_over_another_file_of_the_run_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: str
) -> None:
    """Also before either exists; a device may be both."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "up").mkdir()
    (tmp_path / "link.txt").symlink_to("a.txt")
    with pytest.raises(UsageError, match="the output would overwrite the text"):
        check_apart(target, "a.txt", "the text")
    check_apart("b.txt", "a.txt", "the text")
    check_apart("/dev/null", "/dev/null", "the text")
    check_apart("-", "a.txt", "the text")


def test_output_directory_is_created_with_its_parents(tmp_path: Path) -> None:
    output_directory(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").is_dir()
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="cannot create the directory"):
        output_directory(tmp_path / "file" / "b")


def test_file_name_that_is_not_utf8_is_encoded_as_its_bytes() -> None:
    assert encoded(os.fsdecode(b"\xffa") + "é") == b"\xffa\xc3\xa9"


@pytest.mark.parametrize("format", AudioFormat)
def test_incomplete_audio_is_set_aside(tmp_path: Path, format: AudioFormat) -> None:
    target = tmp_path / f"a.{format.value}"
    target.write_bytes(b"old")
    output = EncodedOutput(open_output(str(target), pipes()), format, MONO)
    output.write(bytes(32000))
    kept = output.set_aside()
    assert kept == tmp_path / f"a.partial.{format.value}"
    assert kept.stat().st_size
    assert target.read_bytes() == b"old"


def test_nothing_is_set_aside_where_nothing_was_written(tmp_path: Path) -> None:
    output = EncodedOutput(open_output(str(tmp_path / "a.wav"), pipes()), AudioFormat.WAV, MONO)
    assert output.set_aside() is None
    assert list(tmp_path.iterdir()) == []
