"""``transcribe --mic`` and ``--live`` while the network is cut, with a microphone in memory."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from stepcli.cli.io.level_meter import LevelMeter
from tests.support.in_process import InProcess
from tests.support.memory_microphone import MemoryMicrophone
from tests.support.microphones import FEW, PAUSE, VOICE
from tests.support.network_link import NetworkLink, Outage, network_link
from tests.support.program import Finished, until
from tests.support.recordings import silence
from tests.support.service import Sandbox

REPORT = "recording continues and is transcribed later"
MODES = [("--mic", "--silence", "3600"), ("--live",)]
TIMEOUTS = {Outage.REFUSED: "60", Outage.HUNG: "2"}
Step = bytes | Callable[[], object]


@pytest.fixture
def link(service: Sandbox) -> Iterator[NetworkLink]:
    with network_link(service.origin) as link:
        yield link


class Dictation:
    """Runs the program with a microphone that delivers sounds, and calls what is between them."""

    def __init__(self, home: Path, environ: dict[str, str], patch: pytest.MonkeyPatch) -> None:
        self.run = InProcess(home, environ)
        self.notes: list[str] = []
        self._patch = patch
        note = LevelMeter.note

        def noted(meter: LevelMeter, text: str) -> None:
            self.notes.append(text)
            note(meter, text)

        patch.setattr(LevelMeter, "note", noted)

    def __call__(self, steps: list[Step], *options: str, timeout: str = "60") -> Finished:
        def blocks() -> Iterator[bytes]:
            for step in steps:
                if isinstance(step, bytes):
                    yield step
                else:
                    step()

        self._patch.setattr(
            "stepcli.audio.recorder.Recorder", lambda *_: MemoryMicrophone(blocks())
        )
        environ = {"STEPCLI_RETRIES": "0", "STEPCLI_TIMEOUT": timeout}
        return self.run("transcribe", *options, **environ)

    def wait_for_report(self) -> None:
        until(lambda: any(REPORT in note for note in self.notes))


@pytest.fixture
def dictate(
    home: Path, service: Sandbox, link: NetworkLink, monkeypatch: pytest.MonkeyPatch
) -> Dictation:
    base = service.base.replace(service.origin, f"http://127.0.0.1:{link.own_port}")
    environ = {**service.environ, "STEPCLI_BASE_URL": base, "STEPCLI_LANGUAGE": "en"}
    return Dictation(home, environ, monkeypatch)


SAID = (silence(1) + VOICE + PAUSE, VOICE + PAUSE, FEW + PAUSE, VOICE + PAUSE)


@pytest.mark.parametrize("outage", Outage)
@pytest.mark.parametrize("mode", MODES, ids=["mic", "live"])
def test_network_that_is_cut_for_a_while_loses_nothing(
    dictate: Dictation, service: Sandbox, link: NetworkLink, mode: tuple[str, ...], outage: Outage
) -> None:
    """The outage is reported once; the text is that of a dictation without one."""
    expected = dictate([*SAID], *mode)
    dictate.notes.clear()
    service.reset()
    first, second, third, last = SAID
    steps: list[Step] = [
        first,
        lambda: until(lambda: service.log("asr")),
        lambda: link.cut(outage),
        second,
        dictate.wait_for_report,
        third,
        link.restore,
        last,
    ]
    done = dictate(steps, *mode, timeout=TIMEOUTS[outage])
    assert done.code == 0, done.stderr
    assert done.stdout == expected.stdout
    assert [REPORT in note for note in dictate.notes] == [False, True]


@pytest.mark.parametrize(
    ("mode", "outage"), list(zip(MODES, Outage, strict=True)), ids=["mic, refused", "live, hung"]
)
def test_network_that_stays_away_keeps_the_recording(
    dictate: Dictation, service: Sandbox, link: NetworkLink, mode: tuple[str, ...], outage: Outage
) -> None:
    """The command of the hint gives the whole text."""
    first, *others = SAID
    steps: list[Step] = [
        first,
        lambda: until(lambda: service.log("asr")),
        lambda: link.cut(outage),
        *others,
        dictate.wait_for_report,
    ]
    done = dictate(steps, *mode, timeout=TIMEOUTS[outage])
    assert done.code == {Outage.REFUSED: 6, Outage.HUNG: 5}[outage], done.stderr
    assert "not transcribed" in done.stderr
    assert sum(REPORT in note for note in dictate.notes) == 1
    (kept,) = (dictate.run.home / ".local/state/stepcli/recordings").iterdir()
    assert f"the recording is kept: {kept}" in done.stderr
    link.restore()
    command = shlex.split(done.stderr.partition("try again: ")[2].splitlines()[0])
    assert command[:3] == ["stepcli", "transcribe", "--last"]
    again = dictate.run(*command[1:])
    assert again.code == 0, again.stderr
    assert again.stdout.casefold().count("ever tried") == len(SAID)
