"""One process asks another to stop through the lock that it holds."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from stepcli.errors import OutputError
from stepcli.storage.stop_request import StoppableLock


def test_second_taker_asks_the_first_to_stop(tmp_path: Path) -> None:
    path = tmp_path / "state" / "toggle.lock"
    lock = StoppableLock.take(path)
    assert lock
    assert not lock.stop_requested
    assert StoppableLock.take(path) is None
    assert lock.stop_requested
    lock.release()
    assert not lock.stop_requested


def test_released_lock_can_be_taken_without_an_old_request(tmp_path: Path) -> None:
    path = tmp_path / "toggle.lock"
    first = StoppableLock.take(path)
    assert first
    assert StoppableLock.take(path) is None
    first.release()
    _age(path)
    second = StoppableLock.take(path)
    assert second
    assert not second.stop_requested
    second.release()


def test_two_requests_at_once_are_one(tmp_path: Path) -> None:
    """The second does not begin something new although the lock is free again."""
    path = tmp_path / "toggle.lock"
    lock = StoppableLock.take(path)
    assert lock
    assert StoppableLock.take(path) is None
    lock.release()
    assert StoppableLock.take(path) is None
    _age(path)
    again = StoppableLock.take(path)
    assert again
    again.release()


def _age(path: Path) -> None:
    """Let the last request be of long ago."""
    os.utime(path, (0, 0))


def test_lock_of_a_killed_process_can_be_taken(tmp_path: Path) -> None:
    path = tmp_path / "toggle.lock"
    script = (
        "import sys; from pathlib import Path;"
        "from stepcli.storage.stop_request import StoppableLock;"
        "lock = StoppableLock.take(Path(sys.argv[1])); print('taken', flush=True);"
        "sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == b"taken\n"
        assert StoppableLock.take(path) is None
        os.kill(holder.pid, signal.SIGKILL)
        holder.wait()
    _age(path)
    lock = StoppableLock.take(path)
    assert lock
    lock.release()


def test_place_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "state").touch()
    with pytest.raises(OutputError, match="cannot lock"):
        StoppableLock.take(tmp_path / "state" / "toggle.lock")
