"""The summary of the fault matrix at the end of a test run."""

from __future__ import annotations

from typing import Any


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print the number of cells and of violations."""
    reports = [
        report
        for outcome in ("passed", "failed")
        for report in terminalreporter.stats.get(outcome, [])
    ]
    reported = [dict(report.user_properties) for report in reports]
    cells = sum(one.get("cells", 0) for one in reported)
    if cells:
        rows = sum("cells" in one for one in reported)
        violations = sum(one.get("violations", 0) for one in reported)
        terminalreporter.write_line(
            f"fault matrix: {rows} faults of commands, {cells} cells, {violations} violations"
        )
