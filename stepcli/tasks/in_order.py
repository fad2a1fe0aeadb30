"""What happens side by side, told in the order of the sound."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from stepcli.audio.pieces import Piece
from stepcli.errors import StepcliError
from stepcli.tasks.answers import Answer
from stepcli.tasks.transcribe import AllCut, Answered, Cut, Event, Failed, Heard, Skipped
from stepcli.tasks.transcript import Transcript


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an input: its transcript, or the failure of the first piece that failed."""

    input: int
    result: Transcript | StepcliError


def in_order(events: Iterable[Event], inputs: int) -> Iterator[Heard | Outcome]:
    """Deltas and outcomes of the first input, then of the second, and so on.

    A delta is told at once where everything before it has been told.
    """
    all_inputs = [_Input(number) for number in range(inputs)]
    waiting = deque(all_inputs)
    for event in events:
        all_inputs[event.input].take(event)
        while waiting:
            yield from waiting[0].news()
            if not waiting[0].over:
                break
            yield waiting.popleft().outcome()


@dataclass(slots=True)
class _Part:
    """A piece under way: the deltas not yet told, and its answer once it has one."""

    piece: Piece
    untold: list[Heard] = field(default_factory=list)
    answer: Answer | None = None
    failure: StepcliError | None = None
    skipped: bool = False

    @property
    def over(self) -> bool:
        return bool(self.answer or self.failure or self.skipped)


@dataclass(slots=True)
class _Input:
    number: int
    parts: dict[float, _Part] = field(default_factory=dict)
    told: int = 0
    all_cut: bool = False
    failure: StepcliError | None = None

    def take(self, event: Event) -> None:
        match event:
            case Cut(_, piece):
                self.parts[piece.start] = _Part(piece)
            case Heard(_, piece, _):
                self.parts[piece.start].untold.append(event)
            case Answered(_, piece, answer):
                self.parts[piece.start].answer = answer
            case Failed(_, None, failure):
                self.failure = failure
            case Failed(_, Piece() as piece, failure):
                self.parts[piece.start].failure = failure
            case Skipped(_, piece):
                self.parts[piece.start].skipped = True
            case AllCut():
                self.all_cut = True

    def news(self) -> Iterator[Heard]:
        """What can be told now: deltas of the earliest piece that is not over, and before it."""
        for part in list(self.parts.values())[self.told :]:
            untold, part.untold = part.untold, []
            yield from untold
            if not part.answer:
                return
            self.told += 1

    @property
    def over(self) -> bool:
        return self.all_cut and all(part.over for part in self.parts.values())

    def outcome(self) -> Outcome:
        failures = [part.failure for part in self.parts.values() if part.failure]
        failures += [self.failure] if self.failure else []
        if failures:
            return Outcome(self.number, failures[0])
        parts = self.parts.values()
        answers = [part.answer for part in parts if part.answer]
        return Outcome(self.number, Transcript([part.piece for part in parts], answers))
