"""Many sounds to text: order, failures, memory. The service is a function here."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from stepcli.api.recognition import RecognitionRequest, TranscriptDelta, TranscriptDone
from stepcli.audio.segments import Segment
from stepcli.audio_types import Recording
from stepcli.errors import NetworkError, StepcliError, UsageError
from stepcli.tasks.transcription.results import DisabledResultCache, ResultCache, ResultStore
from stepcli.tasks.transcription.run import (
    DeltaReceived,
    InputResult,
    OpenInput,
    Transcription,
    in_order,
)
from stepcli.tasks.transcription.transcript import Transcript

Script = dict[str, StepcliError]


def _segment(name: str, start: float = 0.0) -> Segment:
    return Segment(start, start + 10, 0.0, name, Recording(name, 1, lambda: iter([b""])))


def _input(*names: str, failure: StepcliError | None = None) -> OpenInput:
    def cut() -> Iterator[Segment]:
        for number, name in enumerate(names):
            yield _segment(name, 10.0 * number)
        if failure:
            raise failure

    return lambda: (None, cut())


@dataclass
class _Service:
    """Says each recording's name, or fails as the script has it."""

    script: Script = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    @contextmanager
    def ask(
        self, request: RecognitionRequest
    ) -> Iterator[Iterator[TranscriptDelta | TranscriptDone]]:
        name = request.recording.container
        self.asked.append(name)
        yield self._answer(name)

    def _answer(self, name: str) -> Iterator[TranscriptDelta | TranscriptDone]:
        yield TranscriptDelta(name, 1.0, 2.0)
        if name in self.script:
            raise self.script[name]
        yield TranscriptDone(name, {"total_tokens": 2, "type": "tokens"}, f"session {name}")


def _run(
    inputs: list[OpenInput], service: _Service, memory: ResultStore | None = None, jobs: int = 2
) -> list[DeltaReceived | InputResult]:
    work = Transcription(
        inputs,
        lambda recording: RecognitionRequest(recording, "en"),
        service.ask,
        memory or DisabledResultCache(Path(os.devnull), ""),
    )
    return list(in_order(work.events(jobs), len(inputs)))


def _texts(told: list[DeltaReceived | InputResult]) -> list[str]:
    results = [one.result for one in told if isinstance(one, InputResult)]
    return [one.text if isinstance(one, Transcript) else one.message for one in results]


@pytest.mark.parametrize("jobs", [1, 2, 8])
def test_order(jobs: int) -> None:
    """Words and outcomes come in the order of inputs and pieces, whoever was first."""
    names = [[f"{i}.{p}" for p in range(i % 4 + 1)] for i in range(30)]
    told = _run([_input(*each) for each in names], _Service(), jobs=jobs)
    assert _texts(told) == [" ".join(each) for each in names]
    heard = [one.delta.text for one in told if isinstance(one, DeltaReceived)]
    assert heard == [name for each in names for name in each]


def test_usage_and_ids() -> None:
    """Usage is summed, ids are listed, times are those of the whole sound."""
    (outcome,) = [
        one for one in _run([_input("a", "b", "c")], _Service()) if isinstance(one, InputResult)
    ]
    assert isinstance(outcome.result, Transcript)
    assert outcome.result.usage == {"total_tokens": 6, "type": "tokens"}
    assert [each["session_id"] for each in outcome.result.ids] == [
        "session a",
        "session b",
        "session c",
    ]
    assert [cue.start for cue in outcome.result.cues] == [1.0, 11.0, 21.0]
    assert outcome.result.duration == 30.0


def test_failures_do_not_stop_others() -> None:
    """Inputs that cannot be opened, cut or recognised fail alone."""

    def unreadable() -> tuple[None, Iterator[Segment]]:
        raise UsageError("unreadable")

    inputs = [unreadable, _input("a"), _input("b", "bad"), _input("c", failure=UsageError("torn"))]
    told = _run(inputs, _Service({"bad": NetworkError("refused")}))
    assert _texts(told) == ["unreadable", "a", "refused", "torn"]


