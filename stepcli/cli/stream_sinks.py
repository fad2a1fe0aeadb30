"""The sinks of a stream: who hears sound as it comes, and which file gets only whole sentences."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

from stepcli.cli.output import EncodedOutput, WholeFile, completed, open_output
from stepcli.cli.sound_out import SoundOut
from stepcli.cli.whereabouts import kept_told
from stepcli.sound import PCM, Sink


@dataclass(slots=True)
class Sinks:
    """``heard`` at once; ``kept`` sentence by sentence."""

    heard: list[Sink] = field(default_factory=list)
    kept: list[Sink] = field(default_factory=list)


@contextmanager
def written(sound_out: SoundOut, pcm: PCM) -> Iterator[Sinks]:
    """What is written of s16le samples: a file is kept, stdout or a pipe hears. Nothing is played.

    Of a run that fails, the finished part of a file is set aside under another name, and told.
    """
    if sound_out.output is None:
        yield Sinks()
        return
    output = open_output(sound_out.output, sound_out.terminal)
    with completed(EncodedOutput(output, sound_out.format, pcm)) as sink:
        if not isinstance(output, WholeFile):
            yield Sinks(heard=[sink])
            return
        with kept_told(partial(_set_aside, sink)):
            yield Sinks(kept=[sink])


def _set_aside(sink: EncodedOutput) -> str | None:
    where = sink.set_aside()
    return f"what was finished until then is in {where}" if where else None


@contextmanager
def played(sound_out: SoundOut, pcm: PCM) -> Iterator[list[Sink]]:
    """A device to play on, if that is wanted: heard to the end, or silenced by a failure."""
    if not sound_out.plays:
        yield []
        return
    from stepcli.audio.player import Player

    with completed(Player(pcm, sound_out.device)) as player:
        yield [player]
