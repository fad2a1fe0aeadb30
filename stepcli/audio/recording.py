"""A sound file as something to send, told by its contents and not by its name."""

from __future__ import annotations

import stat
from dataclasses import replace
from functools import partial
from pathlib import Path

from stepcli.audio import ffmpeg
from stepcli.audio.blocks import file_blocks
from stepcli.audio.container import HEAD_BYTES, sniff, torn_ogg
from stepcli.audio.decoded import decoded_track, mono_part
from stepcli.audio.plain import Samples, raw_samples, wav_samples
from stepcli.audio.track import SPEECH, Track, not_sound, truncated
from stepcli.errors import UsageError
from stepcli.sound import PCM, Recording

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
