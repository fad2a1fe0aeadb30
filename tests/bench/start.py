"""The cost of starting, and of starting without doing anything."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from tests.bench.places import ROOT, Places
from tests.bench.runs import finished, in_turn
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
            "nothing": partial(finished, nothing),
            "--version": partial(finished, (*ours, "--version")),
            "usage error": partial(finished, (*ours, "speak", "--nonsense"), code=2),
            "unknown command": partial(finished, (*ours, "nonsense"), code=2),
            "TAB: an option": partial(finished, ("bash", "--norc", "-c", tab)),
            "TAB: a voice": partial(finished, ours, {"_STEPCLI_COMPLETE": "voices"}),
            "TAB: a device": partial(finished, ours, {"_STEPCLI_COMPLETE": "outputs"}),
        },
        runs,
    )
    nothing_at_all = taken.pop("nothing")
    for name, done in taken.items():
        yield Row(
            f"{name} / python -c pass",
            middle((run.seconds for run in done), 1000),
            middle((run.seconds for run in nothing_at_all), 1000),
            "ms",
            1.5 if name == "--version" else 5.0,
            work=middle(run.cpu for run in done) / middle(run.cpu for run in nothing_at_all),
        )
