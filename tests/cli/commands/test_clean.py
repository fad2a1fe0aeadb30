"""``stepcli clean``: what is kept, how much, and deletion by kind."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from stepcli.storage.kept_files import KINDS
from tests.support.in_process import InProcess


@pytest.fixture
def state(tmp_path: Path) -> Path:
    state = tmp_path / ".local/state/stepcli"
    for kind, size in (("speech", 1500), ("recordings", 40)):
        (state / kind / "job").mkdir(parents=True)
        (state / kind / "job" / "00000.wav").write_bytes(bytes(size))
    return state


def test_kinds_and_sizes_are_listed_and_nothing_is_deleted(tmp_path: Path, state: Path) -> None:
    done = InProcess(tmp_path)("clean")
    assert re.search(r"speech +1\.5 kB", done.stdout)
    assert all(kind in done.stdout for kind in KINDS)
    assert (state / "speech/job/00000.wav").exists()


def test_only_the_named_kind_is_deleted(tmp_path: Path, state: Path) -> None:
    done = InProcess(tmp_path)("clean", "SPEECH", "--json")
    result = json.loads(done.stdout)
    assert [(one["kind"], one["files"], one["bytes"]) for one in result["deleted"]] == [
        ("speech", 1, 1500)
    ]
    assert not (state / "speech/job").exists()
    assert (state / "recordings/job").exists()
    assert InProcess(tmp_path)("clean", "--all").code == 0
    assert not (state / "recordings/job").exists()


def test_unknown_kind_is_a_usage_error(tmp_path: Path) -> None:
    done = InProcess(tmp_path)("clean", "everything")
    assert done.code == 2
    assert "KIND must be one of speech" in done.stderr
