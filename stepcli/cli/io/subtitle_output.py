"""The subtitle file of a sound that is spoken."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from stepcli.cli.context import Run
from stepcli.cli.io.output import encoded, open_output
from stepcli.cli.io.terminal import Terminal
from stepcli.cli.params.options import options_of
from stepcli.cli.params.output_options import CueOptions
from stepcli.cli.params.usage_errors import refuse_given
from stepcli.errors import UsageError
from stepcli.storage.atomic_file import completed
from stepcli.subtitles.formats import (
    DEFAULT_STYLE,
    SUBTITLE_EXTENSIONS,
    CueStyle,
    SubtitleFormat,
)

if TYPE_CHECKING:
    from stepcli.subtitles.timeline import Timeline


@dataclass(frozen=True, slots=True)
class SubtitleOutput:
    """A file, its format and the style of its cues; no file where there are no subtitles."""

    terminal: Terminal
    path: str | None = None
    format: SubtitleFormat = SubtitleFormat.SRT
    style: CueStyle = DEFAULT_STYLE

    @classmethod
    def from_options(
        cls, run: Run, target: str | None, cues: CueOptions, *, batch: bool = False
    ) -> SubtitleOutput:
        """Return the output that the options describe; for a batch, only the extension counts.

        Raise UsageError where the options conflict.
        """
        if target is not None:
            return cls(run.terminal, target, _format(target, batch=batch), cues.style)
        refuse_given(options_of(CueOptions), run.given, "requires --subtitles")
        return cls(run.terminal)

    @property
    def wanted(self) -> bool:
        return self.path is not None

    @property
    def exists(self) -> bool:
        """Whether an earlier run left nothing to write."""
        return self.path is None or os.path.isfile(self.path)  # noqa: PTH113 - Path may raise

    @property
    def identity(self) -> list[str]:
        """What tells the content of one file from another for the same sound."""
        return [self.format, repr(self.style)] if self.path else []

    def beside(self, sound: Path) -> SubtitleOutput:
        """Return the output for one of several sounds: a file of the same name, if any."""
        return replace(self, path=str(sound.with_suffix(f".{self.format}")) if self.path else None)

    @contextmanager
    def open(self) -> Iterator[Callable[[Timeline], None]]:
        """Yield a function that writes the file, which appears if the block succeeds.

        Raise UsageError if it cannot be written.
        """
        if self.path is None:
            yield lambda _: None
            return
        with completed(open_output(self.path, self.terminal, binary=False)) as output:
            yield lambda timeline: output.write(self._content(timeline))

    def _content(self, timeline: Timeline) -> bytes:
        from stepcli.subtitles.cues import subtitles

        self._report_untimed(timeline)
        return encoded(subtitles(timeline.words, self.format, self.style))

    def _report_untimed(self, timeline: Timeline) -> None:
        if timeline.untimed and not timeline.is_reported:
            self.terminal.info(
                f"the service sent no word times; the words in {self.path} are spread"
                " evenly over the sound"
            )
        elif timeline.untimed:
            self.terminal.detail(
                f"stepcli: no word times for {timeline.untimed} of {timeline.sentences} sentences;"
                f" their words in {self.path} are spread evenly"
            )


def _format(target: str, *, batch: bool) -> SubtitleFormat:
    suffix = f".{target.rpartition('.')[2]}" if batch else PurePath(target).suffix
    format = SUBTITLE_EXTENSIONS.get(suffix.lower())
    if format is None:
        listed = ", ".join(f"FILE{extension}" for extension in SUBTITLE_EXTENSIONS)
        raise UsageError(f"--subtitles takes {listed}, not {target}")
    return format
