"""Files and directories that cannot be written, or that change during a run."""

from __future__ import annotations

import os
import stat
import subprocess
import threading
from pathlib import Path

import pytest

from tests.faults.local_limits import (
    LONG,
    few_files,
    mounted,
    no_superuser,
    refused,
    run,
)
from tests.faults.local_rules import no_leftovers, quiet
from tests.support.program import COMMAND, Program, until
from tests.support.service import Sandbox


@pytest.mark.parametrize(
    ("target", "says"),
    [
        ("directory", "it is a directory"),
        ("no/file.wav", "no such directory"),
        ("sample.wav/file.wav", "Not a directory"),
        ("new/", "it is not a file name"),
        ("", "it is not a file name"),
        ("loop", "symbolic links"),
        ("x" * 300 + ".wav", "name too long"),
        ("dangling.wav", "no such directory"),
    ],
)
def test_invalid_target_is_refused_before_a_request(
    here: Program, service: Sandbox, target: str, says: str
) -> None:
    (here.home / "directory").mkdir()
    (here.home / "loop").symlink_to("loop")
    (here.home / "dangling.wav").symlink_to("no/where.wav")
    done = here("speak", "Hello.", "-o", target)
    refused(done, here)
    assert says in done.stderr
    assert service.log() == []


@pytest.mark.parametrize(
    "arguments",
    [
        ("speak", "-f", "{}", "-o", "x.wav"),
        ("speak", "-f", "batch.txt", "-o", "{}"),
        ("speak", "--batch", "{}", "--output-dir", "out"),
        ("speak", "--batch", "batch.txt", "--output-dir", "{}", "--skip-existing"),
        ("stream", "Hello.", "-o", "{}"),
        ("stream", "Hello.", "-o", "x.wav", "--subtitles", "{}.srt"),
        ("transcribe", "{}"),
        ("transcribe", "sample.wav", "-o", "{}"),
        ("transcribe", "sample.wav", "--output-dir", "{}"),
        ("transcribe", "--mic", "--keep", "{}"),
        ("voices", "preview", "{}", "-o", "x.wav"),
        ("voices", "preview", "file-{}", "-o", "{}"),
        ("voices", "preview", "sample.wav", "-o", "{}"),
        ("voices", "clone", "{}.wav", "--yes"),
    ],
    ids=" ".join,
)
def test_name_that_is_too_long_for_a_file(
    here: Program, service: Sandbox, arguments: tuple[str, ...]
) -> None:
    """It is a usage error; only a voice may have such a name."""
    done = here(*(argument.format("x" * 300) for argument in arguments))
    assert done.code == 2, done.stderr
    assert "a fault in stepcli" not in done.stderr
    assert [entry["endpoint"] for entry in service.log()] in ([], ["speech"])


def test_read_only_target_is_kept(here: Program, service: Sandbox) -> None:
    """As with curl; also in a read-only directory."""
    mine = here.home / "mine.wav"
    mine.write_bytes(b"old")
    mine.chmod(0o444)
    done = run(here, "speak", "Hello.", "-o", mine, before=no_superuser)
    refused(done, here)
    assert "it is read-only" in done.stderr
    shut = here.home / "shut"
    shut.mkdir(0o555)
    for arguments in (
        ("speak", "Hello.", "-o", "shut/x.wav"),
        ("speak", "--batch", "batch.txt", "--output-dir", "shut"),
        ("transcribe", "-l", "en", "sample.wav", "--output-dir", "shut"),
        ("transcribe", "-l", "en", "sample.wav", "--output-dir", "shut/below"),
        ("stream", "Hello.", "-o", "x.wav", "--subtitles", "shut/x.srt"),
        ("voices", "preview", "sample.wav", "-o", "shut/x.wav"),
    ):
        refused(run(here, *arguments, before=no_superuser), here)
    assert (mine.read_bytes(), service.log()) == (b"old", [])


def test_unreadable_input_exits_with_2(here: Program, service: Sandbox) -> None:
    (here.home / "sample.wav").chmod(0)
    for arguments in (
        ("transcribe", "sample.wav"),
        ("voices", "clone", "sample.wav", "--yes"),
        ("speak", "-f", "sample.wav", "-o", "x.mp3"),
        ("speak", "--batch", "sample.wav", "--output-dir", "x"),
    ):
        done = run(here, *arguments, before=no_superuser)
        assert (done.code, quiet(done.stderr)) == (2, []), done.stderr
    assert service.log() == []


