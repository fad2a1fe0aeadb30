"""The fault matrix: every command with every fault and every kind of output."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.matrix import BY_NAME, COMMANDS, Cell, Output, faults_of, sample
from tests.faults.matrix_run import run
from tests.support.fake_service import FakeService, fake_service
from tests.support.raw_server import RawServer, raw_server

ROWS = [
    (command.name, fault.name, outputs)
    for command in COMMANDS
    for fault, outputs in sample(command, list(faults_of(command, "http://127.0.0.1:9")))
]


@pytest.fixture(scope="module")
def service() -> Iterator[FakeService]:
    with fake_service() as service:
        yield service


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[RawServer]:
    """Another host, which must not receive anything."""
    with raw_server(b"") as other:
        yield other


@pytest.mark.parametrize(
    ("command", "fault", "outputs"), ROWS, ids=[f"{name}-{fault}" for name, fault, _ in ROWS]
)
def test_cell(
    service: FakeService,
    elsewhere: RawServer,
    tmp_path: Path,
    record_property: Callable[[str, object], None],
    command: str,
    fault: str,
    outputs: list[Output],
) -> None:
    """The exit code, one message, complete files, no leaks and no repeated requests."""
    chosen = BY_NAME[command]
    named = {one.name: one for one in faults_of(chosen, elsewhere.base)}[fault]
    wrong = []
    for output in outputs:
        root = tmp_path / output
        root.mkdir()
        found = run(Cell(chosen, named, output), service, root)
        wrong += [f"{output}: {violation}" for violation in found]
    if elsewhere.requests:
        wrong.append("the other host was asked")
        elsewhere.requests.clear()
    record_property("cells", len(outputs))
    record_property("violations", len(wrong))
    assert not wrong
