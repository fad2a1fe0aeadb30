"""A soak test: random commands against a sandbox with random faults.

``python -m tests.faults.local_soak MINUTES SEED``
"""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.local_rules import (
    children_of,
    finished,
    no_leftovers,
    outcome,
    shell_code,
    whole_sound,
)
from tests.faults.local_signals import COMMAND, LONG, OLD, SIGNALS, await_program, furnish
from tests.support.program import Program
from tests.support.service import Sandbox, sandbox

ACTIONS = (
    "400", "401", "402", "403", "404", "413", "422", "429,retry-after=0", "451", "500", "503",
    "418", "204", "html", "empty", "reset", "reset,after=1", "reset,after=3000", "cut",
    "cut,after=1", "cut,after=5000", "stall", "stall,after=2", "malformed", "malformed,after=2",
    "error,message=\x1b[31mno", "error,message=censored,code=censorship_block", "frame,bytes=70000",
    "close,code=1011", "close,code=1008,after=3", "type,value=text/html", "header,bytes=9000",
    "drip,rate=400000,piece=1000", "drop,event=transcript.text.done",
    "repeat,event=tts.response.audio.delta",
    "drop,event=tts.response.audio.done", "edit,field=id,value=7", "edit,field=id",
    "edit,field=type,value=[]", "edit,field=data,value=null", "edit,field=text,value={}",
    "edit,field=delta,value=1", "edit,field=data.audio,value=\"###\"",
    "redirect,location=http://127.0.0.1:9/",
    "empty-done", "type,value=application/octet-stream",
    "200,body={\"error\":{\"message\":\"no\"}}",
    "206", "429,retry-after=3600", "error,message=quota exceeded",
    "error,message=no speech detected", "edit,field=data.text,value=\"one thousand &amp;\"",
    "drop,event=tts.response.sentence.end", "drop,event=tts.response.sentence.start",
    "edit,field=data.duration", "edit,field=text,value=\"\"",
)  # fmt: skip
CODES = {0, 2, 3, 4, 5, 6, 8, 10, 129, 130, 143}


@dataclass(frozen=True)
class Job:
    """A command line, its stdin, and the files that must be complete if they exist."""

    arguments: tuple[str, ...]
    stdin: bytes = b""

    @property
    def endpoints(self) -> tuple[str, ...]:
        """The endpoints that the command uses."""
        both = " ".join(self.arguments[:2])
        return _ASKED.get(both) or _ASKED.get(self.arguments[0]) or ("*",)


_ASKED = {
    "speak": ("speech",), "stream": ("realtime",), "transcribe": ("asr",),
    "voices clone": ("files", "clone"), "voices preview": ("files", "preview", "delete"),
    "voices list": ("voices", "system_voices"), "auth": ("models",), "doctor": ("models",),
}  # fmt: skip


def _text(chance: random.Random) -> str:
    pieces = [
        "Hello there.",
        "你好，世界。",
        "It is 5:30 (softly) now!",
        "Émile & Zoë…",
        "x" * 30,
        "\x1b[31m",
    ]
    return " ".join(chance.choices(pieces, k=chance.randint(1, 6)))


def _sound_file(chance: random.Random) -> str:
    return chance.choice(["a.wav", "a.wav", "b.mp3", "c.opus", "d.flac", "e.raw", "\x1b[31mf.wav"])


def _speak(chance: random.Random) -> Job:
    more = chance.choice(
        [(), ("--json",), ("-v", "vibrant-youth"), ("--speed", "1.5"), ("--debug",)]
    )
    return Job(("speak", "-o", _sound_file(chance), *more, "--", _text(chance)))


def _long(chance: random.Random) -> Job:
    size = chance.randint(1, 4) * 900
    return Job(("speak", "-", "-o", _sound_file(chance), "--jobs", str(chance.randint(1, 4))),
               LONG[:size].encode())  # fmt: skip


def _pipe(chance: random.Random) -> Job:
    return Job(
        ("speak", "-o", "-", "--format", chance.choice(["wav", "mp3", "pcm"]), _text(chance))
    )


def _batch(chance: random.Random) -> Job:
    lines = [json.dumps({"text": _text(chance), "id": f"n{n}", "format": "wav"}) for n in range(5)]
    skip = chance.choice([(), ("--skip-existing",)])
    return Job(("speak", "--batch", "-", "--output-dir", "many", *skip), "\n".join(lines).encode())


def _stream(chance: random.Random) -> Job:
    return Job(
        ("stream", "-o", _sound_file(chance), "--subtitles", "g.srt"), _text(chance).encode()
    )


def _transcribe(chance: random.Random) -> Job:
    inputs = chance.choice([("sample.wav",), ("sample.m4a",), ("sample.wav", "sample.m4a"),
                            ("sample.wav", "long.txt"), ("missing.wav",)])  # fmt: skip
    out = chance.choice([(), ("--json",), ("--output-dir", "texts"), ("--format", "text")])
    return Job(("transcribe", "-l", "en", *out, *inputs))


def _clone(chance: random.Random) -> Job:
    named = chance.choice([(), ("--name", f"n{chance.randrange(10**9)}")])
    return Job(("voices", "clone", "sample.wav", "--yes", *named))


def _preview(chance: random.Random) -> Job:
    return Job(("voices", "preview", "sample.wav", "-o", _sound_file(chance)))


