"""``--jobs auto`` at a service that accepts only some requests at a time.

Bars: 1.8 times the ideal at a limit of 12 and 1.1 times at a limit of 1, with at most a fifth of
the requests refused.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

from tests.bench.limited_service import LimitedService
from tests.bench.places import Places
from tests.bench.runs import finished
from tests.bench.table import Row

PARTS = 53
LIMITS: Mapping[str, tuple[Mapping[int, int], float | None]] = {
    "1 accepted": ({0: 1}, 1.1),
    "5 accepted": ({0: 5}, None),
    "12 accepted": ({0: 12}, 1.8),
    "15 accepted": ({0: 15}, None),
    "12 accepted, then 3": ({0: 12, PARTS // 2: 3}, None),
    "3 accepted, then 12": ({0: 3, PARTS // 2: 12}, None),
}
"""The limits of `LimitedService`, and the bar for the time against the ideal."""


def rows(places: Places, directory: Path, scale: float) -> Iterator[Row]:
    """Yield the rows; the service takes `scale` seconds for 1,000 characters."""
    text = directory / "parts.txt"
    text.write_text(("A fox that nobody has seen since spring jumped over the fence. " * 16) * 51)
    command = (*places.stepcli, "speak", "-f", str(text), "-o", str(directory / "parts.wav"))
    for name, (limits, bar) in LIMITS.items():
        with ExitStack() as stack:
            service = stack.enter_context(LimitedService.running(limits, scale))
            home = stack.enter_context(tempfile.TemporaryDirectory())
            environ = service.environ | {"HOME": home, "XDG_STATE_HOME": f"{home}/state"}
            for run in ("first", "next"):  # which knows what the first one found
                service.reset()
                seconds = finished(command, environ).seconds
                what = f"{run} run, {service.served} parts, {name}"
                yield Row(f"{what} / ideal", seconds, service.ideal, "s", bar)
                bar_for_refusals = 0.2 if len(limits) == 1 else None
                yield Row(
                    f"{what}, refused / all", service.refused, service.served, "", bar_for_refusals
                )
