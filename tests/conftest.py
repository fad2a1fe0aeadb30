"""Fixtures shared by all tests."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import settings

from stepcli.storage.temporary_files import temporary_files
from tests.support.figures import pytest_terminal_summary  # noqa: F401 - pytest calls it
from tests.support.program import Program
from tests.support.service import Sandbox, sandbox

settings.register_profile("stepcli", deadline=None, derandomize=True)
settings.load_profile("stepcli")

TESTS = Path(__file__).parent
STARTERS = {
    "subprocess",
    "tests.cli.completion.shells",
    "tests.sandbox.client",
    "tests.support.fake_service",
    "tests.support.media",
    "tests.support.microphones",
    "tests.support.pasted",
    "tests.support.program",
    "tests.support.raw_server",
    "tests.support.service",
    "tests.support.sounds",
    "tests.support.terminal",
}
"""Modules that start programs, servers or devices."""
SLOW_DIRECTORIES = ("bench", "devices", "faults", "package", "readme", "sandbox")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests as quick unless they start something or are marked as slow."""
    starts_nothing = cache(_starts_nothing)
    for item in items:
        directory = item.path.relative_to(TESTS).parts[0]
        module = getattr(item, "module", None)
        is_slow = directory in SLOW_DIRECTORIES or item.get_closest_marker("slow")
        starts_sandbox = "running_sandbox" in getattr(item, "fixturenames", ())
        if module and not is_slow and not starts_sandbox and starts_nothing(module):
            item.add_marker(pytest.mark.quick)


def pytest_collection_finish() -> None:
    """Keep the garbage collector from looking at thousands of tests again and again."""
    gc.collect()
    gc.freeze()


def _starts_nothing(module: ModuleType) -> bool:
    imported = {
        value.__name__ if isinstance(value, ModuleType) else getattr(value, "__module__", None)
        for value in vars(module).values()
    }
    return imported.isdisjoint(STARTERS)


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Hide the developer's keys, settings and proxies from the tests."""
    for name in list(os.environ):
        foreign = name.upper().startswith(("STEP", "XDG_")) or name.upper().endswith("_PROXY")
        if foreign and name != "STEPCLI_REQUIRE_DEVICES":
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    temporary_files.open()  # closed by a run of `main` in this process


@pytest.fixture
def home(tmp_path: Path) -> Path:
    path = tmp_path / "home"
    path.mkdir(exist_ok=True)
    return path


@pytest.fixture
def offline(home: Path) -> Program:
    """The program without a key and without a service."""
    return Program(home)


@pytest.fixture(scope="session")
def running_sandbox() -> Iterator[Sandbox]:
    with sandbox() as service:
        yield service


@pytest.fixture
def service(running_sandbox: Sandbox) -> Sandbox:
    """The sandbox server without faults and with an empty log."""
    running_sandbox.reset()
    return running_sandbox


@pytest.fixture
def stepcli(home: Path, service: Sandbox) -> Program:
    """The program, configured for the sandbox server."""
    return Program(home, dict(service.environ))