def _others(chance: random.Random) -> Job:
    words = chance.choice([
        ("voices", "list"), ("voices", "list", "--json"), ("auth", "status"), ("doctor",),
        ("config", "set", "speed", "1.1"), ("config", "unset", "speed"), ("config", "list"),
        ("speak", "--dry-run", "hi"), ("transcribe", "--dry-run", "sample.wav"), ("--help",),
        ("--version",), ("speak", "--speed", "9", "hi"), ("nonsense",),
    ])  # fmt: skip
    return Job(words)


KINDS: tuple[Callable[[random.Random], Job], ...] = (
    _speak, _speak, _long, _pipe, _batch, _stream, _transcribe, _transcribe, _clone, _preview,
    _others,
)  # fmt: skip


def faults(chance: random.Random, endpoints: Sequence[str]) -> list[str]:
    """Return random faults; none in a quarter of the runs."""
    if chance.random() < 0.25:
        return []
    when = ("1", "1", "2", "*", "2+")
    return [
        f"{chance.choice(endpoints)}:{chance.choice(when)}:{chance.choice(ACTIONS)}"
        for _ in range(chance.randint(1, 3))
    ]


@dataclass(frozen=True)
class Ran:
    """A finished command: exit code, number of faults ``met``, and violations in ``wrong``."""

    kind: str
    code: int
    met: int
    wrong: list[str]


def run(program: Program, service: Sandbox, chance: random.Random) -> Ran:
    """Run one command with its faults or a signal."""
    kind = chance.choice(KINDS)
    job = kind(chance)
    service.reset()
    for spec in faults(chance, job.endpoints):
        service.fault(spec)
    home = program.home
    (home / "a.wav").write_bytes(OLD)
    mark = uuid.uuid4().hex
    limits = ("--timeout", "3", "--retries", "2")
    plain = job.arguments[0] in ("--help", "--version", "nonsense", "config")
    place = job.arguments.index("--") if "--" in job.arguments else len(job.arguments)
    arguments = (*job.arguments[:place], *(() if plain else limits), *job.arguments[place:])
    process = subprocess.Popen(
        [*COMMAND, *arguments],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        cwd=home, env=program.environment({"SOAK": mark}),
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )  # fmt: skip
    hit = chance.random() < 0.1
    if hit:
        await_program(process)
        time.sleep(chance.random())
        process.send_signal(chance.choice(SIGNALS))
        process.stdin and process.stdin.close()
        process.stdin = None
        _, err = finished(process, 120)
    else:
        _, err = _fed(process, job.stdin)
    code = shell_code(process.returncode)
    wrong = outcome(arguments, err, code, CODES if hit else CODES - {129, 130, 143}, service.key)
    if code == 1:
        wrong.append(f"exit 1: {err!r}")
    wrong += ["an escape reaches the terminal"] * ("\x1b" in err)
    wrong += no_leftovers(home)
    for path in home.rglob("*.wav"):
        if path.name != "sample.wav" and path.read_bytes() != OLD:
            wrong += whole_sound(path)
    if len(service.log("clone")) > 1:
        wrong.append(f"cloning was asked for {len(service.log('clone'))} times")
    for _ in range(50):
        if not (left := children_of(mark)):
            break
        time.sleep(0.1)
    wrong += [f"still running: {left}"] * bool(left)
    met = sum(bool(entry.get("fault")) for entry in service.log())
    return Ran(kind.__name__.strip("_"), code, met, wrong)


def _fed(process: subprocess.Popen[bytes], stdin: bytes) -> tuple[bytes, str]:
    try:
        out, err = process.communicate(stdin, timeout=180)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
        return out, err.decode(errors="replace") + "\nError: it hangs"
    return out, err.decode(errors="replace")


@dataclass
class Tally:
    """Totals of all runs; ``troubled`` counts those that met a fault."""

    runs: int = 0
    troubled: int = 0
    met: int = 0
    wrong: int = 0
    codes: Counter[tuple[str, int]] = field(default_factory=Counter)

    def add(self, ran: Ran) -> None:
        self.runs += 1
        self.troubled += bool(ran.met)
        self.met += ran.met
        self.wrong += len(ran.wrong)
        self.codes[ran.kind, ran.code] += 1
        for complaint in ran.wrong:
            sys.stdout.write(f"run {self.runs} {ran.kind}: {complaint}\n")
        sys.stdout.flush()

    def __str__(self) -> str:
        total = f"{self.runs} runs, {self.troubled} met {self.met} faults, {self.wrong} complaints"
        counts = [f"  {kind} exit {code}: {n}" for (kind, code), n in sorted(self.codes.items())]
        return "\n".join([total, *counts, ""])


def main(minutes: float, seed: int) -> int:
    """Run until the time is over and return the number of violations."""
    chance, tally = random.Random(seed), Tally()
    until = time.monotonic() + 60 * minutes
    with ExitStack() as stack:
        service = stack.enter_context(sandbox())
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        furnish(home)
        program = Program(home, dict(service.environ))
        while time.monotonic() < until:
            tally.add(run(program, service, chance))
    sys.stdout.write(str(tally))
    return tally.wrong


if __name__ == "__main__":
    sys.exit(bool(main(float(sys.argv[1]), int(sys.argv[2]))))
