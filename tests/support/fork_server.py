"""Run the program in a forked child of a process that has imported it: a tenth of the time.

``python -m tests.support.fork_server FD`` serves on the listening socket ``FD``. Each connection is
one run: the client sends the order and the three standard streams, the server replies with the
child's pid and, once it has ended, with its exit status. Tests of start-up, of Python's own
environment variables and of signals need a real process: see ``tests.support.program``.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import select
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

SUPPORTED = hasattr(os, "pidfd_open")
_ORDER_SIZE = 1 << 20


class ForkServer:
    """The client's side: starts the server, which ends with this process."""

    def __init__(self) -> None:
        self._directory = tempfile.TemporaryDirectory(prefix="fork-")
        self._address = str(Path(self._directory.name) / "socket")
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(self._address)
            listener.listen()
            self._process = subprocess.Popen(
                [sys.executable, "-W", "error", "-m", "tests.support.fork_server",
                 str(listener.fileno())],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                cwd=Path(__file__).parents[2],
                env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
                pass_fds=[listener.fileno()],
            )  # fmt: skip

    def run(
        self,
        arguments: Sequence[str],
        environ: Mapping[str, str],
        cwd: Path,
        *,
        input: bytes = b"",
        timeout: float,
    ) -> tuple[int, bytes, bytes]:
        """Return the exit code, stdout and stderr of a run. Raise TimeoutError if it is late."""
        (stdin, to_stdin), (out, stdout), (err, stderr) = os.pipe(), os.pipe(), os.pipe()
        try:
            run = self.start(arguments, environ, cwd, (stdin, stdout, stderr))
        finally:
            for end in (stdin, stdout, stderr):
                os.close(end)
        written, is_complete = _communicate((to_stdin, input), (out, err), timeout)
        if not is_complete:
            os.killpg(run.pid, signal.SIGKILL)
        code = run.wait()
        if not is_complete:
            raise TimeoutError(f"{' '.join(arguments)} ran for more than {timeout} s: {written}")
        return code, *written

    def start(
        self,
        arguments: Sequence[str],
        environ: Mapping[str, str],
        cwd: Path,
        streams: tuple[int, int, int],
    ) -> ForkedRun:
        """Start a run with ``streams`` as its stdin, stdout and stderr."""
        order = {"arguments": list(arguments), "environ": dict(environ), "cwd": str(cwd)}
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(self._address)
        message = json.dumps(order).encode() + b"\n"
        sent = socket.send_fds(connection, [message], list(streams))
        if rest := message[sent:]:  # otherwise the run may be over, and the connection closed
            connection.sendall(rest)
        return ForkedRun(connection)

    def close(self) -> None:
        if self._process.stdin:
            self._process.stdin.close()
        self._process.wait()
        self._directory.cleanup()


def _communicate(
    stdin: tuple[int, bytes], outputs: tuple[int, int], timeout: float
) -> tuple[tuple[bytes, bytes], bool]:
    """Write stdin, read ``outputs``; whether they were closed before ``timeout``."""
    deadline = time.monotonic() + timeout
    to_stdin, rest = stdin
    read = {output: bytearray() for output in outputs}
    with selectors.DefaultSelector() as selector:
        selector.register(to_stdin, selectors.EVENT_WRITE)
        for output in outputs:
            selector.register(output, selectors.EVENT_READ)
        while selector.get_map() and time.monotonic() < deadline:
            for key, _ in selector.select(deadline - time.monotonic()):
                if key.fd in read:
                    block = os.read(key.fd, 1 << 20)
                    read[key.fd] += block
                    is_open = bool(block)
                else:
                    rest = _written(to_stdin, rest)
                    is_open = bool(rest)
                if not is_open:
                    selector.unregister(key.fd)
                    os.close(key.fd)
        is_complete = not selector.get_map()
        for key in list(selector.get_map().values()):
            os.close(key.fd)
    out, err = outputs
    return (bytes(read[out]), bytes(read[err])), is_complete


def _written(stdin: int, rest: bytes) -> bytes:
    """Write a block of ``rest`` and return what remains; nothing does when stdin is closed."""
    try:
        return rest[os.write(stdin, rest[: select.PIPE_BUF]) :] if rest else b""
    except BrokenPipeError:
        return b""


@cache
def fork_server() -> ForkServer:
    """The server of this process, started when it is first needed."""
    server = ForkServer()
    atexit.register(server.close)
    return server


class ForkedRun:
    """One run of the program under way."""

    def __init__(self, connection: socket.socket) -> None:
        self._replies = connection.makefile("r")
        connection.close()
        self.pid = int(self._replies.readline())

    def wait(self) -> int:
        """Wait for the end; the exit code, negative for the signal that ended it."""
        with self._replies:
            return int(self._replies.readline())


def serve(listener: socket.socket) -> None:
    """Serve until stdin is closed."""
    _import_program()
    with selectors.DefaultSelector() as selector:
        selector.register(0, selectors.EVENT_READ)
        selector.register(listener, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                if key.fileobj == 0:
                    return
                if key.fileobj is listener:
                    connection, _ = listener.accept()
                    pid = _fork(connection, (listener.fileno(), selector))
                    selector.register(os.pidfd_open(pid), selectors.EVENT_READ, (pid, connection))
                else:
                    selector.unregister(key.fd)
                    os.close(key.fd)
                    _reply(*key.data)


def _reply(pid: int, connection: socket.socket) -> None:
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    with connection, contextlib.suppress(OSError):
        connection.sendall(f"{code}\n".encode())


def _fork(connection: socket.socket, ours: tuple[int, selectors.BaseSelector]) -> int:
    message, streams, _, _ = socket.recv_fds(connection, _ORDER_SIZE, 3)
    while not message.endswith(b"\n"):
        message += connection.recv(_ORDER_SIZE)
    pid = os.fork()
    if pid == 0:
        listener, selector = ours
        os.close(listener)
        for key in list(selector.get_map().values()):
            if key.data:
                os.close(key.fd)
                key.data[1].close()
        selector.close()
        connection.close()
        _run(json.loads(message), streams)
    for stream in streams:
        os.close(stream)
    connection.sendall(f"{pid}\n".encode())
    return pid


def _run(order: dict[str, object], streams: Sequence[int]) -> None:
    """Become the program. Never returns."""
    os.setsid()
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", buffering=1, errors="backslashreplace", closefd=False)  # noqa: SIM115
    os.chdir(str(order["cwd"]))
    os.environ.clear()
    os.environ.update(order["environ"])  # type: ignore[call-overload]
    time.tzset()
    sys.argv = ["stepcli", *order["arguments"]]  # type: ignore[misc]
    from stepcli.__main__ import program

    code = 99
    try:
        program()
    except SystemExit as exc:
        code = exc.code if isinstance(exc.code, int) else 1
    except BaseException:  # noqa: BLE001 - what escapes the program is shown, as Python would
        sys.excepthook(*sys.exc_info())
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _import_program() -> None:
    """Everything but sounddevice, which looks for devices while it is imported."""
    import importlib
    import pkgutil

    import httpx  # noqa: F401
    import numpy as np  # noqa: F401
    import rich.console
    import rich.live
    import rich.progress
    import rich.table  # noqa: F401
    import soundfile  # noqa: F401
    import soxr  # noqa: F401
    import tomlkit  # noqa: F401
    import websockets.sync.client  # noqa: F401

    import stepcli

    for found in pkgutil.walk_packages(stepcli.__path__, "stepcli."):
        if not found.name.startswith("stepcli.sandbox.") and "__main__" not in found.name:
            importlib.import_module(found.name)


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
