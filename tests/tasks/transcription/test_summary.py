"""Counts of what became of the inputs of a run, and the cost."""

from __future__ import annotations

from stepcli.api.catalog import MAINLAND
from stepcli.errors import NetworkError
from stepcli.tasks.transcription.summary import Summary
from stepcli.tasks.transcription.transcript import Transcript
from tests.support.segments import segment


def _summary(model: str = "stepaudio-2.5-asr") -> Summary:
    summary = Summary(4, 2, model, MAINLAND)
    summary.add(Transcript([segment(0, 60), segment(60, 90)], []))
    summary.add(NetworkError("the connection was closed"))
    return summary


def test_inputs_are_done_failed_or_not_tried() -> None:
    assert _summary().to_json() == {
        "done": 1,
        "skipped": 2,
        "failed": 1,
        "not_tried": 2,
        "minutes": 1.5,
        "estimated_cost": {"amount": 0.00375, "currency": "CNY"},
    }
    assert str(_summary()).startswith(
        "1 transcribed, 2 skipped, 1 failed, 2 not tried; 1.50 minutes, about "
    )


def test_inputs_not_tried_are_named_only_if_there_are_any() -> None:
    summary = Summary(1, 0, "stepaudio-2.5-asr", MAINLAND)
    summary.add(Transcript([segment(0, 60)], []))
    assert str(summary).startswith("1 transcribed, 0 skipped, 0 failed; 1.00 minutes")


def test_model_without_a_price_has_no_cost() -> None:
    summary = _summary("new-asr")
    assert summary.to_json()["estimated_cost"] is None
    assert str(summary).endswith("no price known for this model")
