"""Many sounds to text: order, failures, memory. The service is a function here."""

from __future__ import annotations

import gc
import json
import os
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from stepcli.api.recognition import RecognitionRequest, TranscriptDelta, TranscriptDone
from stepcli.audio.segments import Segment
from stepcli.audio_types import Recording
from stepcli.errors import AuthError, NetworkError, OutOfCreditError, StepcliError, UsageError
from stepcli.tasks.adaptive_limit import AdaptiveLimit
from stepcli.tasks.transcription.results import DisabledResultCache, ResultCache, ResultStore
from stepcli.tasks.transcription.run import (
    DeltaReceived,
    InputResult,
    OpenInput,
    Received,
    Transcription,
    in_order,
)
from stepcli.tasks.transcription.transcript import Transcript
from tests.support.segments import segment

Script = dict[str, StepcliError]


def _segment(name: str, start: float = 0.0) -> Segment:
    return segment(start, start + 10, digest=name, container=name)


def _input(*names: str, failure: StepcliError | None = None) -> OpenInput:
    def cut() -> Iterator[Segment]:
        for number, name in enumerate(names):
            yield _segment(name, 10.0 * number)
        if failure:
            raise failure

    return lambda _: (None, cut())


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
    work = _transcription(inputs, service, memory)
    return list(in_order(work.events(AdaptiveLimit(jobs)), len(inputs)))


def _transcription(
    inputs: list[OpenInput], service: _Service, memory: ResultStore | None = None
) -> Transcription:
    return Transcription(
        inputs,
        lambda recording: RecognitionRequest(recording, "en"),
        service.ask,
        memory or DisabledResultCache(Path(os.devnull), ""),
    )


def _texts(reported: list[DeltaReceived | InputResult]) -> list[str]:
    results = [one.result for one in reported if isinstance(one, InputResult)]
    return [one.text if isinstance(one, Transcript) else one.message for one in results]


@pytest.mark.parametrize("jobs", [1, 2, 8])
def test_deltas_and_results_are_in_the_order_of_the_inputs(jobs: int) -> None:
    """Whichever segment is recognized first."""
    names = [[f"{i}.{p}" for p in range(i % 4 + 1)] for i in range(30)]
    reported = _run([_input(*each) for each in names], _Service(), jobs=jobs)
    assert _texts(reported) == [" ".join(each) for each in names]
    heard = [one.delta.text for one in reported if isinstance(one, DeltaReceived)]
    assert heard == [name for each in names for name in each]


def test_usage_is_summed_and_times_are_those_of_the_recording() -> None:
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
    assert [cue.start for cue in outcome.result.cues()] == [1.0, 11.0, 21.0]
    assert outcome.result.duration == 30.0


def test_failed_input_does_not_stop_the_others() -> None:
    """Whether opening, cutting or recognizing it failed."""

    def unreadable(_: Received) -> tuple[None, Iterator[Segment]]:
        raise UsageError("unreadable")

    inputs = [unreadable, _input("a"), _input("b", "bad"), _input("c", failure=UsageError("torn"))]
    reported = _run(inputs, _Service({"bad": NetworkError("refused")}))
    assert _texts(reported) == ["unreadable", "a", "refused", "torn"]


def test_error_of_an_input_is_that_of_its_first_failed_segment() -> None:
    script: Script = {name: NetworkError(name) for name in ("b", "c", "d")}
    assert _texts(_run([_input("a", "b", "c", "d")], _Service(script), jobs=4)) == ["b"]


def test_no_segment_is_sent_after_a_failure_of_its_input() -> None:
    service = _Service({"c": NetworkError("c")})
    _run([_input(*"abcdefgh"), _input("x")], service, jobs=1)
    assert service.asked == ["a", "b", "c", "x"]


def test_failure_that_affects_all_requests_ends_the_run() -> None:
    """It is reported once; inputs that were not complete have no result."""
    service = _Service({name: AuthError("refused") for name in ("b", "c")})
    reported = _run([_input(name) for name in "abcdefgh"], service, jobs=1)
    assert _texts(reported) == ["a", "refused"]
    assert service.asked == ["a", "b"]


