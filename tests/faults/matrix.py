"""The matrix as data: the commands, and what faults each meets."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from zlib import crc32

from tests.faults.wire import bodies, events, refusals, sessions, transport
from tests.faults.wire.fault import AUTH, QUOTA, USAGE, Fault
from tests.support.fake_service import MP3, TONE

WANTED, _, _TURN = os.environ.get("FAULT_MATRIX", "share").partition(":")
TURN = int(_TURN or 0)
"""``share`` is what a change can wait for; ``rows`` is every fault of every command, to one kind of
output each, which ``rows:1`` to ``rows:4`` take in turn; ``full`` is every cell."""


class Output(StrEnum):
    """Where the result goes and how errors are reported."""

    NEW = "new"
    OVER = "over"
    PIPE = "pipe"
    JSON = "json"
    DEBUG = "debug"


@dataclass(frozen=True)
class Command:
    """A command line without its output, and the endpoint that fails from request ``first`` on.

    ``again`` lists the kinds of fault after which it may repeat a request. ``file`` is the value of
    ``-o``.
    """

    name: str
    arguments: tuple[str, ...]
    endpoint: str
    again: frozenset[str]
    file: str | None = None
    first: int = 1
    result: str = "sound"

    @property
    def outputs(self) -> Sequence[Output]:
        if self.file is None:
            return (Output.PIPE, Output.JSON, Output.DEBUG)
        return tuple(Output)


PAID = frozenset({"429", "503", "5xx"})
READING = PAID | {"unanswered"}
STORED = frozenset({"429", "503"})
CHARGED: frozenset[str] = frozenset()
PARTS = READING | {"cut"}
SESSION = frozenset({"session"})

LONG = " ".join(f"This is sentence number {number} of a long text." for number in range(50))
BATCH = "First line.\nSecond line.\nThird line.\n"

COMMANDS = (
    Command("speak", ("speak", "Hello there."), "speech", PAID, "x.mp3"),
    Command("speak-long", ("speak", LONG), "speech", PARTS, "x.wav", first=2),
    Command("speak-batch", ("speak", "--batch", "lines.txt", "--output-dir", ".", "--jobs", "1"),
            "speech", PAID, first=2, result="batch"),
    Command("stream", ("stream", "One is here. Two is here."), "realtime", SESSION, "x.wav"),
    Command("transcribe", ("transcribe", "a.wav"), "asr", PAID, "x.txt", result="text"),
    Command("transcribe-several", ("transcribe", "a.wav", "b.wav", "--jobs", "1"), "asr", PAID,
            "x.txt", first=2, result="several"),
    Command("transcribe-pieces", ("transcribe", "c.wav", "--piece-minutes", "0.05", "--jobs", "1"),
            "asr", PAID, "x.srt", first=2, result="text"),
    Command("voices-list", ("voices", "list"), "voices", READING, result="tolerant"),
    Command("voices-official", ("voices", "list", "--official"), "system_voices", READING,
            result="tolerant"),
    Command("voices-cloned", ("voices", "list", "--cloned"), "voices", READING, result="list"),
    Command("preview", ("voices", "preview", "s.wav"), "preview", PAID, "x.wav"),
    Command("preview-upload", ("voices", "preview", "s.wav"), "files", STORED, "x.wav"),
    Command("preview-delete", ("voices", "preview", "s.wav"), "delete", READING, "x.wav",
            result="cleared"),
    Command("clone", ("voices", "clone", "s.wav", "--yes", "--force", "--name", "nina"), "clone",
            CHARGED, result="id"),
    Command("clone-upload", ("voices", "clone", "s.wav", "--yes", "--force"), "files", STORED,
            result="id"),
    Command("auth-status", ("auth", "status"), "models", READING, result="key"),
    Command("doctor", ("doctor",), "models", READING, result="report"),
)  # fmt: skip
BY_NAME = {command.name: command for command in COMMANDS}


def faults_of(command: Command, elsewhere: str) -> Iterator[Fault]:
    """Return all faults that ``command`` can meet; redirects lead ``elsewhere``."""
    if command.endpoint == "realtime":
        yield from sessions.handshakes(elsewhere)
        yield from sessions.sessions()
        return
    yield from refusals.statuses()
    yield from refusals.redirects(elsewhere)
    yield from refusals.complaints()
    yield from transport.transport()
    match command.endpoint:
        case "speech":
            yield from bodies.contents()
            yield from bodies.bodies_as_audio()
            yield from bodies.endless_bodies()
            yield from events.speeches(TONE if command.name == "speak-long" else MP3)
        case "asr":
            yield from bodies.contents()
            yield from bodies.endless_bodies()
            yield from events.transcripts()
            if command.first == 1:
                yield from events.transcript_fields()
        case "delete":
            yield from bodies.contents()
        case endpoint:
            yield from bodies.contents()
            yield from bodies.endless_bodies()
            yield from bodies.json_bodies(endpoint)
            if endpoint != "models":
                yield from bodies.json_fields(endpoint)


@dataclass(frozen=True)
class Cell:
    command: Command
    fault: Fault
    output: Output

    @property
    def code(self) -> int:
        """Return the expected exit code."""
        return expected_code(self.command, self.fault)


def expected_code(command: Command, fault: Fault) -> int:
    status = fault.name.partition("-")[0]
    if fault.base and command.result != "tolerant":
        return fault.code
    match command.result:
        case "cleared":
            return 0
        case "tolerant":
            return AUTH if status == "401" else 0
        case "key" | "report":
            # A refusal for another reason proves that the key is valid.
            refused = fault.code in (USAGE, QUOTA) and status != "404"
            return 0 if refused else fault.code
    return fault.code


FOUND = {
    "stream close-reason@0": Output.DEBUG,  # a library's exception repeated the key
    "transcribe-pieces sse-surrogate-usage": Output.JSON,  # numbers added up to Infinity
}
"""Cells that found faults in longer runs are always part of the share."""


def sample(command: Command, faults: Sequence[Fault]) -> list[tuple[Fault, list[Output]]]:
    """Return the rows of one command with their outputs: all of them, or a share.

    The share has few fields of the wrong type, because fuzzing covers them in-process.
    """
    if WANTED == "full":
        return [(fault, list(command.outputs)) for fault in faults]
    rows = []
    for fault in faults:
        name = f"{command.name} {fault.name}"
        chance = crc32(name.encode())
        rare = 100 if "=" in fault.name else 16
        if name in FOUND and WANTED == "share":
            rows.append((fault, [FOUND[name]]))
        elif WANTED == "rows" or (chance % rare == 0 and not fault.slow):
            rows.append((fault, [command.outputs[(chance // 7 + TURN) % len(command.outputs)]]))
    return rows
