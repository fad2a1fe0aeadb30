"""What it costs to start, and to start for nothing."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from tests.bench.places import ROOT, Places
from tests.bench.runs import elapsed, in_turn
from tests.bench.table import Row, middle

_TAB = (
    "compopt() {{ :; }}; source {script}; "
    "COMP_WORDS=(stepcli speak --) COMP_CWORD=2; _stepcli stepcli; ((${{#COMPREPLY[@]}} > 9))"
)
"""What bash does when TAB is pressed behind ``--``: no Python takes part in it."""


def rows(places: Places, runs: int) -> Iterator[Row]:
    ours, nothing = places.stepcli, (places.python, "-c", "pass")
    tab = _TAB.format(script=ROOT / "completions" / "stepcli.bash")
    taken = in_turn(
        {
            "nothing": partial(elapsed, nothing),
            "--version": partial(elapsed, (*ours, "--version")),
            "usage error": partial(elapsed, (*ours, "speak", "--nonsense"), code=2),
            "unknown command": partial(elapsed, (*ours, "nonsense"), code=2),
            "TAB: an option": partial(elapsed, ("bash", "--norc", "-c", tab)),
            "TAB: a voice": partial(elapsed, ours, {"_STEPCLI_COMPLETE": "voices"}),
            "TAB: a device": partial(elapsed, ours, {"_STEPCLI_COMPLETE": "outputs"}),
        },
        runs,
    )
    limit = middle(taken.pop("nothing"), 1000)
    for name, seconds in taken.items():
        bar = 1.5 if name == "--version" else 5.0
        yield Row(f"{name} / python -c pass", middle(seconds, 1000), limit, "ms", bar)
