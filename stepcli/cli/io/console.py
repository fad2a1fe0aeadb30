"""A rich console for text that others wrote: file names, ids, words of the service."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from stepcli.cli.io.terminal import escaped


class EscapingConsole(Console):
    """A console whose own control sequences are the only ones that it writes."""

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """Yield the segments of ``renderable``, their texts escaped."""
        for segment in super().render(renderable, options):
            text, style, control = segment
            yield segment if control else Segment(escaped(text, lines=True), style)
