"""The sound of one input, however it is stored."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from stepcli.errors import UsageError
from stepcli.sound import PCM, Recording

SPEECH = PCM(16000)
"""What sound is converted to unless told otherwise: all that a recogniser hears."""

Part = Callable[[int, int | None], Iterator[bytes]]


@dataclass(frozen=True, slots=True)
class Track:
    """Sound that can be read from anywhere, any number of times.

    ``part`` gives s16le samples of the shape ``pcm`` from one frame to another, None being the end.
    ``duration`` is in seconds, None where only reading to the end will tell. ``whole`` is the input
    as it is, where the service would take it so.
    """

    pcm: PCM
    part: Part
    duration: float | None
    whole: Recording | None = None


def truncated(name: str) -> UsageError:
    """The failure of a sound that ends before it says it does."""
    return UsageError(
        f"{name} is truncated: it ends before its own header says it does",
        hint="copy or download it again; 'ffmpeg -i OLD NEW.wav' saves what is there",
    )


def not_sound(name: str, hint: str | None = None) -> UsageError:
    """The failure of a file that is something else."""
    return UsageError(f"{name} is not a sound file", hint=hint)


def without_sound(name: str) -> UsageError:
    """The failure of a sound of no length."""
    return UsageError(f"{name} is silent: it is 0 seconds long")
