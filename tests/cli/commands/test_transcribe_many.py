"""``transcribe`` of many files: bad ones, a full disk, an interrupt, and the way on."""

from __future__ import annotations

import errno
import json
import os
import signal
import socket
import threading
from pathlib import Path

import pytest

from stepcli.storage.atomic_file import AtomicFile
from stepcli.storage.os_errors import output_errors
from tests.support.fake_service import Answer, EndpointFault, fake_service
from tests.support.in_process import InProcess
from tests.support.program import Finished, Program, until
from tests.support.raw_server import Request
from tests.support.recordings import noise, reading, write_wav
from tests.support.service import Sandbox

COUNT = 20
SOUND = reading("beckett")[: 2 * 16000 * 2]
"""A sentence."""
ALL = ("talks", "--output-dir", "out")


@pytest.fixture(autouse=True)
def _talks(home: Path) -> None:
    """Recordings of different contents, the eighth of which is truncated."""
    (home / "talks").mkdir()
    for number in range(COUNT):
        path = write_wav(home / "talks" / f"{number:02}.wav", SOUND, bytes(320 * number))
        if number == 7:
            path.write_bytes(path.read_bytes()[:5000])


def transcribe(run: InProcess, *arguments: str) -> Finished:
    return run("transcribe", "-l", "en", *ALL, *arguments)


def _written(run: InProcess | Program) -> int:
    assert not list((run.home / "out").glob(".*"))
    return len(list((run.home / "out").glob("*.txt")))


def test_bad_file_does_not_stop_the_others_and_all_are_counted(
    run: InProcess, service: Sandbox
) -> None:
    (run.home / "out").mkdir()
    (run.home / "out" / "00.txt").write_text("old")
    done = transcribe(run, "--skip-existing")
    assert done.code == 2
    assert "talks/07.wav is truncated" in done.stderr
    assert f"stepcli: {COUNT - 2} transcribed, 1 skipped, 1 failed; 0.6" in done.stderr
    assert "minutes, about $0.0002" in done.stderr
    assert _written(run) == COUNT - 1
    assert len(service.log("asr")) == COUNT - 2


def test_json_has_the_summary(run: InProcess) -> None:
    reported = json.loads(transcribe(run, "--json").stdout)
    summary = reported["summary"]
    assert (summary["done"], summary["failed"], summary["skipped"]) == (COUNT - 1, 1, 0)
    assert summary["minutes"] == pytest.approx(COUNT * 2 / 60, abs=0.1)
    assert summary["estimated_cost"]["currency"] == "USD"
    assert len(reported["transcripts"]) == COUNT


def test_used_up_credit_ends_the_run(run: InProcess, service: Sandbox) -> None:
    service.fault("asr:5+:402")
    done = transcribe(run, "--jobs", "2")
    assert done.code == 4
    assert done.stderr.count("stepcli: error: ") == 1
    assert "not tried" in done.stderr
    assert len(service.log("asr")) <= 7
    service.reset()
    assert transcribe(run, "--skip-existing").code == 2
    assert _written(run) == COUNT - 1


def test_full_disk_ends_the_run_and_nothing_is_paid_twice(
    run: InProcess, service: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = AtomicFile.write
    written: list[str] = []

    def full(self: AtomicFile, data: bytes) -> None:
        if self.name.startswith("out/"):
            written.append(self.name)
        with output_errors(self.name):
            if len(written) > 5:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        write(self, data)

    with monkeypatch.context() as patched:
        patched.setattr(AtomicFile, "write", full)
        assert transcribe(run, "--jobs", "1").code == 8
    first = len(service.log("asr"))
    assert first < COUNT - 1
    assert _written(run) == 5
    assert transcribe(run).code == 2
    assert _written(run) == COUNT - 1
    assert len(service.log("asr")) == COUNT - 1


@pytest.mark.parametrize("way_on", [(), ("--skip-existing",)])
def test_interrupted_run_continues(
    stepcli: Program, service: Sandbox, way_on: tuple[str, ...]
) -> None:
    """Nothing that was received is requested again."""
    service.fault("asr:9+:stall,after=1")
    with stepcli.started("transcribe", "-l", "en", *ALL, "--jobs", "1") as process:
        until(lambda: len(service.log("asr")) >= 8)
        process.send_signal(signal.SIGINT)
        assert process.wait() in (130, -signal.SIGINT)
    assert _written(stepcli) <= 8
    service.reset()
    done = stepcli("transcribe", "-l", "en", *ALL, *way_on)
    assert done.code == 2
    assert _written(stepcli) == COUNT - 1
    assert len(service.log("asr")) <= COUNT - 1 - 7


@pytest.mark.parametrize("other", [(), ("-l", "zh")], ids=["same", "another language"])
def test_second_run_of_the_same_request_waits_for_the_results_of_the_first(
    home: Path, other: tuple[str, ...]
) -> None:
    write_wav(home / "a.wav", noise(3))
    released = threading.Event()

    def answer(connection: socket.socket, _request: Request, correct: Answer) -> None:
        released.wait(60)
        connection.sendall(correct.whole)

    with fake_service() as service:
        service.reset(EndpointFault("asr", http=answer))
        stepcli = Program(home, {"STEPCLI_BASE_URL": service.base, "STEP_API_KEY": "key"})
        with stepcli.started("transcribe", "a.wav", "-l", "en", "-o", "a.txt") as first:
            until(lambda: service.of("asr"))
            again = ("transcribe", "./a.wav", "-l", "en", *other, "-o", "b.txt")
            with stepcli.started(*again) as second:
                if other:
                    until(lambda: len(service.of("asr")) == 2)
                else:
                    assert second.stderr is not None
                    assert b"another run transcribes the same" in second.stderr.readline()
                released.set()
                assert (first.wait(60), second.wait(60)) == (0, 0)
        assert len(service.of("asr")) == (2 if other else 1)
    assert (home / "a.txt").read_text() == (home / "b.txt").read_text()
