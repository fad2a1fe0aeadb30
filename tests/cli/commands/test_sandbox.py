"""``stepcli sandbox``: its options reach the server, and what it prints and refuses."""

from __future__ import annotations

import errno
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from stepcli.sandbox import MissingExtra, SandboxOptions, VoiceSite
from tests.support.in_process import InProcess

BASE = "http://127.0.0.1:8000/step_plan/v1"


class _Server:
    """Stands in for the server: keeps its options, and ends as soon as it is ready."""

    def __init__(self) -> None:
        self.options = SandboxOptions()
        self.stops_with_stdin = False
        self.failure: Exception | None = None

    def __call__(
        self, options: SandboxOptions, ready: Callable[[str], None], *, stop_with_stdin: bool
    ) -> int:
        self.options, self.stops_with_stdin = options, stop_with_stdin
        if self.failure:
            raise self.failure
        ready(BASE)
        return 0


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> _Server:
    server = _Server()
    monkeypatch.setattr("stepcli.cli.commands.sandbox.serve", server)
    return server


@pytest.fixture
def stepcli(home: Path, server: _Server) -> InProcess:
    assert server
    return InProcess(home)


def test_lines_that_configure_a_client_are_printed(stepcli: InProcess, server: _Server) -> None:
    done = stepcli("sandbox")
    assert done.stdout == f"export STEPCLI_BASE_URL={BASE}\nexport STEP_API_KEY=sandbox-key\n"
    assert (done.code, done.stderr) == (0, "")
    assert server.options == SandboxOptions()
    assert not server.stops_with_stdin
    reported = json.loads(stepcli("sandbox", "--json").stdout)
    assert reported == {"base_url": BASE, "key": "sandbox-key"}


def test_options_reach_the_server(stepcli: InProcess, server: _Server) -> None:
    done = stepcli(
        "sandbox", "--host", "::1", "--port", "80", "--pace", "2", "--latency", "0.5",
        "--idle", "9", "--site", "ai", "--concurrency", "3", "--seed", "7", "--deterministic",
        "--log", "x.log",
        "--fault", "speech:1:500", "--fault", "asr:2:cut,after=3", "--with-parent",
    )  # fmt: skip
    assert done.code == 0, done.stderr
    assert server.options == SandboxOptions(
        host="::1",
        port=80,
        site=VoiceSite.AI,
        pace=2.0,
        latency=0.5,
        idle=9.0,
        concurrency=3,
        seed=7,
        deterministic=True,
        faults=("speech:1:500", "asr:2:cut,after=3"),
        log=Path("x.log"),
    )
    assert server.stops_with_stdin


@pytest.mark.parametrize(
    ("failure", "says"),
    [
        (MissingExtra("starlette"), "the sandbox needs starlette"),
        (ValueError("unknown endpoint 'speach'"), "unknown endpoint 'speach'"),
        (OSError(errno.EADDRINUSE, "Address already in use"), "cannot listen on 127.0.0.1:0: Addr"),
        (PermissionError(errno.EACCES, "Permission denied", "x.log"), "cannot write the log x.log"),
    ],
    ids=["extra", "fault", "port", "log"],
)
def test_server_that_cannot_start_is_a_usage_error(
    stepcli: InProcess, server: _Server, failure: Exception, says: str
) -> None:
    server.failure = failure
    done = stepcli("sandbox")
    assert (done.code, done.stdout) == (2, "")
    assert says in done.stderr
    assert ("pip install 'stepcli[sandbox]'" in done.stderr) is isinstance(failure, MissingExtra)
