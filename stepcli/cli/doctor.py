"""``stepcli doctor``: what could keep this program from working, and what to do about each."""

from __future__ import annotations

from collections.abc import Iterator

from stepcli.cli.checkup import FAILED, OK, WARNING, Finding, machine, service
from stepcli.cli.command import command, command_app
from stepcli.cli.rows import Column, show_row
from stepcli.cli.run import Run
from stepcli.cli.terminal import Terminal

app = command_app()

_STYLES = {OK: "green", WARNING: "yellow", FAILED: "bold red"}


@command(app)
def doctor(run: Run) -> int:
    """Look whether speaking and transcribing can work, and say what to do where they cannot.

    Exit 0 if they can; else the code of the first thing that is in the way.
    """
    findings = []
    for finding in _findings(run):
        findings.append(finding)
        if not run.terminal.json:
            _show(run.terminal, finding)
    code = next((one.exit_code for one in findings if one.exit_code), 0)
    if run.terminal.json:
        checks = [one.described() for one in findings]
        run.terminal.result_json({"ok": not code, "exit_code": code, "checks": checks})
    return code


def _findings(run: Run) -> Iterator[Finding]:
    yield from service(run)
    yield from machine()


def _show(terminal: Terminal, finding: Finding) -> None:
    columns = (Column(_STYLES[finding.state], 7), Column(width=11), Column())
    show_row(terminal, (finding.state, finding.name, finding.detail), columns)
    if finding.remedy:
        show_row(terminal, ("", "", f"→ {finding.remedy}"), columns)
