"""Generate the README's terminal session from a real run: ``python -m tests.readme.session``."""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from xml.etree import ElementTree

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

from tests.support.program import Program
from tests.support.service import Sandbox, sandbox
from tests.support.terminal import SIZE, on_terminal

ROOT = Path(__file__).parents[2]
DRAWING = ROOT / ".github" / "session.svg"

COMMANDS = (
    'stepcli speak "Today is a good day for a walk in the park" -o walk.wav',
    "stepcli transcribe -l en walk.wav",
    'stepcli stream "Words go up, sound comes down." -o a.wav --subtitles a.srt',
    "cat a.srt",
    "stepcli speak -f LICENSE --dry-run",
    "stepcli speack Hello",
)


@dataclass(frozen=True)
class Step:
    """A command line and the screen after it."""

    command: str
    shown: Sequence[str]


def recorded(home: Path, service: Sandbox) -> list[Step]:
    """Run the session and return its steps."""
    programs = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    program = Program(home, {**service.environ, "PATH": programs, "LC_ALL": "C.UTF-8"})
    shutil.copy(ROOT / "LICENSE", home)
    return [Step(command, list(_shown(program, command))) for command in COMMANDS]


def _shown(program: Program, command: str) -> Iterator[str]:
    with on_terminal(program, command, command=("bash", "-c")) as run:
        run.finish()
    yield from filter(None, (line.rstrip() for line in run.lines))


def drawn(steps: Sequence[Step]) -> str:
    """Return the session as SVG with the viewer's monospaced font."""
    console = Console(record=True, width=SIZE[1], file=StringIO(), force_terminal=True)
    for step in steps:
        console.print(Text.assemble(("$ ", "bold green"), (step.command, "bold")), soft_wrap=True)
        for line in step.shown:
            style = "red" if line.startswith("stepcli: error") else ""
            console.print(Text(line, style))
        console.print()
    svg = console.export_svg(title="stepcli", theme=MONOKAI, unique_id="session")
    local = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    local = local.replace("font-family: Fira Code", "font-family: ui-monospace, Menlo, Consolas")
    return re.sub(r"[ \t]+$", "", local, flags=re.MULTILINE)


def text_of(svg: str) -> list[str]:
    """Return the lines of a drawing without its title."""
    lines: dict[float, str] = {}
    for one in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text"):
        if "clip-path" in one.attrib:
            y = float(one.attrib["y"])
            lines[y] = lines.get(y, "") + (one.text or "")
    return [lines[y].replace("\N{NO-BREAK SPACE}", " ").rstrip() for y in sorted(lines)]


def main() -> None:
    with sandbox() as service, tempfile.TemporaryDirectory() as home:
        steps = recorded(Path(home), service)
    DRAWING.parent.mkdir(exist_ok=True)
    DRAWING.write_text(drawn(steps), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
