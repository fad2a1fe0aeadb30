"""Cells of the fault matrix in which audio is played."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.devices.rig import Speaker
from tests.faults.matrix import BY_NAME, faults_of
from tests.faults.wire.fault import KEY
from tests.support.fake_service import FakeService, fake_service
from tests.support.program import Program


@pytest.fixture(scope="module")
def service() -> Iterator[FakeService]:
    with fake_service() as service:
        yield service


@pytest.mark.parametrize(
    ("name", "fault", "asked"),
    [
        ("speak", "503", 2),
        ("speak", "events-no-done", 1),
        ("speak", "events-not-base64", 1),
        ("speak", "events-error-key", 1),
        ("speak", "events-censored", 1),
        ("speak", "reset-underway", 1),
        ("speak", "stall-underway", 1),
        ("stream", "close-1011@3", 2),
        ("stream", "error-451@3", 1),
        ("stream", "silent@3", 1),
    ],
)
def test_interrupted_playback_has_one_error_and_no_second_charge(
    service: FakeService, speaker: Speaker, home: Path, name: str, fault: str, asked: int
) -> None:
    command = BY_NAME[name]
    chosen = {one.name: one for one in faults_of(command, "http://127.0.0.1:9")}[fault]
    service.reset(chosen.at_endpoint(command.endpoint))
    environ = {"STEPCLI_BASE_URL": service.base, "STEP_API_KEY": KEY, **speaker.environ}
    silence = "3" if chosen.code == 5 else "30"
    done = Program(home, environ)(*command.arguments, "--retries", "1", "--timeout", silence)
    assert done.code == chosen.code
    assert done.stderr.count("stepcli: error: ") == 1
    assert "Traceback" not in done.stderr
    assert KEY[:16] not in done.stderr
    assert len(service.of(command.endpoint)) == asked
