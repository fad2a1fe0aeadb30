"""The table of measurements and their bars."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Row:
    """Two measurements of the same run, and the upper bar for their ratio.

    With ``above`` the bar is for the difference, with ``at_least`` it is a lower bar, and with
    ``absolute`` it is for the first measurement alone. ``work`` is the ratio of the processor
    times.
    """

    what: str
    ours: float
    against: float
    unit: str
    bar: float | None = None
    above: bool = False
    at_least: bool = False
    absolute: bool = False
    work: float | None = None

    @property
    def ratio(self) -> float:
        return self.ours / self.against

    @property
    def met(self) -> bool | None:
        """Return whether the bar is met; None if there is none."""
        if self.bar is None:
            return None
        if self.at_least:
            return self.ratio >= self.bar
        return self._judged <= self.bar

    @property
    def _judged(self) -> float:
        if self.absolute:
            return self.ours
        return self.ours - self.against if self.above else self.ratio

    def __str__(self) -> str:
        verdict = {None: "", True: "met", False: "MISSED"}[self.met]
        figures = f"{self.ours:>9.1f} {self.against:>9.1f} {self.unit:<5} {self.ratio:>7.2f}"
        work = "" if self.work is None else f"{self.work:.2f}"
        return f"{self.what:<66} {figures}  {self._bar:<11} {verdict:<6} {work:>5}".rstrip()

    @property
    def _bar(self) -> str:
        if self.bar is None:
            return ""
        sign = ">=" if self.at_least else "<="
        if self.absolute:
            return f"{sign} {self.bar:g} {self.unit}"
        return f"{sign} +{self.bar:g} {self.unit}" if self.above else f"{sign} {self.bar:g}"


HEAD = f"{'':<66} {'ours':>9} {'other':>9} {'':<5} {'ratio':>7}  {'bar':<18}  work"


def middle(taken: Iterable[float], scale: float = 1.0) -> float:
    return scale * median(taken)
