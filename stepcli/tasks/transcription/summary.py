"""What became of the inputs of a run, and what that cost."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from stepcli.api.catalog import Site
from stepcli.errors import StepcliError
from stepcli.tasks.pricing import Cost, describe_cost, recognition_cost
from stepcli.tasks.transcription.transcript import Transcript


@dataclass(slots=True)
class Summary:
    """Counts the results of `inputs`; `skipped` inputs are not among them.

    `seconds` is the length of the audio that was recognized, by this run or an earlier one.
    """

    inputs: int
    skipped: int
    model: str
    site: Site
    done: int = 0
    seconds: float = 0.0
    errors: list[StepcliError] = field(default_factory=list)

    def add(self, result: Transcript | StepcliError) -> None:
        """Count a transcript that was written, or the error in its place."""
        if isinstance(result, StepcliError):
            self.errors.append(result)
            return
        self.done += 1
        self.seconds += sum(piece.end - piece.start for piece in result.segments)

    @property
    def not_tried(self) -> int:
        """Inputs that were left out because all requests or outputs would have failed."""
        return self.inputs - self.done - len(self.errors)

    def to_json(self) -> dict[str, Any]:
        cost = self._cost
        return {
            "done": self.done,
            "skipped": self.skipped,
            "failed": len(self.errors),
            "not_tried": self.not_tried,
            "minutes": round(self.seconds / 60, 2),
            "estimated_cost": cost and cost.to_json(),
        }

    def __str__(self) -> str:
        counts = [f"{self.done} transcribed", f"{self.skipped} skipped"]
        counts += [f"{len(self.errors)} failed"]
        counts += [f"{self.not_tried} not tried"] if self.not_tried else []
        return f"{', '.join(counts)}; {self.seconds / 60:.2f} minutes, {describe_cost(self._cost)}"

    @property
    def _cost(self) -> Cost | None:
        return recognition_cost(self.model, self.seconds, self.site)
