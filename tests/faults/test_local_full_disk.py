"""Disks that are full or fill up during a run."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import soundfile

from tests.faults.local_limits import (
    LONG,
    NO_BYTECODE,
    mounted,
    refused,
    run,
    small_files,
)
from tests.support.program import COMMAND, Program
from tests.support.service import Sandbox


@pytest.mark.parametrize(
    "arguments",
    [
        ("speak", LONG[:400], "-o", "old.wav"),
        ("speak", LONG, "-o", "old.mp3"),
        ("stream", LONG[:400], "-o", "old.flac"),
        ("voices", "preview", "sample.wav", "-o", "old.flac"),
        ("speak", LONG[:400], "-o", "/dev/full"),
        ("transcribe", "-l", "en", "sample.wav", "-o", "/dev/full"),
        ("voices", "preview", "sample.wav", "-o", "/dev/full"),
    ],
    ids=lambda arguments: f"{arguments[0]} {arguments[-1]}",
)
def test_full_disk_exits_with_8_and_keeps_the_target(
    here: Program, arguments: tuple[str, ...]
) -> None:
    for extension in ("wav", "mp3", "flac"):
        (here.home / f"old.{extension}").write_bytes(b"old")
    done = run(here, *arguments, before=small_files)
    refused(done, here, code=8)
    for extension in ("wav", "mp3", "flac"):
        assert (here.home / f"old.{extension}").read_bytes() == b"old"


def test_full_disk_fails_each_line_of_a_batch(here: Program) -> None:
    done = run(here, "speak", "--batch", "long.txt", "--output-dir", "many", before=small_files)
    assert done.code == 8
    assert list((here.home / "many").iterdir()) == []


def test_full_disk_for_audio_from_stdin_is_an_output_error(here: Program) -> None:
    sound = (here.home / "sample.wav").read_bytes()
    done = subprocess.run(
        [*COMMAND, "transcribe", "-l", "en", "-"],
        input=sound, capture_output=True, preexec_fn=small_files,
        env=here.environment(NO_BYTECODE), timeout=120, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr.count(b"stepcli: error: cannot write")) == (8, 1)


@pytest.mark.parametrize("free", ["rm full", "truncate -s -40K full", ":"])
def test_full_state_disk_loses_no_audio(here: Program, service: Sandbox, free: str) -> None:
    """Parts are held in memory instead, with one warning."""
    state = here.home / ".local" / "state"
    state.mkdir(parents=True)
    mount = (
        f"mount -t tmpfs -o size=128K tmpfs {state}\n"
        f"cd {state}; dd if=/dev/zero of=full bs=1K count=128 2>/dev/null || :\n"
        f"{free}; cd {here.home}"
    )
    done = mounted(here, mount, "speak", LONG, "-o", "x.wav")
    assert done.code == 0, done.stderr
    assert done.stderr.count("cannot keep finished parts") == 1
    assert "No space left on device" in done.stderr
    requests = len(service.log("speech"))
    assert here("speak", LONG, "-o", "y.wav").code == 0
    assert len(service.log("speech")) == 2 * requests
    sizes = [(here.home / name).stat().st_size for name in ("x.wav", "y.wav")]
    assert sizes[0] == pytest.approx(sizes[1], rel=0.1)


def test_full_disk_loses_no_streamed_audio(here: Program) -> None:
    """What was received is a file that plays, and the command in the hint speaks the rest."""
    (here.home / "disk").mkdir()
    text = LONG.replace(".", "!")
    (here.home / "story.txt").write_text(text)
    mount = f"mount -t tmpfs -o size=256K tmpfs {here.home}/disk"
    done = mounted(here, mount, "stream", "-f", "story.txt", "-o", "disk/x.wav")
    assert done.code == 8, done.stderr
    kept = Path(done.stderr.split("kept in ")[1].split()[0])
    rest = Path(done.stderr.split("stepcli stream -f ")[1].split()[0])
    unspoken = rest.read_text()
    assert text.endswith(unspoken)
    assert 0 < len(unspoken) < len(text)
    assert here("stream", text.removesuffix(unspoken), "-o", "spoken.wav").code == 0
    seconds = [soundfile.info(str(path)).duration for path in (kept, here.home / "spoken.wav")]
    assert seconds[0] == pytest.approx(seconds[1], rel=0.1)


def test_full_disk_behind_stdout_loses_no_streamed_audio(here: Program) -> None:
    (here.home / "disk").mkdir()
    mount = f"mount -t tmpfs -o size=16K tmpfs {here.home}/disk\nexec >disk/x.wav"
    done = mounted(here, mount, "stream", "Hello there.", "-o", "-", "--format", "wav")
    assert done.code == 8, done.stderr
    assert soundfile.info(done.stderr.split("kept in ")[1].split()[0]).frames > 8192


def test_copy_of_a_stream_leaves_the_disk_to_the_output(here: Program) -> None:
    """The copy moves if the disk has room for the output only."""
    (here.home / "disk").mkdir()
    (here.home / "story.txt").write_text(LONG.replace(".", "!"))
    mount = (
        f"mount -t tmpfs -o size=2600K tmpfs {here.home}/disk\n"
        f"export XDG_STATE_HOME={here.home}/disk/state TMPDIR={here.home}"
    )
    done = mounted(here, mount, "stream", "-f", "story.txt", "-o", "disk/x.mp3")
    assert (done.code, done.stderr) == (0, "")
    assert not list(here.home.glob("*stream*"))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_full_device_loses_no_streamed_audio(here: Program) -> None:
    done = here("stream", "Hello.", "-o", "/dev/full", "--format", "pcm")
    assert done.code == 8, done.stderr
    assert soundfile.info(done.stderr.split("kept in ")[1].split()[0]).frames > 0