def test_symbolic_link_is_kept_and_its_target_replaced(here: Program) -> None:
    """The target keeps its mode."""
    real = here.home / "real.wav"
    real.write_bytes(b"old")
    real.chmod(0o640)
    (here.home / "link.wav").symlink_to("real.wav")
    assert here("speak", "Hello.", "-o", "link.wav").code == 0
    assert (here.home / "link.wav").is_symlink()
    assert real.read_bytes()[:4] == b"RIFF"
    assert stat.S_IMODE(real.stat().st_mode) == 0o640


def test_fifo_is_written_in_place(here: Program) -> None:
    """A reader that closes it ends the run with 0."""
    fifo = here.home / "fifo"
    os.mkfifo(fifo)
    read: list[bytes] = []

    def reader(size: int) -> None:
        with fifo.open("rb") as file:
            read.append(file.read(size))

    for size in (-1, 1):
        thread = threading.Thread(target=reader, args=(size,), daemon=True)
        thread.start()
        done = here("speak", "Hello there. " * 30, "-o", fifo, "--format", "wav")
        assert (done.code, done.stderr) == (0, "")
        thread.join(30)
    assert read[0][:4] == b"RIFF"
    assert fifo.is_fifo()


def test_any_file_name_works_and_is_escaped_in_messages(here: Program) -> None:
    for name in ("-dash.wav", "two\nlines.wav", "\x1b[31mred.wav", " ", "--"):
        done = here("speak", "Hello.", "-o", name, "--format", "wav", "--json")
        assert done.code == 0, done.stderr
        assert (here.home / name).read_bytes()[:4] == b"RIFF"
    for arguments in (
        ("transcribe", "\x1b[31mnone.wav"),
        ("speak", "hi", "-o", "\x1b[31mnone/x.wav"),
        ("speak", "-f", "\x1b[31mnone"),
        ("voices", "preview", "\x1b[31mnone.wav", "-o", "x.wav"),
        ("config", "get", "\x1b[31mnone"),
        ("\x1b[31mnone",),
    ):
        done = here(*arguments)
        assert done.code == 2
        assert "\x1b" not in done.stderr
        assert "none" in done.stderr


SPEAKING = (("speak", LONG, "-o", "old.wav"), ("stream", "Hello.", "-o", "old.wav"))


@pytest.mark.parametrize("arguments", SPEAKING, ids=["speak", "stream"])
def test_low_limit_of_open_files_is_an_error_that_says_so(
    here: Program, arguments: tuple[str, ...]
) -> None:
    """Whatever cannot be opened: a file, a socket, or a module of Python's."""
    codes = []
    for count in range(5, 12):  # with fewer, Python cannot import a module beside a connection
        options = ("--retries", "0", "--timeout", "3")
        done = run(here, *arguments, *options, before=few_files(count))
        codes.append(done.code)
        if done.stderr.startswith("Error processing line"):
            continue  # Python itself could not read the packages' .pth files
        if done.code not in (0, 5):
            assert "Too many open files" in done.stderr
        assert "unexpected" not in done.stderr
        assert "Traceback" not in done.stderr
    assert codes[0] != 0
    assert run(here, *arguments, before=few_files(64)).code == 0
    assert no_leftovers(here.home) == []


def test_removed_output_directory_is_an_output_error(here: Program, service: Sandbox) -> None:
    service.fault("speech:*:stall,after=20000,for=8")
    (here.home / "going").mkdir()
    with here.started("speak", "Hello there, and good morning.", "-o", "going/x.wav") as process:
        until(lambda: any(path.stat().st_size for path in (here.home / "going").glob(".stepcli-*")))
        for path in (here.home / "going").iterdir():
            path.unlink()
        (here.home / "going").rmdir()
        _, err = process.communicate(timeout=60)
    assert process.returncode == 8
    assert err.decode().count("stepcli: error: cannot write going/x.wav") == 1


