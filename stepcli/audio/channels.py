"""Recordings with a speaker on each channel."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, zip_longest
from pathlib import Path

from stepcli.audio import ffmpeg
from stepcli.audio.decode import count_channels
from stepcli.audio.excerpt import WHOLE, Excerpt
from stepcli.audio.open import open_track
from stepcli.audio.segments import Segment, is_silent, split_into_segments
from stepcli.audio.track import Track
from stepcli.audio.upload import UploadOptions
from stepcli.audio_types import PCM
from stepcli.errors import UsageError


def open_channels(
    path: Path,
    name: str,
    speakers: Sequence[str] = (),
    raw: PCM | None = None,
    excerpt: Excerpt = WHOLE,
) -> dict[str, Track]:
    """Return each channel of the file at ``path`` by the name of its speaker.

    Without ``speakers`` they are called Speaker1, Speaker2 and so on. Raises the errors of
    ``open_track``, and UsageError if there is one channel only or not one for each speaker.
    """
    first = open_track(path, name, raw, excerpt=replace(excerpt, channel=0))
    count = count_channels(path, raw) or ffmpeg.count_channels(path)
    if count < 2:
        raise UsageError(f"{name} has one channel", hint="transcribe it without --channels")
    names = speakers or [f"Speaker{number}" for number in range(1, count + 1)]
    if len(names) != count:
        raise UsageError(f"{name} has {count} channels, not {len(names)}", hint=_NAMES_HINT)
    others = (
        open_track(path, name, raw, excerpt=replace(excerpt, channel=channel))
        for channel in range(1, count)
    )
    return dict(zip(names, (first, *others), strict=True))


_NAMES_HINT = "--channels takes a name for each channel, or none"


def split_channels(channels: Mapping[str, Track], options: UploadOptions) -> Iterator[Segment]:
    """Yield the pieces of all channels that are not silent, those of the same time together."""
    pieces = [_named(split_into_segments(one, options), name) for name, one in channels.items()]
    for piece in chain.from_iterable(zip_longest(*pieces)):
        if piece and not is_silent(piece):
            yield piece


def _named(pieces: Iterator[Segment], speaker: str) -> Iterator[Segment]:
    for piece in pieces:
        yield replace(piece, speaker=speaker)
