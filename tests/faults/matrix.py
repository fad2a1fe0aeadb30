"""The matrix as data: the commands, what faults each meets, and what must hold in every cell."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Any
from zlib import crc32

from tests.faults.wire import bodies, events, refusals, sessions, transport
from tests.faults.wire.fault import AUTH, KEY, QUOTA, SPELLINGS, TIMEOUT, USAGE, Fault
from tests.support.fake_service import (
    MP3,
    TONE,
    FakeService,
    endpoint_of,
    tone,
    wav,
)
from tests.support.program import Finished, Program

WANTED, _, _TURN = os.environ.get("FAULT_MATRIX", "share").partition(":")
TURN = int(_TURN or 0)
"""``share`` is what a change can wait for; ``rows`` is every fault of every command, to one kind of
output each, which ``rows:1`` to ``rows:4`` take in turn; ``full`` is every cell."""

RETRIES = 1
SILENCE = {True: "3", False: "30"}
"""The allowed silence in seconds: for faults that stall, and for a slow machine."""
LONGEST_RUN = 100
OLD = b"what was here before"

KINDS = {
    1: "internal", 2: "usage", 3: "auth", 4: "quota", 5: "timeout", 6: "network", 10: "content",
}  # fmt: skip
FIELDS = {"type", "message", "hint", "status", "trace_id", "exit_code"}


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


FOUND = {
    "stream close-reason@0": Output.DEBUG,  # a library's exception repeated the key
    "transcribe-pieces sse-surrogate-usage": Output.JSON,  # numbers added up to Infinity
}
"""Cells that found faults in longer runs are always part of the share."""


@dataclass(frozen=True)
class Place:
    """The home directory of a cell with its input files, and a directory for temporary files."""

    home: Path
    temporary: Path

    @classmethod
    def made(cls, root: Path) -> Place:
        place = cls(root / "home", root / "tmp")
        place.home.mkdir()
        place.temporary.mkdir()
        (place.home / "lines.txt").write_text(BATCH)
        for name, seconds, pitch in (
            ("a", 0.4, 440),
            ("b", 0.4, 330),
            ("c", 7, 220),
            ("s", 1, 550),
        ):
            (place.home / f"{name}.wav").write_bytes(wav(tone(seconds, pitch)))
        return place

    def files(self) -> set[Path]:
        """Return all files except the completion cache."""
        found = {path for root in (self.home, self.temporary) for path in root.rglob("*")}
        return {path for path in found if path.is_file() and path.parent.name != ".cache"}


def run(cell: Cell, service: FakeService, root: Path) -> list[str]:
    """Run one cell and return its violations."""
    command, fault = cell.command, cell.fault
    place = Place.made(root)
    if cell.output in (Output.OVER, Output.DEBUG) and command.file:
        (place.home / command.file).write_bytes(OLD)
    service.reset(fault.at_endpoint(command.endpoint, command.first))
    before = place.files()
    environ = {
        "STEPCLI_BASE_URL": fault.base or service.base,
        "STEP_API_KEY": KEY,
        "TMPDIR": str(place.temporary),
        "LANG": "C.UTF-8",
        "NO_COLOR": "1",
    }
    try:
        done = Program(place.home, environ, timeout=LONGEST_RUN)(*arguments_of(cell))
    except (TimeoutError, subprocess.TimeoutExpired):
        return ["it did not end"]
    return [*_violations(cell, done, place, before), *_miscounted(cell, service)]


def arguments_of(cell: Cell) -> list[str]:
    command = cell.command
    wanted = [
        *command.arguments,
        "--retries",
        str(RETRIES),
        "--timeout",
        SILENCE[cell.fault.code == TIMEOUT],
    ]
    if command.name.startswith("transcribe"):
        wanted += ["-l", "en"]
    if command.file and cell.output is Output.PIPE:
        kind = Path(command.file).suffix.removeprefix(".")
        if kind in ("mp3", "wav"):
            wanted += ["-o", "-", "--format", kind]
        elif kind != "txt":
            wanted += ["--format", kind]
    elif command.file:
        wanted += ["-o", command.file]
    if cell.output is Output.JSON:
        wanted.append("--json")
    if cell.output is Output.DEBUG:
        wanted.append("--debug")
    return wanted


def _violations(cell: Cell, done: Finished, place: Place, before: set[Path]) -> Iterator[str]:
    if done.code != cell.code:
        yield f"exit code {done.code} instead of {cell.code}"
    if re.search(r'(stepcli: error: |"message": ")unexpected (?!response)', done.stderr):
        yield "an unforeseen exception"
    if "Traceback" in done.stderr and cell.output is not Output.DEBUG:
        yield "a traceback"
    if found := re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", done.stderr):
        yield f"a control character on stderr: {found[0]!r}"
    yield from _leaks(done, place, before)
    yield from _told(cell, done)
    yield from _left(cell, done, place, before)


def _leaks(done: Finished, place: Place, before: set[Path]) -> Iterator[str]:
    texts = {"stdout": done.out, "stderr": done.stderr.encode()}
    texts |= {str(path): path.read_bytes() for path in place.files() - before}
    secrets = {KEY[:16].encode(), *(spelling.encode() for spelling in SPELLINGS.values())}
    for name, text in texts.items():
        if any(secret.lower() in text.lower() for secret in secrets):
            yield f"the key in {name}"


def _told(cell: Cell, done: Finished) -> Iterator[str]:
    """Return violations in the messages: one error on stderr, only results on stdout."""
    command = cell.command
    sentences = re.findall(r"(?m)^stepcli: error: .*$", done.stderr)
    objects = [line for line in done.stderr.splitlines() if line.startswith("{")]
    failed = done.code != 0
    if command.result == "report":
        if sentences or objects:
            yield "doctor tells twice"
        yield from _object_on_stdout(cell, done)
        return
    if cell.output is Output.JSON:
        yield from _object_on_stderr(done, objects, failed)
        if sentences:
            yield "a sentence beside the object"
        if not failed or command.result in ("batch", "several"):
            yield from _object_on_stdout(cell, done)
        elif done.out:
            yield f"a failure with {done.out[:80]!r} on stdout"
        return
    wanted = _failures(cell) if failed else 0
    if len(sentences) != wanted:
        yield f"{len(sentences)} sentences instead of {wanted}"
    if failed and cell.fault.says and cell.fault.says not in " ".join(sentences):
        yield f"it does not say {cell.fault.says!r}: {sentences}"
    if any(len(sentence) > 1000 for sentence in sentences):
        yield "a sentence without an end"
    if failed and done.out and command.result not in ("sound", "batch", "several", "key"):
        yield f"a failure with {done.out[:80]!r} on stdout"


def _failures(cell: Cell) -> int:
    """Return the expected number of error messages: one for each input that meets the fault.

    A refused key and used-up credit stop a batch.
    """
    if cell.command.result == "batch":
        out_of_credit = cell.fault.code == QUOTA and not cell.fault.name.startswith("429")
        if cell.fault.code == AUTH or out_of_credit:
            return 1
        return 3 if cell.fault.base else 2
    return 2 if cell.command.result == "several" and cell.fault.base else 1


def _object_on_stderr(done: Finished, objects: list[str], failed: bool) -> Iterator[str]:
    if len(objects) != failed:
        yield f"{len(objects)} objects on stderr instead of {int(failed)}"
    for line in objects:
        error = _strict(line).get("error", {})
        if set(error) != FIELDS:
            yield f"fields {sorted(error)}"
        elif (error["exit_code"], error["type"]) != (done.code, KINDS.get(done.code)):
            yield f"an object that says {error['type']} {error['exit_code']}"


def _object_on_stdout(cell: Cell, done: Finished) -> Iterator[str]:
    if cell.output is not Output.JSON:
        return
    try:
        if not isinstance(_strict(done.out.decode()), dict):
            yield "no object on stdout"
    except ValueError as exc:
        yield f"no JSON on stdout: {exc}"


def _strict(text: str) -> Any:
    def refuse(constant: str) -> None:
        raise ValueError(f"{constant} is no JSON")

    return json.loads(text, parse_constant=refuse)


def _left(cell: Cell, done: Finished, place: Place, before: set[Path]) -> Iterator[str]:
    """Return violations in the files: the output is complete or unchanged, others were reported."""
    command = cell.command
    results: set[Path] = set()
    if command.file and cell.output is not Output.PIPE:
        target = place.home / command.file
        results.add(target)
        old = cell.output in (Output.OVER, Output.DEBUG)
        yield from _target(target, old, done.code)
    if command.result == "batch":
        results |= {place.home / f"{line}.mp3" for line in (1, 2, 3)}
        spoken = set() if cell.fault.base else {1}
        wanted = spoken if done.code else {1, 2, 3}
        found = {line for line in (1, 2, 3) if (place.home / f"{line}.mp3").exists()}
        if found != wanted:
            yield f"files of the lines {sorted(found)}"
    if command.name == "clone" and not done.code:
        results.add(place.home / ".config" / "stepcli" / "config.toml")
    for path in place.files() - before - results:
        state = place.home / ".local" / "state" / "stepcli"
        silent = (
            place.home / ".cache",
            state / "limits",
            state / "delivered",
            state / "uploads.json",
        )
        above = [one for one in (path, *path.parents) if place.home in one.parents]
        reported = any(str(one) in done.stderr for one in above)
        if any(path.is_relative_to(one) for one in silent):
            continue
        if not reported and path.name not in done.stderr:
            yield f"{path.relative_to(place.home.parent)} was left without a word"


def _target(target: Path, old: bool, code: int) -> Iterator[str]:
    content = target.read_bytes() if target.exists() else None
    if code == 0:
        if content in (None, OLD, b""):
            yield f"success without a file: {content!r}"
    elif content != (OLD if old else None):
        yield f"a torn or half file: {(content or b'none')[:40]!r}"


def _miscounted(cell: Cell, service: FakeService) -> Iterator[str]:
    """Return violations in the number of identical requests."""
    command, fault = cell.command, cell.fault
    if fault.base:
        return
    asked = service.of(command.endpoint)[command.first - 1 :]
    counts = Counter(sha256(one.body).digest() for one in asked).values()
    most = max(counts, default=0)
    allowed = 1 + RETRIES if fault.again in command.again | {"any"} else 1
    if command.endpoint == "models" and fault.name.startswith("404"):
        allowed = 2  # the open base is asked if the plan base does not route the request
    if command.endpoint in ("voices", "realtime", "files"):
        most = len(asked)  # pages, sessions, and forms, no two of which are alike
    if most > allowed:
        yield f"asked {most} times instead of {allowed}"
    # A part that a listener has begun to hear is continued with the rest of its text.
    repeats = len(asked) if cell.output is Output.PIPE else most
    if repeats < allowed and fault.again != "any" and cell.code:
        yield f"asked {repeats} times, and not {allowed}"
    if not asked:
        yield f"{command.endpoint} was not asked at all"
    others = [name for name in map(endpoint_of, service.requests) if " " in name]
    if others:
        yield f"asked what nobody knows: {others}"
    if command.name == "clone-upload" and cell.code and service.of("clone"):
        yield "cloned without a sample"
