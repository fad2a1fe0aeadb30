"""Recognition results in memory and as JSON; how they are cached is tested in test_run."""

from __future__ import annotations

import json
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepcli.api.recognition import TranscriptDelta, TranscriptDone
from stepcli.tasks.transcription.results import CompactDeltas, RecognitionResult

TIMES = st.none() | st.floats(0, 1e6)
DELTAS = st.lists(st.builds(TranscriptDelta, st.text(), TIMES, TIMES))


@given(DELTAS)
def test_compact_deltas_are_a_sequence_of_the_deltas(deltas: list[TranscriptDelta]) -> None:
    compact = CompactDeltas(deltas)
    assert list(compact) == deltas
    assert len(compact) == len(deltas)
    assert compact[1:3] == deltas[1:3]
    assert compact[::-1] == deltas[::-1]


def test_compact_deltas_have_the_indices_of_a_list() -> None:
    compact = CompactDeltas([TranscriptDelta("a", 0.0, 1.0), TranscriptDelta("b", 1.0, None)])
    assert compact[-1] == TranscriptDelta("b", 1.0, None)
    with pytest.raises(IndexError):
        compact[2]


def test_compact_deltas_take_a_fraction_of_the_memory() -> None:
    deltas = [TranscriptDelta(f"word{number} ", number, number + 0.5) for number in range(1000)]
    compact = CompactDeltas(deltas)
    size = sum(map(sys.getsizeof, vars(compact).values()))
    objects = sum(sum(map(sys.getsizeof, (one, one.text, one.start, one.end))) for one in deltas)
    assert size < objects / 4


@given(st.text(), DELTAS, st.dictionaries(st.text(), st.integers()), st.none() | st.text())
def test_result_survives_its_json(
    text: str, deltas: list[TranscriptDelta], usage: dict[str, int], session_id: str | None
) -> None:
    done = TranscriptDone(text, usage, session_id)
    result = RecognitionResult.of(deltas, done)
    read = RecognitionResult.from_json(result.to_json())
    assert read is not None
    assert (read.text, list(read.deltas)) == (text, deltas)
    assert (read.usage, read.session_id, read.trace_id) == (usage, session_id, done.trace_id)


@pytest.mark.parametrize("missing", ["text", "deltas", "usage", "session_id", "trace_id"])
def test_json_without_a_field_is_no_result(missing: str) -> None:
    value = json.loads(RecognitionResult("a").to_json())
    if value.pop(missing) is not None:
        assert RecognitionResult.from_json(json.dumps(value).encode()) is None
