"""The virtual sound card for the device tests."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NoReturn

import pytest

from tests.devices.rig import Rig, RigMissing, Speaker, running_rig


@pytest.fixture(scope="session")
def rig() -> Iterator[Rig]:
    """A virtual sound card; without one, skip the test or fail (STEPCLI_REQUIRE_DEVICES=1)."""
    with ExitStack() as stack:
        try:
            rig = stack.enter_context(running_rig())
        except RigMissing as exc:
            _do_without(f"no audio rig: {exc}")
        yield rig


@pytest.fixture
def own_rig(rig: Rig) -> Iterator[Rig]:  # noqa: ARG001 - where that one cannot be, nor can this
    """A virtual sound card that the test may break."""
    with running_rig() as own:
        yield own


@pytest.fixture
def speaker(rig: Rig) -> Speaker:
    return rig.speaker()


@pytest.fixture
def no_devices(speaker: Speaker) -> dict[str, str]:
    """An environment without a sound server and without a sound card."""
    if any(Path("/proc/asound").glob("card[0-9]*")):
        pytest.skip("this machine has a sound card, which PortAudio finds by itself")
    return speaker.environ | {"PULSE_SERVER": "unix:/nowhere"}


@pytest.fixture(autouse=True)
def _turn(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """Wait until the other workers run no test that this one would disturb."""
    alone = request.node.get_closest_marker("alone")
    with (tmp_path_factory.getbasetemp().parent / "turn").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        yield


def _do_without(reason: str) -> NoReturn:
    if os.environ.get("STEPCLI_REQUIRE_DEVICES") == "1":
        pytest.fail(reason)
    pytest.skip(reason)
