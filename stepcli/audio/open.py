"""A sound file as something to send, told by its contents and not by its name."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from stepcli.audio import ffmpeg, wav
from stepcli.audio.container import HEAD_BYTES, sniff, torn_ogg
from stepcli.audio.decode import decoded_track, mono_part
from stepcli.audio.signal import LISTENED, cancel
from stepcli.audio.track import SPEECH, Track, file_blocks, not_sound, truncated, without_sound
from stepcli.audio_types import PCM, Recording
from stepcli.errors import UsageError

_SENDABLE = (8000, 16000, 24000)
"""Rates in Hz at which mono samples may be cut and sent; other shapes are converted first."""
_USUAL = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)
"""Rates in Hz at which raw samples of one or two channels are sent as they are."""


@dataclass(frozen=True, slots=True)
class Samples:
    """``size`` bytes of samples in a file, from ``offset`` on."""

    path: Path
    pcm: PCM
    offset: int
    size: int

    @property
    def sendable(self) -> bool:
        return self.pcm.channels == 1 and self.pcm.rate in _SENDABLE

    @property
    def duration(self) -> float:
        return self.pcm.seconds(self.size)

    def are_opposed(self) -> bool:
        """Whether there are two channels that cancel each other."""
        beginning = self.part(0, LISTENED * self.pcm.rate)
        return self.pcm.channels == 2 and cancel(b"".join(beginning))

    def part(self, start: int, stop: int | None) -> Iterator[bytes]:
        first = start * self.pcm.frame_bytes
        last = self.size if stop is None else min(self.size, stop * self.pcm.frame_bytes)
        return file_blocks(self.path, self.offset + first, max(0, last - first))

    def recording(self) -> Recording | None:
        """The samples as they are; None for a shape that nobody can be expected to take."""
        if self.pcm.channels > 2 or self.pcm.rate not in _USUAL:
            return None
        return Recording("pcm", self.size, lambda: self.part(0, None), self.pcm)


def raw_samples(path: Path, name: str, pcm: PCM) -> Samples:
    """A file of nothing but samples; a torn frame at its end is left out.

    Raises UsageError for less than one frame.
    """
    return _checked(Samples(path, pcm, 0, path.stat().st_size), name)


def wav_samples(path: Path, name: str) -> tuple[Samples, Recording | None] | None:
    """The samples of a WAV file and how to send it as it is, if that can be.

    None for other than 16-bit samples.

    Raises UsageError where it holds no sound, or less than its header says.
    """
    with path.open("rb") as file:
        found = wav.layout(file)
    if found is None:
        return None
    if found.missing:
        raise truncated(name)
    samples = _checked(Samples(path, found.pcm, found.offset, found.size), name)
    if not found.truthful:
        return samples, samples.recording()
    return samples, Recording("wav", path.stat().st_size, partial(file_blocks, path))


def _checked(samples: Samples, name: str) -> Samples:
    size = samples.size - samples.size % samples.pcm.frame_bytes
    if size == 0:
        raise without_sound(name)
    return Samples(samples.path, samples.pcm, samples.offset, size)


_FOREIGN = ("mp4", "webm", "amr", "asf")
"""Containers that libsndfile does not know, so that it need not be loaded to say so."""


def open_track(
    path: Path,
    name: str | None = None,
    raw: PCM | None = None,
    rate: int | None = SPEECH.rate,
) -> Track:
    """The sound of the file at ``path``; ``raw`` is the shape of one that is only samples.

    What has to be converted is made mono at ``rate``, which is the sound's own where it is None.
    Raises UsageError, with a sentence that calls the file ``name``, for a file that cannot be read,
    is empty, truncated, no sound, or needs an ffmpeg that is not installed.
    """
    name = name or str(path)
    head = _head(path, name)
    if raw:
        samples = raw_samples(path, name, raw)
        return _plain(samples, samples.recording(), name, rate, raw)
    container = sniff(head)
    if container == "ogg" and torn_ogg(path):
        raise truncated(name)
    if container == "wav" and (found := wav_samples(path, name)):
        return _plain(*found, name, rate)
    return _decoded(path, name, container, rate) or _converted(path, name, container, rate)


def _head(path: Path, name: str) -> bytes:
    try:
        _check_kind(path.stat().st_mode, name)
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError as exc:
        raise UsageError(f"cannot read {name}: {exc.strerror}") from None
    if not head:
        raise UsageError(f"{name} is empty")
    return head


def _check_kind(mode: int, name: str) -> None:
    if stat.S_ISDIR(mode):
        raise UsageError(f"{name} is a directory", hint="name the files in it")
    if not stat.S_ISREG(mode):
        raise UsageError(f"{name} is not a file", hint=f"stepcli transcribe - < {name}")


def _plain(
    samples: Samples,
    whole: Recording | None,
    name: str,
    rate: int | None,
    raw: PCM | None = None,
) -> Track:
    pcm = PCM(rate or samples.pcm.rate)
    if samples.sendable or samples.pcm == pcm:
        return Track(samples.pcm, samples.part, samples.duration, whole)
    opposed = samples.are_opposed()
    part = mono_part(samples.path, name, pcm, raw, opposed=opposed)
    return Track(pcm, part, samples.duration, None if opposed else whole)


def _decoded(path: Path, name: str, container: str | None, rate: int | None) -> Track | None:
    if container in _FOREIGN:
        return None
    found = decoded_track(path, name, rate)
    if found is None:
        return None
    track, accepted = found
    if accepted is None:
        return track
    size = path.stat().st_size
    return replace(track, whole=Recording(accepted, size, partial(file_blocks, path)))


def _converted(path: Path, name: str, container: str | None, rate: int | None) -> Track:
    if ffmpeg.installed():
        return ffmpeg.converted_track(path, name, container, rate)
    if container is None:
        raise not_sound(name, hint=f"if it is one, ffmpeg may read it: {ffmpeg.how_to_install()}")
    raise UsageError(
        f"{name} is {container}, which needs ffmpeg to convert", hint=ffmpeg.how_to_install()
    )
