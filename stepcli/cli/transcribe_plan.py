"""``stepcli transcribe --dry-run``: what would be sent, and what it would cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from stepcli.audio.pieces import pieces
from stepcli.cli.sound_in import SoundIn
from stepcli.cli.terminal import Terminal
from stepcli.tasks.prices import recognition_cost


@dataclass(frozen=True, slots=True)
class Planned:
    """One input's requests; ``seconds`` is what they carry together."""

    name: str
    pieces: int
    seconds: float

    def to_json(self) -> dict[str, Any]:
        return {"input": self.name, "pieces": self.pieces, "minutes": _minutes(self.seconds)}


def show_plan(terminal: Terminal, inputs: Sequence[SoundIn], longest: float) -> int:
    """Print the plan. Raises UsageError for the first input that is no sound."""
    plan = [_planned(one, longest) for one in inputs]
    seconds = sum(one.seconds for one in plan)
    total = {
        "inputs": [one.to_json() for one in plan],
        "pieces": sum(one.pieces for one in plan),
        "minutes": _minutes(seconds),
        "estimated_cost": {"amount": round(float(recognition_cost(seconds)), 6), "currency": "CNY"},
    }
    if terminal.json:
        terminal.result_json(total)
    else:
        _print(terminal, plan, total)
    return 0


def _planned(one: SoundIn, longest: float) -> Planned:
    cut = list(pieces(one.track(), longest))
    return Planned(one.name, len(cut), sum(piece.end - piece.start for piece in cut))


def _print(terminal: Terminal, plan: Sequence[Planned], total: dict[str, Any]) -> None:
    for one in plan:
        terminal.result(f"{_count(one.pieces)}  {_minutes(one.seconds):>8} min  {one.name}")
    terminal.result(
        f"{_count(total['pieces'])}, {total['minutes']} minutes, "
        f"about ¥{total['estimated_cost']['amount']:.4f}"
    )


def _count(pieces: int) -> str:
    return "1 piece" if pieces == 1 else f"{pieces} pieces"


def _minutes(seconds: float) -> float:
    return round(seconds / 60, 2)
