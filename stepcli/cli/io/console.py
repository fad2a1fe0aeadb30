"""A rich console for untrusted text: file names, ids, messages of the service."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TextIO

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment


class EscapingConsole(Console):
    """A console that escapes all control sequences except those it writes itself."""

    def __init__(self, stream: TextIO, escape: Callable[[str], str]) -> None:
        super().__init__(file=stream, highlight=False)
        self._escape = escape

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """Yield the segments of ``renderable``, their texts escaped."""
        for segment in super().render(renderable, options):
            text, style, control = segment
            yield segment if control else Segment(self._escape(text), style)
