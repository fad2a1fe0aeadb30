"""A run of one cell of the matrix, and the rules that it must keep."""

from __future__ import annotations

import json
import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from tests.faults.matrix import BATCH, Cell, Output
from tests.faults.wire.fault import AUTH, KEY, QUOTA, SPELLINGS, TIMEOUT
from tests.support.fake_service import FakeService, endpoint_of, tone, wav
from tests.support.program import Finished, Program

RETRIES = 1
SILENCE = {True: "3", False: "30"}
"""The allowed silence in seconds: for faults that stall, and for a slow machine."""
LONGEST_RUN = 100
OLD = b"what was here before"

KINDS = {
    1: "internal", 2: "usage", 3: "auth", 4: "quota", 5: "timeout", 6: "network", 10: "content",
}  # fmt: skip
FIELDS = {"type", "message", "hint", "status", "trace_id", "exit_code"}


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
