"""Standard streams that are closed, full, gone or of an odd encoding."""

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
"""Commands whose result is on stdout."""

SILENT = {
    "sound in a file": ("speak", "Hello.", "-o", "out.wav"),
    "text in a file": ("transcribe", "-q", "-l", "en", "sample.wav", "-o", "out.txt"),
    "setting": ("config", "set", "voice", "vibrant-youth"),
    "stream": ("stream", "Hello.", "-o", "out.wav"),
}
"""Commands that have nothing to say on stdout."""


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
def test_stdout_that_takes_nothing(here: Program, what: str, where: str) -> None:
    """A result that cannot be written is exit 8 and one sentence."""
    done = _in_shell(here, TELLING[what], where)
    assert done.code == 8
    assert done.stderr.count("cannot write") == 1
    assert quiet(done.stderr) == []
    assert no_leftovers(here.home) == []


def test_closed_stdout_costs_nothing(here: Program, service: Sandbox) -> None:
    """What nobody can receive is not asked for, as far as that is known beforehand."""
    for what in ("sound", "transcript", "encoded sound", "streamed sound"):
        _in_shell(here, TELLING[what], ">&-")
    assert service.log() == []


@pytest.mark.parametrize("arguments", SILENT.values(), ids=SILENT)
@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&- >&- 2>&-"])
def test_streams_that_nobody_needs(here: Program, arguments: tuple[str, ...], closed: str) -> None:
    """cron, daemons and careless parents close streams: what needs none of them works."""
    done = _in_shell(here, arguments, closed)
    assert (done.code, done.out, done.stderr) == (0, b"", "")
    written = [path for path in here.home.glob("out.*") if path.stat().st_size]
    assert len(written) == (0 if arguments[0] == "config" else 1)


def test_a_file_does_not_become_a_stream(here: Program) -> None:
    """With all streams closed a file that is opened takes none of their places."""
    _in_shell(here, ("speak", "Hello.", "-o", "out.wav", "--debug"), "<&- >&- 2>&-")
    assert (here.home / "out.wav").read_bytes()[:4] == b"RIFF"
    assert b"POST" not in (here.home / "out.wav").read_bytes()


LEFT = ("help", "version", "transcript", "voices", "check", "sound", "encoded sound", "server")


@pytest.mark.parametrize("what", LEFT)
def test_reader_that_leaves(here: Program, what: str) -> None:
    """``| head -c1`` and ``| true`` end quietly, with 0."""
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
def test_poor_encoding(here: Program, locale: dict[str, str]) -> None:
    """A character that stdout lacks is escaped, JSON stays JSON, a text is spoken as it is."""
    listed = here("voices", "list", **locale)
    assert (listed.code, listed.stderr) == (0, "")
    plan = here("speak", "你好 ¥ \U0001f600", "--dry-run", "--json", **locale)
    assert plan.code == 0, plan.stderr
    told = json.loads(plan.out)
    assert told["requests"][0]["input"] == "你好 ¥ \U0001f600"
    assert here("speak", "你好", "--dry-run", **locale).code == 0


def test_name_of_bytes(here: Program) -> None:
    """A name that is no UTF-8 is a name: written to, read from, told in text and in JSON."""
    name = os.fsdecode(b"n\xff.wav")
    done = here("speak", "Hello there, good morning.", "-o", name, "--json")
    assert json.loads(done.out)["output"] == name
    both = here("transcribe", "-l", "en", name, "sample.wav")
    assert both.code == 0, both.stderr
    assert b"==> n\xff.wav <==" in both.out


def test_text_of_bytes(here: Program) -> None:
    """An argument that is not UTF-8 is told with its offset."""
    done = here("speak", os.fsdecode(b"ab\xff"), "-o", "out.wav")
    assert (done.code, "offset 2" in done.stderr) == (2, True)


def test_a_full_log_does_not_stop_the_sandbox(offline: Program, home: Path) -> None:
    """What cannot be written down is still answered; a log that cannot be is told at once."""
    assert "cannot write the log" in offline("sandbox", "--log", home).stderr
    with offline.started("sandbox", "--json", "--log", "/dev/full") as server:
        assert server.stdout is not None
        told = json.loads(server.stdout.readline())
        environ = {"STEPCLI_BASE_URL": told["base_url"], "STEP_API_KEY": told["key"]}
        for _ in range(2):
            assert offline("auth", "status", **environ).code == 0


def test_a_client_that_leaves_is_no_news(offline: Program) -> None:
    """The sandbox says nothing of a client that goes away in the middle of its request."""
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
