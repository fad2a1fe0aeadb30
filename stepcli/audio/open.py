"""Open audio files of any format. The contents decide what a file is, never its name."""

from __future__ import annotations

import shlex
import stat
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from stepcli.audio import ffmpeg, wav
from stepcli.audio.container import HEAD_BYTES, is_truncated_ogg, recordings_in, sniff
from stepcli.audio.decode import can_be_mixed, decoded_track
from stepcli.audio.excerpt import WHOLE, AudioFile, Excerpt
from stepcli.audio.m4a import m4a_upload
from stepcli.audio.track import (
    SPEECH,
    Track,
    file_blocks,
    no_audio_error,
    not_audio_error,
    truncated_error,
    uploaded_as_is,
)
from stepcli.audio_types import AUDIO_EXTENSIONS, PCM, AudioFormat, Recording, is_text
from stepcli.errors import UsageError
from stepcli.storage.os_errors import os_errors_as

_CUT_RATES = (8000, 16000, 24000)
"""Rates in Hz at which mono samples are cut and uploaded without conversion."""
_UPLOAD_RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)
"""Rates in Hz at which raw samples of one or two channels are uploaded as they are."""
_ONLY_FFMPEG = (
    "mp4", "webm", "amr", "asf", "flv", "avi", "mpeg", "mpegts", "aac", "wavpack", "ape",
)  # fmt: skip
"""Containers that libsndfile cannot read: loading it only to find that out takes 0.1 s."""


def open_track(
    path: Path,
    name: str | None = None,
    raw: PCM | None = None,
    rate: int | None = SPEECH.rate,
    excerpt: Excerpt = WHOLE,
) -> Track:
    """Return the audio in the file at ``path``. ``raw`` is the shape of a file of raw samples.

    Only the ``excerpt`` is decoded, and the track begins with it.

    Audio that has to be converted becomes mono at ``rate``, or at its own rate if that is None.
    Raises UsageError, which calls the file ``name``, for a file that cannot be read, is empty or
    truncated, is not audio, or needs an ffmpeg that is not installed. Without ffmpeg, a small m4a
    file has no samples, but can be uploaded as it is.
    """
    name = name or str(path)
    head = _read_head(path, name)
    container = None if raw else sniff(head)
    input = AudioFile(path, name, raw, rate, excerpt, container)
    if raw:
        samples = _checked(_Samples(path, raw, 0, path.stat().st_size), name)
        return _samples_track(input, samples, samples.as_raw())
    if container == "ogg" and is_truncated_ogg(path):
        raise truncated_error(name)
    if container == "wav" and (found := _wav_samples(path, name)):
        return _samples_track(input, *found)
    if container not in _ONLY_FFMPEG and (track := decoded_track(input)):
        return track
    try:
        return _converted(input, head)
    except UsageError as exc:
        if container is None and exc.hint is None and is_text(head):
            exc.hint = f"to speak a text: stepcli speak -f {shlex.quote(name)}"
        raise


def _read_head(path: Path, name: str) -> bytes:
    with os_errors_as(UsageError, f"cannot read {name}"):
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            next(path.iterdir(), None)  # raises if it cannot be read
        _check_is_file(mode, name)
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    if not head:
        raise UsageError(f"{name} is empty")
    return head


def _check_is_file(mode: int, name: str) -> None:
    if stat.S_ISDIR(mode):
        raise UsageError(f"{name} is a directory", hint="give the files in it")
    if not stat.S_ISREG(mode):
        raise UsageError(f"{name} is not a file", hint=f"stepcli transcribe - < {name}")