def test_failure_that_ends_the_run_is_reported_while_the_input_is_being_cut() -> None:
    def cut() -> Iterator[Segment]:
        yield _segment("a")
        work._stopped.wait(30)
        yield _segment("b", 10.0)

    service = _Service({"a": AuthError("refused")})
    work = _transcription([lambda _: (None, cut()), _input("c")], service)
    assert _texts(list(in_order(work.events(AdaptiveLimit(2)), 2))) == ["refused"]
    assert service.asked == ["a"]


def test_input_that_was_stopped_between_its_segments_has_no_result() -> None:
    service = _Service({"d": OutOfCreditError("used up")})
    reported = _run([_input("a", "b"), _input("c", "d"), _input("e", "f")], service, jobs=2)
    assert _texts(reported) == ["a b", "used up"]


def test_finished_input_is_not_kept_in_memory() -> None:
    """Its decoded audio has an open temporary file."""
    alive: list[weakref.ref[_Audio]] = []

    class _Audio:
        def blocks(self) -> Iterator[bytes]:
            yield b""

    def opened(_: Received) -> tuple[None, Iterator[Segment]]:
        audio = _Audio()
        alive.append(weakref.ref(audio))
        recording = Recording("x", 1, audio.blocks)
        return None, iter([replace(_segment("x"), recording=recording)])

    inputs: list[OpenInput] = [opened] * 40
    work = Transcription(
        inputs,
        lambda recording: RecognitionRequest(recording, "en"),
        _Service().ask,
        DisabledResultCache(Path(os.devnull), ""),
    )
    for item in in_order(work.events(AdaptiveLimit(1)), len(inputs)):
        if isinstance(item, InputResult) and item.input == len(inputs) - 1:
            gc.collect()
            assert sum(one() is not None for one in alive) < 5


def _kept(tmp_path: Path, host: str = "host") -> ResultCache:
    return ResultCache(tmp_path / "results", host)


def test_results_of_a_failed_run_are_not_requested_again(tmp_path: Path) -> None:
    first, second = _Service({"e": NetworkError("e")}), _Service()
    kept = _kept(tmp_path)
    assert _texts(_run([_input(*"abcdefgh")], first, kept, jobs=1)) == ["e"]
    assert "4 finished pieces are kept" in (kept.location() or "")
    again = _kept(tmp_path)
    reported = _run([_input(*"abcdefgh")], second, again, jobs=1)
    assert _texts(reported) == ["a b c d e f g h"]
    assert second.asked == list("efgh")
    assert [one.delta.text for one in reported if isinstance(one, DeltaReceived)] == list(
        "abcdefgh"
    )
    again.clear()
    assert list((tmp_path / "results").iterdir()) == []


def test_disabled_cache_removes_results_of_the_same_segments_only(tmp_path: Path) -> None:
    _run([_input("a"), _input("b")], _Service(), _kept(tmp_path))
    service = _Service()
    _run([_input("a")], service, DisabledResultCache(tmp_path / "results", "host"))
    assert service.asked == ["a"]
    assert len(list((tmp_path / "results").iterdir())) == 1


def test_results_of_another_service_are_not_used(tmp_path: Path) -> None:
    _run([_input("a")], _Service(), _kept(tmp_path))
    service = _Service()
    _run([_input("a")], service, _kept(tmp_path, "elsewhere"))
    assert service.asked == ["a"]


def test_equal_inputs_of_a_run_are_requested_each(tmp_path: Path) -> None:
    """So that the cost is what --dry-run announces."""
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
    (path,) = (tmp_path / "results").rglob("*.json")
    path.write_bytes(spoil)
    service = _Service()
    assert _texts(_run([_input("a")], service, _kept(tmp_path))) == ["a"]
    assert service.asked == ["a"]


def test_run_succeeds_where_results_cannot_be_cached(tmp_path: Path) -> None:
    (tmp_path / "results").write_text("a file where a directory should be")
    kept = _kept(tmp_path)
    assert _texts(_run([_input("a")], _Service(), kept)) == ["a"]
    assert kept.location() is None


def test_unexpected_exception_is_raised() -> None:
    class Broken(_Service):
        def _answer(self, name: str) -> Iterator[TranscriptDelta | TranscriptDone]:
            yield TranscriptDelta(name[1 // len("")])

    with pytest.raises(ZeroDivisionError):
        _run([_input("a")], Broken())
