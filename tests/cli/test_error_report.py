"""Reports of service failures: the exit code, one sentence, a hint, and no leftovers."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

from tests.support.program import Finished, Program, until
from tests.support.raw_server import http, raw_server
from tests.support.service import Sandbox

FIELDS = {"type", "message", "hint", "status", "trace_id", "exit_code"}


def _speak(program: Program, *options: str, **environ: str) -> Finished:
    return program("speak", "Hello there.", "-o", "x.mp3", *options, **environ)


def _clean(done: Finished, program: Program, key: str) -> None:
    """Assert that stderr is one sentence without traceback and key, and that no file is left."""
    assert done.stdout == ""
    assert done.stderr.count("stepcli: error: ") == 1
    assert "Traceback" not in done.stderr
    assert key not in done.stderr
    assert [path for path in program.home.iterdir() if path.is_file()] == []


@pytest.mark.parametrize(
    ("fault", "code", "kind", "asked"),
    [
        ("speech:*:400", 2, "usage", 1),
        ("speech:*:401", 3, "auth", 1),
        ("speech:*:402", 4, "quota", 1),
        ("speech:*:403", 3, "auth", 1),
        ("speech:*:404", 2, "usage", 1),
        ("speech:*:413", 2, "usage", 1),
        ("speech:*:422", 2, "usage", 1),
        ("speech:*:429,retry-after=0", 4, "quota", 3),
        ("speech:*:451", 10, "content", 1),
        ("speech:*:400,type=censorship_block", 10, "content", 1),
        ("speech:*:500", 6, "network", 3),
        ("speech:*:503", 6, "network", 3),
        ("speech:*:redirect,location=http://127.0.0.1:9/", 6, "network", 1),
        ("speech:*:html", 6, "network", 1),
        ("speech:*:empty", 6, "network", 1),
        ("speech:*:reset", 6, "network", 1),
        ("speech:*:cut,after=2000", 6, "network", 1),
    ],
)
def test_service_failure_has_its_exit_code(
    stepcli: Program, service: Sandbox, fault: str, code: int, kind: str, asked: int
) -> None:
    """Also error.type, and that a request which may have cost money is sent once."""
    service.fault(fault)
    done = _speak(stepcli, "--retries", "2")
    assert done.code == code
    _clean(done, stepcli, service.key)
    assert len(service.log("speech")) == asked

    service.fault(fault)
    error = json.loads(_speak(stepcli, "--retries", "0", "--json").stderr)["error"]
    assert set(error) == FIELDS
    assert (error["type"], error["exit_code"]) == (kind, code)


def test_429_is_retried(stepcli: Program, service: Sandbox, home: Path) -> None:
    """After the time that the service asks for, with a note on stderr."""
    service.fault("speech:1:429,retry-after=1")
    done = _speak(stepcli)
    assert done.code == 0
    assert "trying again in 1.0 s (1 of 3)" in done.stderr
    assert (home / "x.mp3").stat().st_size > 1000


def test_quiet_hides_retries(stepcli: Program, service: Sandbox) -> None:
    service.fault("speech:1:503")
    assert _speak(stepcli, "-q").stderr == ""


def test_trace_id_is_reported(stepcli: Program, service: Sandbox) -> None:
    """As text and in the JSON."""
    service.fault("speech:*:400")
    assert "trace id: " in _speak(stepcli).stderr
    error = json.loads(_speak(stepcli, "--json").stderr)["error"]
    assert error["trace_id"]
    assert error["status"] == 400


def test_missing_key_is_an_auth_error(offline: Program, service: Sandbox) -> None:
    """Nothing is sent, and the hint says how to get a key."""
    done = _speak(offline, STEPCLI_BASE_URL=service.base)
    assert done.code == 3
    assert "STEP_API_KEY" in done.stderr
    assert "--sandbox" in done.stderr
    assert service.log() == []


def test_refused_key_is_an_auth_error(stepcli: Program) -> None:
    done = _speak(stepcli, STEP_API_KEY="sk-wrong-0123456789")
    assert done.code == 3
    _clean(done, stepcli, "sk-wrong-0123456789")


@pytest.mark.parametrize("key", ["two words", "line\nbreak", "schlüssel"])
def test_malformed_key_is_an_auth_error(stepcli: Program, service: Sandbox, key: str) -> None:
    """It is not sent."""
    done = _speak(stepcli, STEP_API_KEY=key)
    assert done.code == 3
    assert service.log() == []


def test_refused_connection_is_a_network_error(stepcli: Program) -> None:
    """After retries."""
    done = _speak(stepcli, "--retries", "1", STEPCLI_BASE_URL="http://127.0.0.1:9/step_plan/v1")
    assert done.code == 6
    assert "cannot reach 127.0.0.1:9" in done.stderr
    assert "hint: " in done.stderr


def test_unknown_host_is_a_network_error(stepcli: Program) -> None:
    base = "https://no-such-host.invalid/step_plan/v1"
    done = _speak(stepcli, "--retries", "0", STEPCLI_BASE_URL=base)
    assert done.code == 6
    _clean(done, stepcli, stepcli.environ["STEP_API_KEY"] + " ")


def test_key_is_not_sent_over_plain_http(stepcli: Program) -> None:
    """Except to this machine."""
    done = _speak(stepcli, STEPCLI_BASE_URL="http://example.com/step_plan/v1")
    assert done.code == 2
    assert "without encryption" in done.stderr


def test_silence_beyond_the_timeout_is_a_timeout(stepcli: Program, service: Sandbox) -> None:
    service.fault("speech:*:stall")
    done = _speak(stepcli, "--timeout", "0.5")
    assert done.code == 5
    assert "silent for 0.5 s" in done.stderr


def test_slow_response_is_not_a_timeout(stepcli: Program, service: Sandbox) -> None:
    """``--timeout`` limits the silence between bytes, not the total time."""
    service.fault("speech:1:drip,rate=4000,piece=800")
    done = stepcli("speak", "Hello there.", "-o", "x.raw", "--sample-rate", "8000",
                   "--timeout", "0.6")  # fmt: skip
    assert done.code == 0, done.stderr
    assert (stepcli.home / "x.raw").stat().st_size > 8000


def test_debug_shows_the_wire_but_not_the_key(stepcli: Program) -> None:
    """The log has method, address and headers."""
    done = _speak(stepcli, "--debug", STEP_API_KEY="sk-secret-0123456789")
    assert "> POST " in done.stderr
    assert "authorization: Bearer ***" in done.stderr
    assert "sk-secret" not in done.stderr + done.stdout


def test_echoed_key_is_masked(stepcli: Program) -> None:
    """The server repeats it in its error message."""
    body = json.dumps({"error": {"message": "bad key sk-secret-0123456789"}}).encode()
    answer = http(body, kind="application/json", status="400 Bad Request")
    with raw_server(answer) as server:
        done = _speak(stepcli, STEPCLI_BASE_URL=server.base, STEP_API_KEY="sk-secret-0123456789")
    assert done.code == 2
    assert "sk-secret" not in done.stderr
    assert "bad key ***" in done.stderr


def test_redirect_does_not_carry_the_key(stepcli: Program, service: Sandbox) -> None:
    """The other host gets no request."""
    with raw_server(b"") as other:
        service.fault(f"speech:*:redirect,location={other.base}/audio/speech")
        done = _speak(stepcli)
        assert done.code == 6
        assert other.requests == []


@pytest.mark.parametrize(
    "body",
    [b"", b"plain words", b'"a string"', b'{"error": "a string"}', b'{"error": null}', b"[1, 2]",
     b"<html>no</html>", b'{"error": {"message": 7, "type": ["x"]}}', b"\xff\xfe", b"[" * 100000],
)  # fmt: skip
def test_any_error_body_is_one_sentence(stepcli: Program, body: bytes) -> None:
    """With the exit code of the status."""
    answer = http(body, kind="application/json", status="400 Bad Request")
    with raw_server(answer) as server:
        done = _speak(stepcli, STEPCLI_BASE_URL=server.base)
    assert done.code == 2
    _clean(done, stepcli, stepcli.environ["STEP_API_KEY"] + " ")


def test_server_text_cannot_drive_the_terminal(stepcli: Program) -> None:
    """Escape sequences in an error message are escaped."""
    body = json.dumps({"error": {"message": "\x1b[2J\x1b]0;owned\x07 oh"}}).encode()
    answer = http(body, kind="application/json", status="400 Bad Request")
    with raw_server(answer) as server:
        done = _speak(stepcli, STEPCLI_BASE_URL=server.base)
    assert "\x1b" not in done.stderr
    assert "\\x1b[2J" in done.stderr


def test_truncated_body_is_a_network_error(stepcli: Program) -> None:
    """Not a success with less audio."""
    answer = http(b"ID3" + bytes(500), kind="audio/mpeg", length=5000)
    with raw_server(answer) as server:
        done = _speak(stepcli, STEPCLI_BASE_URL=server.base)
    assert done.code == 6
    _clean(done, stepcli, "sandbox ")


def test_kill_leaves_no_file_under_the_name(stepcli: Program, service: Sandbox, home: Path) -> None:
    """SIGKILL during a download."""
    service.fault("speech:*:stall,after=30000")
    with stepcli.started("speak", "A long sentence to speak.", "-o", "x.wav") as run:
        until(lambda: any(path.stat().st_size for path in home.glob(".stepcli-*")))
        run.kill()
        run.wait()
    assert not (home / "x.wav").exists()


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, -signal.SIGINT), (signal.SIGTERM, 143)]
)
def test_interrupt_cleans_up(
    stepcli: Program, service: Sandbox, home: Path, number: signal.Signals, code: int
) -> None:
    """No temporary file is left."""
    service.fault("speech:*:stall,after=30000")
    with stepcli.started("speak", "A long sentence to speak.", "-o", "x.wav") as run:
        until(lambda: any(path.stat().st_size for path in home.glob(".stepcli-*")))
        run.send_signal(number)
        _, complaint = run.communicate(timeout=20)
    assert run.returncode == code
    assert b"Traceback" not in complaint
    assert [path for path in home.iterdir() if path.is_file()] == []


def test_closed_pipe_is_no_error(stepcli: Program) -> None:
    """``speak -o - | head -c1`` ends without a message."""
    with stepcli.started("speak", "Hello there. " * 40, "-o", "-", "--format", "wav") as run:
        assert run.stdout is not None
        assert run.stderr is not None
        run.stdout.read(1)
        run.stdout.close()
        assert run.wait(timeout=60) == 0
        assert run.stderr.read() == b""