@dataclass(frozen=True, slots=True)
class _Samples:
    """``size`` bytes of 16-bit samples in a file, from ``offset`` on."""

    path: Path
    pcm: PCM
    offset: int
    size: int

    def part(self, start: int, stop: int | None) -> Iterator[bytes]:
        """Yield the samples from frame ``start`` to ``stop``, or to the end if that is None."""
        first = start * self.pcm.frame_bytes
        last = self.size if stop is None else min(self.size, stop * self.pcm.frame_bytes)
        return file_blocks(self.path, self.offset + first, max(0, last - first))

    def narrowed(self, excerpt: Excerpt, name: str) -> _Samples:
        """Return the samples of an excerpt. Raises UsageError if there are none."""
        excerpt.duration(self.pcm.seconds(self.size), name)
        first, last = excerpt.span(self.pcm)
        size = min(self.size, self.size if last is None else last) - first
        return _checked(replace(self, offset=self.offset + first, size=size), name)

    def as_raw(self) -> Recording | None:
        """Return the samples to be uploaded without a header, None for an unusual shape."""
        if self.pcm.channels > 2 or self.pcm.rate not in _UPLOAD_RATES:
            return None
        return Recording("pcm", self.size, lambda: self.part(0, None), self.pcm)


def _wav_samples(path: Path, name: str) -> tuple[_Samples, Recording | None] | None:
    """Return the samples of a single WAV file and what to upload of it; None unless 16-bit."""
    with path.open("rb") as file:
        layout = wav.layout(file)
    if layout is None or len(recordings_in(path, "wav")) > 1:
        return None
    if layout.missing:
        raise truncated_error(name)
    samples = _checked(_Samples(path, layout.pcm, layout.offset, layout.size), name)
    return samples, uploaded_as_is(path, "wav") if layout.truthful else samples.as_raw()


def _checked(samples: _Samples, name: str) -> _Samples:
    """Return ``samples`` without an incomplete last frame. Raises UsageError if none are left."""
    size = samples.size - samples.size % samples.pcm.frame_bytes
    if size == 0:
        raise no_audio_error(name)
    return replace(samples, size=size)


def _samples_track(input: AudioFile, samples: _Samples, whole: Recording | None) -> Track:
    if not input.excerpt.is_whole:
        samples, whole = samples.narrowed(input.excerpt, input.name), None
    pcm, duration = samples.pcm, samples.pcm.seconds(samples.size)
    if pcm.channels == 1 and (pcm.rate in _CUT_RATES or pcm.rate == (input.rate or pcm.rate)):
        return Track(pcm, samples.part, duration, whole)
    track = decoded_track(input)
    if track is None:
        raise not_audio_error(input.name)
    mixable = partial(can_be_mixed, input.path, input.raw)
    return replace(track, duration=duration, whole=whole, can_be_mixed=mixable)


def _converted(input: AudioFile, head: bytes) -> Track:
    path, name, container = input.path, input.name, input.container
    if container is None and AUDIO_EXTENSIONS.get(path.suffix.lower()) is AudioFormat.PCM:
        raise not_audio_error(name, hint="for raw samples, give their rate: --pcm RATE[:CHANNELS]")
    if ffmpeg.installed():
        return ffmpeg.converted_track(input, recordings_in(path, container))
    if container is None:
        hint = f"if it is audio, ffmpeg may read it: {ffmpeg.how_to_install()}"
        raise not_audio_error(name, None if is_text(head) else hint)
    if container == "mp4" and input.excerpt.is_whole and (track := _m4a_track(path, name)):
        return track
    raise _needs_ffmpeg(name, container)


def _m4a_track(path: Path, name: str) -> Track | None:
    """Return an m4a file that can only be uploaded as it is, None if it is anything else.

    Reading its samples raises UsageError.
    """
    upload = m4a_upload(path)
    if upload is None:
        return None

    def part(_start: int, _stop: int | None) -> Iterator[bytes]:
        raise _needs_ffmpeg(name, "m4a")

    whole, seconds = upload
    return Track(SPEECH, part, seconds, whole, is_decodable=False)


def _needs_ffmpeg(name: str, container: str) -> UsageError:
    return UsageError(
        f"{name} is {container}, which needs ffmpeg to convert", hint=ffmpeg.how_to_install()
    )
