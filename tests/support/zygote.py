"""The program in a process of its own, forked from one that has loaded it: a tenth of the time.

What loading costs is measured elsewhere; here thousands of runs differ in what happens after it.
"""

from __future__ import annotations

import json
import subprocess
import sys
from base64 import b64decode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.program import Finished

_SERVER = r"""
import atexit, base64, json, os, selectors, signal, sys, threading, time

orders, replies = os.fdopen(os.dup(0), "r"), os.fdopen(os.dup(1), "w")
null = os.open(os.devnull, os.O_RDWR)
os.dup2(null, 0)
os.dup2(null, 1)

import httpx_sse, numpy, rich.console, rich.table, soundfile, soxr, tomlkit, websockets.sync.client
from stepcli.cli.main import main
from stepcli.api import client, files, realtime_connection, recognition, speech, voices
from stepcli.audio import decode, encoder, resampling, segments, voice_sample
from stepcli.cli import app
from stepcli.cli.commands import auth, doctor, speak, speak_batch, speak_text, stream, stream_run
from stepcli.cli.commands import transcribe, transcribe_files, voices_list, voices_preview
from stepcli.cli.commands import voices as voices_command

def run(order, out, err):
    os.setpgid(0, 0)
    os.dup2(out, 1)
    os.dup2(err, 2)
    sys.stdin = open(0, encoding="utf-8", closefd=False)
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = open(2, "w", buffering=1, errors="backslashreplace", closefd=False)
    os.chdir(order["cwd"])
    os.environ.clear()
    os.environ.update(order["environ"])
    sys.argv = ["stepcli", *order["arguments"]]
    try:
        code = main(order["arguments"])
        threading._shutdown()
        atexit._run_exitfuncs()
        sys.stdout.flush()
    except SystemExit as exc:
        code = exc.code
    except BaseException:
        import traceback
        traceback.print_exc()
        code = 99
    sys.stderr.flush()
    os._exit(code or 0)

def watch(pid, ends, seconds):
    # What the run wrote, until both ends are closed or time is up.
    taken, begun = {end: b"" for end in ends}, time.monotonic()
    selector = selectors.DefaultSelector()
    for end in ends:
        selector.register(end, selectors.EVENT_READ)
    late = False
    while selector.get_map():
        for key, _ in selector.select(1):
            block = os.read(key.fd, 1 << 20)
            taken[key.fd] += block[: (1 << 26) - len(taken[key.fd])]
            if not block:
                selector.unregister(key.fd)
        if not late and time.monotonic() - begun > seconds:
            late = True
            os.killpg(pid, signal.SIGKILL)
    return late, [taken[end] for end in ends]

for line in orders:
    order = json.loads(line)
    (out, to_out), (err, to_err) = os.pipe(), os.pipe()
    pid = os.fork()
    if not pid:
        run(order, to_out, to_err)
    os.close(to_out)
    os.close(to_err)
    late, written = watch(pid, (out, err), order["seconds"])
    os.close(out)
    os.close(err)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    told = [base64.b64encode(one).decode() for one in written]
    replies.write(json.dumps({"code": code, "late": late, "written": told}) + "\n")
    replies.flush()
orders.close()
replies.close()
"""


@dataclass(frozen=True)
class Zygote:
    """Runs the program, one run at a time."""

    process: subprocess.Popen[str]

    def run(
        self, arguments: Sequence[str], environ: Mapping[str, str], cwd: Path, seconds: float
    ) -> Finished:
        """Run to the end; without input. Raises TimeoutError after ``seconds``."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        order = {
            "arguments": list(arguments),
            "environ": dict(environ),
            "cwd": str(cwd),
            "seconds": seconds,
        }
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        reply = json.loads(self.process.stdout.readline())
        if reply["late"]:
            raise TimeoutError
        out, err = map(b64decode, reply["written"])
        return Finished(reply["code"], out, err.decode(errors="backslashreplace"))


@contextmanager
def zygote(environ: Mapping[str, str]) -> Iterator[Zygote]:
    """A process that has loaded the program, until the end of the block."""
    command = [sys.executable, "-W", "error", "-c", _SERVER]
    more = {"OPENBLAS_NUM_THREADS": "1", "PYTHONUTF8": "1"}
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, stdin=pipe, stdout=pipe, text=True, env={**environ, **more}
    ) as process:
        assert process.stdin is not None
        try:
            yield Zygote(process)
        finally:
            process.stdin.close()
