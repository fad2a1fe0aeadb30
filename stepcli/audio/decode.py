"""Decode with libsndfile: FLAC, AIFF, AU, CAF, MP3, Ogg, and WAV of any kind."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from stepcli.audio.container import HEAD_BYTES, recordings_in, sniff
from stepcli.audio.excerpt import WHOLE, Excerpt
from stepcli.audio.mp3 import Mp3, read_mp3
from stepcli.audio.resampling import Resampler
from stepcli.audio.sample_cache import SampleCache
from stepcli.audio.signal import channel_of, channels_cancel, mix_to_mono
from stepcli.audio.sound_file import (
    Source,
    opened_sound,
    sequential_sound_file,
    skip_frames,
    sound_blocks,
    sound_duration,
)
from stepcli.audio.track import (
    Track,
    not_audio_error,
    open_input,
    truncated_error,
    uploaded_as_is,
)
from stepcli.audio_types import PCM
from stepcli.errors import NetworkError, UsageError

if TYPE_CHECKING:
    import soundfile

_FULL_SCALE = 32768
UPLOADABLE = {("MP3", "MPEG_LAYER_III"): "mp3", ("OGG", "VORBIS"): "ogg", ("OGG", "OPUS"): "ogg"}
"""What recognition takes as it is, by libsndfile's names of container and codec, as in
stepcli/api/PROTOCOL.md."""


def decoded_track(
    path: Path,
    name: str,
    container: str | None,
    rate: int | None,
    raw: PCM | None = None,
    excerpt: Excerpt = WHOLE,
) -> Track | None:
    """Return an excerpt of the file as mono audio at ``rate``, or its own rate if that is None.

    ``raw`` is the shape of a file of raw samples. Returns None if libsndfile cannot read the file.
    Raises UsageError for a file without audio, or one that ends before its header says so.
    """
    sources = [raw] if raw else _sources(path, name, container)
    durations: list[float | None] = []
    uploadable = None
    for source in sources:
        with opened_sound(path, source) as file:
            if file is None:
                return None
            durations.append(sound_duration(file, source, name))
            rate = rate or file.samplerate
            uploadable = UPLOADABLE.get((file.format, file.subtype))
    assert rate
    samples = SampleCache(partial(_decode, path, name, sources, rate, excerpt), PCM(rate), name)
    known = [seconds for seconds in durations if seconds is not None]
    duration = excerpt.duration(sum(known) if len(known) == len(sources) else None, name)
    track = Track(PCM(rate), samples.part, duration)
    if not excerpt.is_whole:
        return track
    if uploadable and not _is_joined(sources):
        mixable = partial(can_be_mixed, path, sources[0])
        track = replace(track, whole=uploaded_as_is(path, uploadable), can_be_mixed=mixable)
    return track


def count_channels(path: Path, raw: PCM | None = None) -> int | None:
    """Return the number of channels, None if libsndfile cannot read the file."""
    with opened_sound(path, raw) as file:
        return file and int(file.channels)


def can_be_mixed(path: Path, source: Source = None) -> bool:
    """Return whether no second of the file has inverse channels.

    They would cancel each other out where the file is mixed to mono.
    """
    import soundfile

    with opened_sound(path, source) as file:
        if file is None or file.channels != 2:
            return True
        try:
            return not any(map(channels_cancel, sound_blocks(file)))
        except soundfile.LibsndfileError:
            return True


def decode_answer(sound: bytes) -> tuple[PCM, bytes]:
    """Return the shape and the s16le samples of ``sound``, a file in any container.

    Raises NetworkError for anything else: only the service sends such bytes.
    """
    import soundfile

    try:
        with sequential_sound_file()(BytesIO(sound)) as file:
            blocks = iter(lambda: file.read(file.samplerate, "int16").astype("<i2").tobytes(), b"")
            return PCM(file.samplerate, file.channels), b"".join(blocks)
    except soundfile.LibsndfileError:
        raise NetworkError("the service returned invalid audio") from None


@dataclass(frozen=True, slots=True)
class AudioInfo:
    """``rate`` in Hz and ``duration`` in seconds."""

    rate: int
    duration: float


def read_info(path: Path) -> AudioInfo | None:
    """Return the rate and the true duration of a file, None if libsndfile cannot read all of it.

    Headers of streams state no length, or that of the first part only.
    """
    duration, rate = 0.0, 0
    try:
        with open_input(path) as file:
            container = sniff(file.read(HEAD_BYTES))
        for source in _sources(path, str(path), container):
            with opened_sound(path, source) as sound:
                if sound is None:
                    return None
                rate = rate or sound.samplerate
                seconds = sound_duration(sound, source, str(path))
                duration += _count_seconds(sound) if seconds is None else seconds
    except (UsageError, RuntimeError):  # LibsndfileError is a RuntimeError
        return None
    return AudioInfo(rate, duration)


def _count_seconds(file: soundfile.SoundFile) -> float:
    return float(sum(map(len, sound_blocks(file))) / file.samplerate)


def _sources(path: Path, name: str, container: str | None) -> Sequence[Source]:
    if container == "mp3":
        with open_input(path) as file:
            mp3 = read_mp3(file)
        if mp3 and mp3.is_truncated:
            raise truncated_error(name)
        return [mp3]
    recordings = recordings_in(path, container)
    return recordings if len(recordings) > 1 else [None]


def _is_joined(sources: Sequence[Source]) -> bool:
    """Return whether a decoder that trusts the header may read the first recording only."""
    return len(sources) > 1 or any(
        isinstance(source, Mp3) and source.has_wrong_tag for source in sources
    )


def _decode(
    path: Path, name: str, sources: Sequence[Source], rate: int, excerpt: Excerpt
) -> Iterator[bytes]:
    """Yield an excerpt of all recordings of the file, one after the other, as mono s16le."""
    skipped = excerpt.start if len(sources) == 1 else 0.0
    blocks = _decode_from(path, name, sources, rate, skipped, excerpt.channel)
    return excerpt.cut(blocks, PCM(rate), name, skipped)


def _decode_from(
    path: Path,
    name: str,
    sources: Sequence[Source],
    rate: int,
    start: float,
    channel: int | None,
) -> Iterator[bytes]:
    """Yield each recording of the file from ``start`` seconds on as mono s16le at ``rate``."""
    for source in sources:
        with opened_sound(path, source) as file:
            if file is None:
                raise not_audio_error(name)
            skip_frames(file, round(start * file.samplerate), name)
            if file.samplerate == rate:
                yield from _mono_blocks(file, name, channel)
                continue
            resampler = Resampler(PCM(file.samplerate), rate)
            for block in _mono_blocks(file, name, channel):
                yield resampler.feed(block)
            yield resampler.finish()


def _mono_blocks(file: soundfile.SoundFile, name: str, channel: int | None) -> Iterator[bytes]:
    import soundfile

    try:
        for block in sound_blocks(file):
            mono = mix_to_mono(block) if channel is None else channel_of(block, channel)
            scaled = (mono * _FULL_SCALE).round()
            yield scaled.clip(-_FULL_SCALE, _FULL_SCALE - 1).astype("<i2").tobytes()
    except soundfile.LibsndfileError:
        raise truncated_error(name) from None
