"""Standard streams that are closed, full, or have an unusual encoding."""

from __future__ import annotations

import json
import os
import socket
import subprocess
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest

from tests.faults.local_rules import no_leftovers, quiet
from tests.support.program import COMMAND, Finished, Program
from tests.support.service import Sandbox
from tests.support.voice_samples import write_sample

TELLING = {
    "help": ("--help",),
    "help of one": ("speak", "--help"),
    "nothing": (),
    "version": ("--version",),
    "plan": ("speak", "Hello.", "--dry-run"),
    "transcript": ("transcribe", "-l", "en", "sample.wav"),
    "transcript as JSON": ("transcribe", "-l", "en", "sample.wav", "--json"),
    "voices": ("voices", "list"),
    "clone": ("voices", "clone", "sample.wav", "--yes"),
    "status": ("auth", "status"),
    "where": ("config", "path"),
    "check": ("doctor",),
    "sound": ("speak", "Hello.", "-o", "-"),
    "encoded sound": ("speak", "Hello. " * 200, "-o", "-", "--format", "flac"),
    "streamed sound": ("stream", "Hello.", "-o", "-"),
    "previewed sound": ("voices", "preview", "sample.wav", "-o", "-"),
    "server": ("sandbox",),
}
"""Commands that print their result."""

SILENT = {
    "sound in a file": ("speak", "Hello.", "-o", "out.wav"),
    "text in a file": ("transcribe", "-q", "-l", "en", "sample.wav", "-o", "out.txt"),
    "setting": ("config", "set", "voice", "vibrant-youth"),
    "stream": ("stream", "Hello.", "-o", "out.wav"),
}
"""Commands that print nothing."""


@pytest.fixture
def here(stepcli: Program) -> Program:
    write_sample(stepcli.home / "sample.wav", 6)
    return stepcli


def _in_shell(program: Program, arguments: tuple[str, ...], redirections: str) -> Finished:
    command = ["sh", "-c", f'exec "$@" {redirections}', "sh", *COMMAND, *arguments]
    done = subprocess.run(
        command,
        capture_output=True,
        stdin=subprocess.DEVNULL,
        cwd=program.home,
        env=program.environment(),
        timeout=120,
        check=False,
    )
    return Finished(done.returncode, done.stdout, done.stderr.decode())


FULL = ("help", "version", "plan", "transcript as JSON", "clone", "encoded sound", "server")


@pytest.mark.parametrize(
    ("what", "where"),
    [*((what, ">&-") for what in TELLING), *((what, ">/dev/full") for what in FULL)],
)
def test_unwritable_stdout_exits_with_8(here: Program, what: str, where: str) -> None:
    done = _in_shell(here, TELLING[what], where)
    assert done.code == 8
    assert done.stderr.count("cannot write") == 1
    assert quiet(done.stderr) == []
    assert no_leftovers(here.home) == []


def test_closed_stdout_is_detected_before_a_request(here: Program, service: Sandbox) -> None:
    for what in ("sound", "transcript", "encoded sound", "streamed sound"):
        _in_shell(here, TELLING[what], ">&-")
    assert service.log() == []


@pytest.mark.parametrize("arguments", SILENT.values(), ids=SILENT)
@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams_that_are_not_needed_do_not_matter(
    here: Program, arguments: tuple[str, ...], closed: str
) -> None:
    """cron and daemons close standard streams."""
    done = _in_shell(here, arguments, closed)
    assert (done.code, done.out, done.stderr) == (0, b"", "")
    written = [path for path in here.home.glob("out.*") if path.stat().st_size]
    assert len(written) == (0 if arguments[0] == "config" else 1)


def test_opened_file_does_not_replace_a_closed_stream(here: Program) -> None:
    _in_shell(here, ("speak", "Hello.", "-o", "out.wav", "--debug"), "<&- >&- 2>&-")
    assert (here.home / "out.wav").read_bytes()[:4] == b"RIFF"
    assert b"POST" not in (here.home / "out.wav").read_bytes()


LEFT = ("help", "version", "transcript", "voices", "check", "sound", "encoded sound", "server")


@pytest.mark.parametrize("what", LEFT)
def test_closed_pipe_ends_the_run_with_0(here: Program, what: str) -> None:
    """As in ``| head -c1`` and ``| true``."""
    read, write = os.pipe()
    os.close(read)
    with subprocess.Popen(
        [*COMMAND, *TELLING[what]],
        stdin=subprocess.DEVNULL,
        stdout=write,
        stderr=subprocess.PIPE,
        cwd=here.home,
        env=here.environment(),
    ) as process:
        os.close(write)
        _, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    assert b"error" not in err
    assert quiet(err.decode()) == []


@pytest.mark.parametrize(
    "locale",
    [
        {"LC_ALL": "C"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONIOENCODING": "ascii"},
        {"PYTHONIOENCODING": "gbk"},
        {"LC_ALL": "zh_CN.GBK"},
    ],
    ids=str,
)
def test_characters_that_stdout_lacks_are_escaped(here: Program, locale: dict[str, str]) -> None:
    """JSON stays valid, and text is spoken unchanged."""
    listed = here("voices", "list", **locale)
    assert (listed.code, listed.stderr) == (0, "")
    plan = here("speak", "你好 ¥ \U0001f600", "--dry-run", "--json", **locale)
    assert plan.code == 0, plan.stderr
    reported = json.loads(plan.out)
    assert reported["requests"][0]["input"] == "你好 ¥ \U0001f600"
    assert here("speak", "你好", "--dry-run", **locale).code == 0


def test_file_names_need_not_be_utf8(here: Program) -> None:
    name = os.fsdecode(b"n\xff.wav")
    done = here("speak", "Hello there, good morning.", "-o", name, "--json")
    assert json.loads(done.out)["output"] == name
    both = here("transcribe", "-l", "en", name, "sample.wav")
    assert both.code == 0, both.stderr
    assert b"==> n\xff.wav <==" in both.out


def test_invalid_utf8_in_an_argument_is_reported_with_its_offset(here: Program) -> None:
    done = here("speak", os.fsdecode(b"ab\xff"), "-o", "out.wav")
    assert (done.code, "offset 2" in done.stderr) == (2, True)


def test_full_log_does_not_stop_the_sandbox(offline: Program, home: Path) -> None:
    """A log that cannot be created is an error."""
    assert "cannot write the log" in offline("sandbox", "--log", home).stderr
    with offline.started("sandbox", "--json", "--log", "/dev/full") as server:
        assert server.stdout is not None
        reported = json.loads(server.stdout.readline())
        environ = {"STEPCLI_BASE_URL": reported["base_url"], "STEP_API_KEY": reported["key"]}
        for _ in range(2):
            assert offline("auth", "status", **environ).code == 0


def test_sandbox_prints_nothing_when_a_client_disconnects(offline: Program) -> None:
    with offline.started("sandbox", "--json") as server:
        assert server.stdout is not None
        base = urlsplit(json.loads(server.stdout.readline())["base_url"])
        with socket.create_connection((base.hostname or "", base.port or 0)) as client:
            client.sendall(
                b"POST /v1/files HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer sandbox-key\r\n"
                b"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 999\r\n\r\n--b"
            )
        with urlopen(f"{base.scheme}://{base.netloc}/_sandbox/log", timeout=10) as answer:
            assert answer.status == 200
        server.terminate()
        _, err = server.communicate(timeout=30)
    assert b"Traceback" not in err
