"""A run of ``stepcli stream``: lost sessions, failures, and what is kept of them."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.support.in_process import InProcess
from tests.support.program import Program
from tests.support.realtime_log import created, kinds, received
from tests.support.service import Sandbox, sandbox
from tests.support.sounds import probe

TEXT = "One is here. Two is there! Is three anywhere? The end."


@pytest.mark.parametrize(
    ("fault", "code", "said"),
    [
        ("401", 3, "refused the API key"),
        ("402", 4, "credit"),
        ("*:429,retry-after=0", 4, "too many requests"),
        ("451", 10, "moderation"),
        ("404", 2, "did not find what was requested"),
        ("html", 6, "unexpected response"),
        ("redirect,location=http://127.0.0.1:9/", 6, "redirect"),
        ("stall", 5, "did not open a session"),
        ("stall,after=1", 5, "did not open a session"),
        ("stall,after=4", 5, "silent for 1 s"),
        ("malformed", 6, "not JSON"),
        ("malformed,after=3", 6, "not JSON"),
        ("edit,field=data.audio,value='!'", 6, "base64"),
        ("error,after=3,code=censorship_block", 10, "moderation"),
        ("error,after=3,code=request_params_invalid,message=nope", 2, "nope"),
        ("*:error,after=3,code=503", 6, "the service failed"),
        ("*:cut,after=3", 6, "cut off"),
        ("*:close,after=3,code=1011", 6, "ended the session"),
    ],
)
def test_failure_has_its_exit_code(
    run: InProcess, service: Sandbox, fault: str, code: int, said: str
) -> None:
    when, _, action = fault.rpartition(":") if fault.startswith("*") else ("1", "", fault)
    service.fault(f"realtime:{when}:{action}")
    done = run("stream", TEXT, "-o", "x.wav", "--timeout", "1", "--retries", "1", "--json")
    error = json.loads(done.stderr.splitlines()[-1])["error"]
    assert (done.code, error["exit_code"]) == (code, code)
    assert said in error["message"]
    assert error["trace_id"] or "stall" in fault or fault == "malformed"
    assert list(run.home.iterdir()) == []


@pytest.mark.parametrize(
    "fault",
    [
        "503", "429,retry-after=0", "reset", "cut", "error,after=3,code=503", "cut,after=5",
        "reset,after=6", "close,after=7", "close,after=9,code=1000", "cut,after=12",
    ],
)  # fmt: skip
def test_lost_session_changes_nothing_in_the_file(
    run: InProcess, service: Sandbox, fault: str
) -> None:
    """The file is what it is without the loss, to the byte; nothing is said twice in it."""
    assert run("stream", TEXT, "-o", "whole.pcm", "--mode", "default").code == 0
    service.reset()
    service.fault(f"realtime:1:{fault}")
    done = run("stream", TEXT, "-o", "x.pcm", "--json", "--mode", "default")
    assert done.code == 0
    assert "reconnecting in" in done.stderr
    assert (run.home / "x.pcm").read_bytes() == (run.home / "whole.pcm").read_bytes()
    assert json.loads(done.stdout)["reconnects"] == len(received(service)) - 1


@pytest.mark.parametrize(
    "fault",
    [
        "frame,bytes=3000000,after=4", "repeat,event=tts.response.created",
        "drop,event=tts.response.sentence.start", "drop,event=tts.response.sentence.end",
        "edit,field=data.text,value=7",
    ],
)  # fmt: skip
def test_unexpected_messages_are_tolerated(run: InProcess, service: Sandbox, fault: str) -> None:
    service.fault(f"realtime:1:{fault}")
    told = json.loads(run("stream", TEXT, "-o", "x.wav", "--json").stdout)
    assert told["duration"] > 3
    assert told["reconnects"] == 0


def test_session_without_audio_done_is_a_failure(run: InProcess, service: Sandbox) -> None:
    """All sentences were confirmed, but the service may have had more to say."""
    service.fault("realtime:*:drop,event=tts.response.audio.done")
    done = run("stream", TEXT, "-o", "x.wav")
    assert done.code == 6
    assert "before the service confirmed the end of the audio" in done.stderr
    assert "x.partial.wav" in done.stderr


def test_finished_sentences_of_a_failed_run_are_kept(run: InProcess, service: Sandbox) -> None:
    """FILE is unchanged; the finished part is saved beside it and the error is reported."""
    (run.home / "x.wav").write_bytes(b"before")
    (run.home / "x.partial.wav").write_bytes(b"an earlier part")
    service.fault("realtime:*:cut,after=9")
    done = run("stream", TEXT, "-o", "x.wav", "--mode", "default", "--retries", "0")
    assert done.code == 6
    assert "cut off" in done.stderr
    assert "x.partial2.wav" in done.stderr
    assert (run.home / "x.wav").read_bytes() == b"before"
    assert (run.home / "x.partial.wav").read_bytes() == b"an earlier part"
    run("stream", "One is here.", "-o", "first.wav")
    part, first = (probe(run.home / name) for name in ("x.partial2.wav", "first.wav"))
    assert part.duration == pytest.approx(first.duration, abs=0.01)


def test_unspoken_text_of_a_pipe_is_kept(stepcli: Program, service: Sandbox) -> None:
    """The command in the hint speaks the rest, without the finished part."""
    service.fault("realtime:*:cut,after=9")
    told = stepcli("stream", "-o", "x.wav", "--retries", "0", input=TEXT)
    assert told.code == 6
    file = Path(told.stderr.split("stepcli stream -f ")[1].split()[0])
    assert file.read_text() == TEXT.removeprefix("One is here. ")
    assert file.parent.stat().st_mode & 0o077 == 0
    service.reset()
    assert stepcli("stream", "-f", file, "-o", "rest.wav").code == 0


def test_idle_session_is_reopened_when_text_comes(home: Path) -> None:
    """The service ended it; what was spoken is not spoken again, nothing is missing."""
    with sandbox("--idle", "1") as impatient:
        stepcli = Program(home, dict(impatient.environ))
        with stepcli.started("stream", "-o", "x.pcm", stdin=subprocess.PIPE) as run:
            assert run.stdin
            run.stdin.write(b"One is here. Two is")
            run.stdin.flush()
            _wait_until_left(impatient)
            run.stdin.write(b" there. The end.")
            run.stdin.close()
            assert run.wait(30) == 0
            assert run.stderr
            assert run.stderr.read() == b""
        assert received(impatient) == ["One is here. Two is", " there. The end."]


def _wait_until_left(service: Sandbox) -> None:
    """Until the service has ended the first session."""
    for _ in range(600):
        if any(entry["event"] == "end" for entry in service.log("realtime")):
            return
        time.sleep(0.05)
    raise AssertionError("the session never ended")


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, -signal.SIGINT), (signal.SIGTERM, 143)]
)
def test_interrupt_keeps_finished_sentences(
    stepcli: Program, service: Sandbox, number: signal.Signals, code: int
) -> None:
    """Neither a stalled service nor a silent input delays it."""
    service.fault("realtime:1:stall,after=9")
    command = ("stream", "-o", "x.wav", "--mode", "default")
    with stepcli.started(*command, stdin=subprocess.PIPE) as run:
        assert run.stdin
        assert run.stderr
        run.stdin.write(TEXT.encode())
        run.stdin.flush()
        while len(kinds(service, "sent")) < 9:
            time.sleep(0.02)
        time.sleep(0.2)
        run.send_signal(number)
        complaint = run.stderr.read().decode()
        assert run.wait(10) == code
    assert "x.partial.wav" in complaint
    assert probe(stepcli.home / "x.partial.wav").duration > 0.5
    assert not (stepcli.home / "x.wav").exists()


@pytest.mark.parametrize("wire_format", ["mp3_stream", "opus_stream"])
def test_compressed_wire_format_has_the_same_duration(
    run: InProcess, service: Sandbox, wire_format: str
) -> None:
    plain = json.loads(run("stream", TEXT, "-o", "x.wav", "--json").stdout)
    done = run("stream", TEXT, "-o", "y.wav", "--json", "--wire-format", wire_format)
    assert json.loads(done.stdout)["duration"] == pytest.approx(plain["duration"], abs=0.15)
    assert [data["response_format"] for data in created(service)] == ["pcm", wire_format]


@pytest.mark.parametrize(("wire_format", "page"), [("mp3_stream", 0.3), ("opus_stream", 1.1)])
def test_compressed_sentences_have_times_although_the_service_reports_none(
    run: InProcess, service: Sandbox, wire_format: str, page: float
) -> None:
    """They are measured in the sound, which for Opus arrives in pages of about a second."""
    run("stream", TEXT, "-o", "x.wav", "--subtitles", "x.srt")
    service.fault("realtime:1:edit,field=data.duration")
    run("stream", TEXT, "-o", "y.wav", "--subtitles", "y.srt", "--wire-format", wire_format)
    plain, compressed = (_cue_ends(run.home / name) for name in ("x.srt", "y.srt"))
    assert compressed[0] == pytest.approx(plain[0], abs=page)
    assert compressed[-1] == pytest.approx(plain[-1], abs=0.3)


def _cue_ends(path: Path) -> list[float]:
    found = re.findall(r"--> (\d+):(\d+):(\d+),(\d+)", path.read_text())
    return [3600 * int(h) + 60 * int(m) + int(s) + int(ms) / 1000 for h, m, s, ms in found]


def test_lost_session_with_compressed_wire_format_loses_nothing(
    run: InProcess, service: Sandbox
) -> None:
    command = ("stream", TEXT, "-o", "x.wav", "--json", "--mode", "default")
    plain = json.loads(run(*command).stdout)
    service.fault("realtime:1:cut,after=9")
    cut = json.loads(run(*command, "--wire-format", "mp3_stream").stdout)
    assert cut["reconnects"] == 1
    # The encoder of the service still has up to three frames of 24 ms when a sentence ends.
    assert cut["duration"] == pytest.approx(plain["duration"], abs=0.08)
