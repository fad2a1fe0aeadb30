"""What speaking will cost: ``--dry-run`` shows it, and ``--ask-above`` asks for confirmation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stepcli.cli.commands.spending import SpendingOptions
from stepcli.cli.context import Run
from stepcli.cli.io.terminal import DECLINED, Terminal
from stepcli.cli.params.common_options import JOBS_OPTION
from stepcli.cli.params.options import flag, option_group

if TYPE_CHECKING:
    from stepcli.api.speech import SpeechRequest
    from stepcli.tasks.pricing import Cost


@option_group()
class SpeechPlanOptions(SpendingOptions):
    """The options of ``speak`` about the requests of a text."""

    jobs: int | None = JOBS_OPTION
    dry_run: bool = flag(
        "--dry-run", help="Show the requests and their estimated cost without sending them."
    )


@dataclass(frozen=True, slots=True)
class SpeechPlan:
    """Requests to be sent, each with a label; by default their numbers."""

    requests: Sequence[SpeechRequest]
    labels: Sequence[str]
    characters: int
    billed_characters: float
    cost: Cost | None

    @classmethod
    def of(
        cls, run: Run, requests: Sequence[SpeechRequest], labels: Sequence[str] | None
    ) -> SpeechPlan:
        """Return the plan of `requests` with the prices of the site of `run`."""
        from stepcli.tasks.pricing import speech_cost
        from stepcli.text.stage_directions import billed_characters

        billed = [(request.model, billed_characters(request.text)) for request in requests]
        return cls(
            requests,
            labels or [str(number) for number in range(1, len(requests) + 1)],
            sum(len(request.text) for request in requests),
            sum(characters for _, characters in billed),
            speech_cost(billed, run.site),
        )

    @property
    def size(self) -> str:
        """The number of requests and characters, for a sentence."""
        count = "1 request" if len(self.requests) == 1 else f"{len(self.requests):,} requests"
        return f"{count}, {self.characters:,} characters ({self.billed_characters:,} billed)"


def settle_plan(
    run: Run,
    options: SpeechPlanOptions,
    requests: Sequence[SpeechRequest],
    labels: Sequence[str] | None = None,
) -> int | None:
    """Return the exit code if nothing is to be spoken, else None.

    With ``--dry-run`` the plan is printed. On a terminal the user is asked about a cost above
    ``--ask-above``.
    """
    if options.dry_run:
        _show(run.terminal, SpeechPlan.of(run, requests, labels))
        return 0
    if not options.may_ask(run.terminal):
        return None
    plan = SpeechPlan.of(run, requests, labels)
    return None if options.is_agreed(run.terminal, plan.size, plan.cost) else DECLINED


def _show(terminal: Terminal, plan: SpeechPlan) -> None:
    if terminal.json:
        terminal.result_json(
            {
                "requests": [request.to_json() for request in plan.requests],
                "characters": plan.characters,
                "billed_characters": plan.billed_characters,
                "estimated_cost": plan.cost and plan.cost.to_json(),
            }
        )
    else:
        _print(terminal, plan)


def _print(terminal: Terminal, plan: SpeechPlan) -> None:
    from stepcli.tasks.pricing import describe_cost

    width = max(4, *map(len, plan.labels)) if plan.labels else 0
    for label, request in zip(plan.labels, plan.requests, strict=True):
        characters = f"{len(request.text):>5,} characters"
        terminal.row(f"{label:>{width}}  {characters}  {_opening(request.text)}")
    terminal.row(f"{plan.size}, {describe_cost(plan.cost)}")


def _opening(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 48 else line[:47] + "…"