@pytest.mark.parametrize("where", ["shut", "shut/none", "file"])
def test_unwritable_home_does_not_prevent_speaking_and_transcribing(
    here: Program, where: str
) -> None:
    (here.home / "shut").mkdir(0o555)
    (here.home / "file").touch()
    home = str(here.home / where)
    for arguments in (
        ("speak", LONG, "-o", "x.wav"),
        ("transcribe", "-q", "-l", "en", "sample.wav"),
        ("voices", "list"),
        ("config", "list"),
        ("auth", "logout"),
    ):
        done = run(here, *arguments, before=no_superuser, HOME=home)
        assert done.code == 0, done.stderr
    done = run(here, "config", "set", "voice", "x", before=no_superuser, HOME=home)
    refused(done, here, code=8)


def test_mounted_file_is_overwritten_in_place(here: Program) -> None:
    (here.home / "bound.mp3").touch()
    (here.home / "real.mp3").write_bytes(b"something long" * 10_000)
    done = mounted(here, "mount --bind real.mp3 bound.mp3", "speak", "Hello.", "-o", "bound.mp3")
    assert done.code == 0, done.stderr
    assert done.stderr == ("stepcli: bound.mp3 cannot be replaced, so it is overwritten in place\n")
    assert 1000 < (here.home / "real.mp3").stat().st_size < 100_000
    assert no_leftovers(here.home) == []


def test_unwritable_target_in_a_batch_fails_its_line_only(here: Program, service: Sandbox) -> None:
    (here.home / "many" / "1.mp3").mkdir(parents=True)
    (here.home / "batch.txt").write_text("One.\nTwo.\n")
    done = here("speak", "--batch", "batch.txt", "--output-dir", "many")
    assert done.code == 2
    assert "cannot write many/1.mp3: it is a directory" in done.stderr
    assert (here.home / "many" / "2.mp3").stat().st_size
    assert len(service.log("speech")) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("speak", "Hello.", "-o", "x.wav"),
        ("stream", "Hello.", "-o", "x.wav", "--subtitles", "x.srt"),
        ("transcribe", "{home}/sample.wav", "-o", "x.txt"),
        ("transcribe", "{home}/sample.wav", "--output-dir", "x"),
        ("transcribe", "--mic", "--keep", "x.wav"),
        ("voices", "preview", "{home}/sample.wav", "-o", "x.wav"),
        ("speak", "--batch", "{home}/batch.txt", "--output-dir", "x"),
    ],
    ids=lambda arguments: f"{arguments[0]} {arguments[-2]}",
)
def test_relative_target_in_a_deleted_directory_is_a_usage_error(
    here: Program, service: Sandbox, arguments: tuple[str, ...]
) -> None:
    (here.home / "gone").mkdir()
    words = [argument.format(home=here.home) for argument in arguments]
    done = subprocess.run(
        ["sh", "-c", 'cd gone && rmdir ../gone && exec "$@"', "sh", *COMMAND, *words],
        stdin=subprocess.DEVNULL, capture_output=True, cwd=here.home,
        env=here.environment({"PYTHONPATH": str(Path(__file__).parents[2])}),
        timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 2, done.stderr
    assert b"stepcli: error: cannot " in done.stderr
    assert service.log() == []


def test_temporary_file_of_a_killed_run_is_removed_by_the_next(
    here: Program, service: Sandbox
) -> None:
    """That of a run that is still active is not."""
    service.fault("speech:1:stall,after=20000,for=60", "speech:2:stall,after=20000,for=8")

    def files() -> set[Path]:
        return set(here.home.glob(".stepcli-*.part"))

    with here.started("speak", "Hello there, and good morning.", "-o", "a.wav") as killed:
        until(files)
        stale = files()
        with here.started("speak", "Hello there, and good evening.", "-o", "b.wav") as active:
            until(lambda: files() - stale)
            assert stale < files()
            killed.kill()
            killed.wait()
            assert here("speak", "Hello.", "-o", "c.wav").code == 0
            assert not stale & files()
            assert len(files()) == 1
            _, error = active.communicate(timeout=60)
            assert active.returncode == 0, error
    assert (here.home / "b.wav").stat().st_size
    assert no_leftovers(here.home) == []
