"""The plan of ``speak --dry-run``: requests, characters and their cost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.program import Program

COM = "https://api.stepfun.com/step_plan/v1"
AI = "https://api.stepfun.ai/step_plan/v1"
PROXY = "https://proxy.example/step_plan/v1"


@pytest.fixture(autouse=True)
def inputs(home: Path) -> None:
    (home / "lines.txt").write_text("你好\nHello\n")


SPEAK = ("speak", "你好Hello")
BATCH = ("speak", "--batch", "lines.txt", "--output-dir", "out")


@pytest.mark.parametrize("command", [SPEAK, BATCH])
@pytest.mark.parametrize(
    ("base", "model", "cost"),
    [
        (COM, "stepaudio-2.5-tts", {"amount": 0.00261, "currency": "CNY"}),
        (AI, "stepaudio-2.5-tts", {"amount": 0.0003825, "currency": "USD"}),
        (PROXY, "step-tts-2", {"amount": 0.00018, "currency": "USD"}),
        (COM, "step-tts-mini", {"amount": 0.000405, "currency": "CNY"}),
        (COM, "step-tts-9", None),
    ],
)
def test_cost_of_speech_depends_on_model_and_site(
    offline: Program, command: tuple[str, ...], base: str, model: str, cost: dict[str, Any] | None
) -> None:
    """Two Chinese characters and five letters are billed as 4.5 characters."""
    _check(offline, (*command, "--base-url", base, "--model", model), cost)


def _check(offline: Program, command: tuple[str, ...], cost: dict[str, Any] | None) -> None:
    """Run `command` with --dry-run; JSON and text must show `cost`."""
    reported = json.loads(offline(*command, "--dry-run", "--json").stdout)
    assert reported["estimated_cost"] == (
        cost and cost | {"amount": pytest.approx(cost["amount"], abs=1e-6)}
    )
    shown = offline(*command, "--dry-run").stdout
    if cost is None:
        assert "no price known for this model" in shown
    else:
        symbol = {"CNY": "¥", "USD": "$"}[cost["currency"]]
        assert f"about {symbol}{cost['amount']:.4f} (list price of autumn 2026)" in shown


def test_batch_of_several_models_is_added_up(offline: Program, home: Path) -> None:
    lines = [{"text": "你好", "model": model} for model in ("step-tts-2", "step-tts-mini")]
    (home / "lines.txt").write_text("\n".join(map(json.dumps, lines)))
    _check(offline, (*BATCH, "--base-url", COM), {"amount": 0.00074, "currency": "CNY"})
    lines[1]["model"] = "step-tts-9"
    (home / "lines.txt").write_text("\n".join(map(json.dumps, lines)))
    _check(offline, (*BATCH, "--base-url", COM), None)


def test_invalid_base_url_is_refused(offline: Program) -> None:
    """It says which prices apply."""
    done = offline(*SPEAK, "--dry-run", "--base-url", "http://example.com/v1")
    assert (done.code, done.stdout) == (2, "")