def test_first_failure_counts() -> None:
    """Of several failed pieces the earliest is told."""
    script: Script = {name: NetworkError(name) for name in ("b", "c", "d")}
    assert _texts(_run([_input("a", "b", "c", "d")], _Service(script), jobs=4)) == ["b"]


def test_nothing_more_is_asked_after_a_failure() -> None:
    """Of an input that has failed, pieces not yet asked for are left out."""
    service = _Service({"c": NetworkError("c")})
    _run([_input(*"abcdefgh"), _input("x")], service, jobs=1)
    assert service.asked == ["a", "b", "c", "x"]


def _kept(tmp_path: Path, host: str = "host") -> ResultCache:
    return ResultCache(tmp_path / "room", host)


def test_continued(tmp_path: Path) -> None:
    """What was answered before a failure is not asked again."""
    first, second = _Service({"e": NetworkError("e")}), _Service()
    kept = _kept(tmp_path)
    assert _texts(_run([_input(*"abcdefgh")], first, kept, jobs=1)) == ["e"]
    assert "4 finished pieces are kept" in (kept.location() or "")
    again = _kept(tmp_path)
    told = _run([_input(*"abcdefgh")], second, again, jobs=1)
    assert _texts(told) == ["a b c d e f g h"]
    assert second.asked == list("efgh")
    assert [one.delta.text for one in told if isinstance(one, DeltaReceived)] == list("abcdefgh")
    again.clear()
    assert list((tmp_path / "room").iterdir()) == []


def test_forgotten(tmp_path: Path) -> None:
    """A run that is to keep nothing takes with it what was kept of its pieces, and no more."""
    _run([_input("a"), _input("b")], _Service(), _kept(tmp_path))
    service = _Service()
    _run([_input("a")], service, DisabledResultCache(tmp_path / "room", "host"))
    assert service.asked == ["a"]
    assert len(list((tmp_path / "room").iterdir())) == 1


def test_another_service_is_asked_again(tmp_path: Path) -> None:
    """What one service said is not what another would say."""
    _run([_input("a")], _Service(), _kept(tmp_path))
    service = _Service()
    _run([_input("a")], service, _kept(tmp_path, "elsewhere"))
    assert service.asked == ["a"]


def test_same_sound_twice_in_a_run(tmp_path: Path) -> None:
    """A run never answers itself: two equal inputs are two requests, as announced."""
    service = _Service()
    _run([_input("a"), _input("a")], service, _kept(tmp_path), jobs=1)
    assert service.asked == ["a", "a"]


GOOD: dict[str, object] = {
    "text": "t",
    "deltas": [],
    "usage": {},
    "session_id": "s",
    "trace_id": None,
}
VALUES: list[object] = [7, [1], [[1, 2, 3]], [["a", "b", "c"]], [["a", True, None]], None, {}]
BAD_TYPES = [
    json.dumps(GOOD | {name: value}).encode()
    for name in GOOD
    for value in VALUES
    if (name, value) not in (("usage", {}), ("session_id", None), ("trace_id", None))
]


@pytest.mark.parametrize("spoil", [b"", b"{}", b"[]", b"\xff", b"[" * 100_000, *BAD_TYPES])
def test_damaged_result_is_requested_again(tmp_path: Path, spoil: bytes) -> None:
    _run([_input("a")], _Service(), _kept(tmp_path))
    (path,) = (tmp_path / "room").rglob("*.json")
    path.write_bytes(spoil)
    service = _Service()
    assert _texts(_run([_input("a")], service, _kept(tmp_path))) == ["a"]
    assert service.asked == ["a"]


def test_no_room(tmp_path: Path) -> None:
    """Where nothing can be kept, transcribing goes on without."""
    (tmp_path / "room").write_text("a file where a directory should be")
    kept = _kept(tmp_path)
    assert _texts(_run([_input("a")], _Service(), kept)) == ["a"]
    assert kept.location() is None


def test_a_fault_is_not_an_outcome() -> None:
    """What is no failure of the service surfaces as what it is."""

    class Broken(_Service):
        def _answer(self, name: str) -> Iterator[TranscriptDelta | TranscriptDone]:
            yield TranscriptDelta(name[1 // len("")])

    with pytest.raises(ZeroDivisionError):
        _run([_input("a")], Broken())
