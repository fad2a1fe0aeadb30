"""Sounds to text: cut into pieces that are recognised side by side."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import partial

from stepcli.api.recognition import RecognitionRequest, TranscriptDelta, TranscriptDone
from stepcli.audio.segments import Piece
from stepcli.audio_types import Recording
from stepcli.errors import StepcliError
from stepcli.tasks.concurrency import Crew, Tell, Work
from stepcli.tasks.transcription.results import Answer, Memory
from stepcli.tasks.transcription.transcript import Transcript

Open = Callable[[], tuple[float | None, Iterator[Piece]]]
"""Opens an input: its seconds as far as they are known, and its pieces as they are cut."""
Ask = Callable[
    [RecognitionRequest], AbstractContextManager[Iterator[TranscriptDelta | TranscriptDone]]
]


@dataclass(frozen=True, slots=True)
class Opened:
    """Input ``input``, counted from 0, is being cut; ``duration`` is in seconds, if it is known."""

    input: int
    duration: float | None


@dataclass(frozen=True, slots=True)
class Cut:
    """A piece is ready to be recognised."""

    input: int
    piece: Piece


@dataclass(frozen=True, slots=True)
class Heard:
    """A delta, its times in seconds of its piece."""

    input: int
    piece: Piece
    delta: TranscriptDelta


@dataclass(frozen=True, slots=True)
class Answered:
    """A piece is done."""

    input: int
    piece: Piece
    answer: Answer


@dataclass(frozen=True, slots=True)
class Failed:
    """A piece, or where that is None the cutting, has failed."""

    input: int
    piece: Piece | None
    failure: StepcliError


@dataclass(frozen=True, slots=True)
class Skipped:
    """A piece is not recognised, for another one has failed."""

    input: int
    piece: Piece


@dataclass(frozen=True, slots=True)
class AllCut:
    """The input has no more pieces, or none that are wanted."""

    input: int


Event = Opened | Cut | Heard | Answered | Failed | Skipped | AllCut


@dataclass(frozen=True, slots=True)
class Transcription:
    """The transcription of ``inputs``, which are opened in order as their turn comes.

    ``request`` says what to ask about a recording and ``ask`` asks it; ``memory`` knows what an
    earlier run was answered. After a failure nothing more of that input is asked; what is on its
    way is finished and remembered.
    """

    inputs: Sequence[Open]
    request: Callable[[Recording], RecognitionRequest]
    ask: Ask
    memory: Memory
    _failed: set[int] = field(default_factory=set)

    def events(self, jobs: int) -> Generator[Event]:
        """What happens, as it happens, with at most ``jobs`` requests at once."""
        yield from Crew(self._prepare, jobs)

    def _prepare(self, tell: Tell[Event]) -> Iterator[Work[Event]]:
        for input, open in enumerate(self.inputs):
            try:
                duration, pieces = open()
                tell(Opened(input, duration))
                for piece in pieces:
                    if input in self._failed:
                        break
                    tell(Cut(input, piece))
                    yield partial(self._recognise, input, piece)
            except StepcliError as failure:
                self._failed.add(input)
                tell(Failed(input, None, failure))
            tell(AllCut(input))

    def _recognise(self, input: int, piece: Piece, tell: Tell[Event]) -> None:
        if input in self._failed:
            return tell(Skipped(input, piece))
        try:
            tell(Answered(input, piece, self._answer(input, piece, tell)))
        except StepcliError as failure:
            self._failed.add(input)
            tell(Failed(input, piece, failure))

    def _answer(self, input: int, piece: Piece, tell: Tell[Event]) -> Answer:
        request = self.request(piece.recording)
        answer = self.memory.load(piece.digest, request)
        if answer:
            for delta in answer.deltas:
                tell(Heard(input, piece, delta))
            return answer
        with self.ask(request) as events:
            answer = collect(events, lambda delta: tell(Heard(input, piece, delta)))
        self.memory.keep(piece.digest, request, answer)
        return answer


def collect(
    events: Iterable[TranscriptDelta | TranscriptDone], heard: Callable[[TranscriptDelta], None]
) -> Answer:
    """The answer at the end of ``events``; ``heard`` is told each delta as it comes."""
    deltas: list[TranscriptDelta] = []
    for event in events:
        if isinstance(event, TranscriptDone):
            return Answer.of(deltas, event)
        deltas.append(event)
        heard(event)
    raise AssertionError("recognition ends with TranscriptDone or raises")


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
