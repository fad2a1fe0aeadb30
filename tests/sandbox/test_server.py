"""Starting, listening and stopping the server."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import httpx
import pytest

from stepcli.sandbox import MissingExtra, SandboxOptions, serve
from tests.sandbox.client import SandboxClient, run_sandbox
from tests.support.program import INTERRUPTS


def test_import_loads_neither_server_nor_engines() -> None:
    heavy = "starlette uvicorn websockets numpy soundfile soxr espeakng_loader moonshine_voice"
    code = f"import sys, stepcli.sandbox; print([m for m in {heavy.split()} if m in sys.modules])"
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "[]\n"


def test_reported_base_answers_immediately() -> None:
    with run_sandbox() as server:
        assert server.base == f"{server.origin}/step_plan/v1"
        assert server.api.get(f"{server.open}/models").status_code == 200


@pytest.mark.parametrize(("number", "code"), INTERRUPTS)
def test_signal_stops_the_server(number: signal.Signals, code: int) -> None:
    with run_sandbox() as server:
        server.process.send_signal(number)
        assert server.process.wait(timeout=20) == code
        assert server.process.stdout is not None
        assert server.process.stdout.read() == b""


def test_end_of_stdin_stops_the_server() -> None:
    with run_sandbox() as server:
        assert server.process.stdin is not None
        server.process.stdin.close()
        assert server.process.wait(timeout=20) == 0


def test_open_connections_do_not_delay_the_stop() -> None:
    with run_sandbox("--fault", "speech:1:stall,after=10", "--pace", "0.1") as server:
        hanging = [threading.Thread(target=_wait_for, args=(server,)) for _ in range(2)]
        for thread in hanging:
            thread.start()
        address = httpx.URL(server.origin)
        silent = socket.create_connection((address.host, address.port or 0))
        with server.connect() as idle:
            idle.recv()
            server.process.send_signal(signal.SIGTERM)
            assert server.process.wait(timeout=20) == 143
        silent.close()
        for thread in hanging:
            thread.join(timeout=20)
            assert not thread.is_alive()


def _wait_for(server: SandboxClient) -> None:
    body = {"model": "stepaudio-2.5-tts", "voice": "lively-girl", "input": "word " * 150}
    with pytest.raises(httpx.TransportError):
        httpx.post(f"{server.base}/audio/speech", headers=server.api.headers, json=body, timeout=60)


def test_port_in_use_raises_os_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match="in use"):
        serve(SandboxOptions(port=taken.getsockname()[1]), print)


def test_invalid_fault_raises_value_error() -> None:
    with pytest.raises(ValueError, match="unknown endpoint 'speach'"):
        serve(SandboxOptions(faults=("speach:1:500",)), print)


def test_missing_engine_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stepcli.sandbox.find_spec", lambda name: name != "moonshine_voice" or None)
    with pytest.raises(MissingExtra) as missing:
        serve(SandboxOptions(), print)
    assert missing.value.module == "moonshine_voice"
    assert missing.value.name == "moonshine_voice"


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="reads Linux's table of sockets")
def test_default_address_is_loopback_only() -> None:
    with run_sandbox() as server:
        port = f"{httpx.URL(server.origin).port:04X}"
        tables = Path("/proc/net/tcp").read_text() + Path("/proc/net/tcp6").read_text()
        fields = [line.split() for line in tables.splitlines()]
        listening = [each[1] for each in fields if each[3] == "0A" and each[1].endswith(f":{port}")]
    assert listening == [f"0100007F:{port}"]


@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="needs IPv6")
def test_ipv6_address_is_written_in_brackets() -> None:
    with run_sandbox("--host", "::1") as server:
        assert server.origin.startswith("http://[::1]:")
        assert server.speak("Hi").status_code == 200
