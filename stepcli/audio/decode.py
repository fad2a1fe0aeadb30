"""Decode with libsndfile: FLAC, AIFF, AU, CAF, MP3, Ogg, and WAV of any kind."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from io import BytesIO
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from stepcli.audio.container import HEAD_BYTES, recordings_in, sniff
from stepcli.audio.excerpt import AudioFile
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


def decoded_track(input: AudioFile) -> Track | None:
    """Return what is read of the file as mono audio, None if libsndfile cannot read the file.

    Raises UsageError for a file without audio, or one that ends before its header says so.
    """
    sources = [input.raw] if input.raw else _sources(input.path, input.name, input.container)
    rate, uploadable = input.rate, None
    durations: list[float | None] = []
    for source in sources:
        with opened_sound(input.path, source) as file:
            if file is None:
                return None
            durations.append(sound_duration(file, source, input.name))
            rate = rate or file.samplerate
            uploadable = UPLOADABLE.get((file.format, file.subtype))
    assert rate
    samples = SampleCache(partial(_decode, input, sources, rate), PCM(rate), input.name)
    total = None if None in durations else sum(filter(None, durations))
    track = Track(PCM(rate), samples.part, input.excerpt.duration(total, input.name))
    if not (uploadable and input.excerpt.is_whole) or _is_joined(sources):
        return track
    whole = uploaded_as_is(input.path, uploadable)
    return replace(track, whole=whole, can_be_mixed=partial(can_be_mixed, input.path, sources[0]))


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


def _decode(input: AudioFile, sources: Sequence[Source], rate: int) -> Iterator[bytes]:
    """Yield the excerpt of all recordings of the file, one after the other, as mono s16le."""
    skipped = input.excerpt.start if len(sources) == 1 else 0.0
    blocks = chain.from_iterable(_decode_from(input, one, rate, skipped) for one in sources)
    return input.excerpt.cut(blocks, PCM(rate), input.name, skipped)


def _decode_from(input: AudioFile, source: Source, rate: int, start: float) -> Iterator[bytes]:
    """Yield a recording of the file from ``start`` seconds on as mono s16le at ``rate``."""
    with opened_sound(input.path, source) as file:
        if file is None:
            raise not_audio_error(input.name)
        skip_frames(file, round(start * file.samplerate), input.name)
        blocks = _mono_blocks(file, input.name, input.excerpt.channel)
        if file.samplerate == rate:
            yield from blocks
            return
        resampler = Resampler(PCM(file.samplerate), rate)
        yield from map(resampler.feed, blocks)
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
