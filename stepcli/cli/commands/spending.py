"""Confirmation of costs: ``--ask-above`` and ``--yes``."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from stepcli.cli.context import Run
from stepcli.cli.io.terminal import Terminal
from stepcli.cli.params.options import flag, option, option_group
from stepcli.errors import StepcliError

if TYPE_CHECKING:
    from stepcli.cli.io.audio_input import AudioInput
    from stepcli.tasks.pricing import Cost


@option_group()
class SpendingOptions:
    """The options of commands that may send many requests."""

    ask_above: float = option(
        "--ask-above AMOUNT",
        default=10,
        min=0,
        advanced=True,
        help="On a terminal, ask before spending more than AMOUNT in the currency of the site: "
        "yuan for stepfun.com, else dollars.",
    )
    yes: bool = flag("--yes, -y", help="Accept the cost without being asked.")

    def may_ask(self, terminal: Terminal) -> bool:
        """Return whether the user can be asked."""
        return not self.yes and terminal.stdin_is_terminal and terminal.stderr_is_terminal

    def exceeds(self, cost: Cost | None) -> bool:
        """Return whether `cost` is known and higher than what is spent without a question."""
        return cost is not None and cost.amount > Decimal(str(self.ask_above))

    def is_agreed(self, terminal: Terminal, what: str, cost: Cost | None) -> bool:
        """Return whether `what` may be sent for `cost`, after a question if it is needed."""
        from stepcli.tasks.pricing import describe_cost

        if not (self.may_ask(terminal) and self.exceeds(cost)):
            return True
        if terminal.confirm(f"{what}: {describe_cost(cost, digits=2)}. Continue?"):
            return True
        terminal.note("cancelled; nothing was sent")
        return False


def is_recognition_agreed(
    run: Run, spending: SpendingOptions, inputs: Sequence[AudioInput], model: str
) -> bool:
    """Return whether `inputs` may be recognized, after a question if it is needed.

    Only files are counted whose duration is known before they are read. They are opened only if
    they are large enough to cost that much.
    """
    if not spending.may_ask(run.terminal):
        return True
    from stepcli.tasks.pricing import recognition_cost

    files = [one for one in inputs if one.copy is None]
    longest = sum(_size(one.path) for one in files) / _FEWEST_BYTES_PER_SECOND
    if not spending.exceeds(recognition_cost(model, longest, run.site)):
        return True
    seconds = sum(map(_known_seconds, files))
    count = "1 input" if len(files) == 1 else f"{len(files):,} inputs"
    what = f"{count}, {seconds / 60:.1f} minutes"
    return spending.is_agreed(run.terminal, what, recognition_cost(model, seconds, run.site))


_FEWEST_BYTES_PER_SECOND = 500
"""Less than any codec needs for speech."""


def _size(path: Path) -> int:
    with suppress(OSError):
        return path.stat().st_size
    return 0


def _known_seconds(one: AudioInput) -> float:
    """Return the seconds to recognize; 0 if they are unknown or the input cannot be read."""
    with suppress(StepcliError):
        tracks = [one.track()] if one.settings.speakers is None else one.channels().values()
        return sum(track.duration or 0.0 for track in tracks)
    return 0.0
