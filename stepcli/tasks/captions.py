"""Sentences with their times to cues that can be read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from stepcli.tasks.subtitles import Cue
from stepcli.tasks.takes import Sentence


def captions(sentences: Iterable[Sentence]) -> Iterator[Cue]:
    for sentence in sentences:
        yield Cue(sentence.start, sentence.end, sentence.text.strip())
