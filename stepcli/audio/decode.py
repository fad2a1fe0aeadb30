"""Decode with libsndfile: FLAC, AIFF, AU, CAF, MP3, Ogg, and WAV of any kind."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import cache, partial
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from stepcli.audio.c_stderr import silence_c_stderr
from stepcli.audio.container import HEAD_BYTES, recordings_in, sniff
from stepcli.audio.excerpt import WHOLE, Excerpt
from stepcli.audio.mp3 import Mp3, Mp3File, read_mp3
from stepcli.audio.resampling import Resampler
from stepcli.audio.sample_cache import SampleCache
from stepcli.audio.signal import channel_of, channels_cancel, mix_to_mono
from stepcli.audio.track import (
    Track,
    no_audio_error,
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
_LOUDEST = 256.0
"""Far beyond full scale, but small enough to add up channels."""
_UNKNOWN = 1 << 62
"""libsndfile reports at least so many frames where the header does not state a number."""
UPLOADABLE = {("MP3", "MPEG_LAYER_III"): "mp3", ("OGG", "VORBIS"): "ogg", ("OGG", "OPUS"): "ogg"}
"""What recognition takes as it is, by libsndfile's names of container and codec, as in
stepcli/api/PROTOCOL.md."""

_EXACT_SEEKING = (
    "PCM_S8", "PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE", "ULAW", "ALAW",
)  # fmt: skip
"""Codecs, in FLAC and elsewhere, in which libsndfile seeks to the very frame."""

Source = PCM | Mp3 | range | None
"""How to present a recording to libsndfile: as raw samples, as MP3 frames, as some bytes of the
file, or as the whole file."""


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
        with _opened(path, source) as file:
            if file is None:
                return None
            durations.append(_duration(file, source, name))
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
    with _opened(path, raw) as file:
        return file and int(file.channels)


def can_be_mixed(path: Path, source: Source = None) -> bool:
    """Return whether no second of the file has inverse channels.

    They would cancel each other out where the file is mixed to mono.
    """
    import soundfile

    with _opened(path, source) as file:
        if file is None or file.channels != 2:
            return True
        try:
            return not any(map(channels_cancel, _blocks(file)))
        except soundfile.LibsndfileError:
            return True


def decode_answer(sound: bytes) -> tuple[PCM, bytes]:
    """Return the shape and the s16le samples of ``sound``, a file in any container.

    Raises NetworkError for anything else: only the service sends such bytes.
    """
    import soundfile

    try:
        with _sequential_sound_file()(BytesIO(sound)) as file:
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
            with _opened(path, source) as sound:
                if sound is None:
                    return None
                rate = rate or sound.samplerate
                seconds = _duration(sound, source, str(path))
                duration += _count_seconds(sound) if seconds is None else seconds
    except (UsageError, RuntimeError):  # LibsndfileError is a RuntimeError
        return None
    return AudioInfo(rate, duration)


def _count_seconds(file: soundfile.SoundFile) -> float:
    return float(sum(map(len, _blocks(file))) / file.samplerate)


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


@contextmanager
def _opened(path: Path, source: Source) -> Iterator[soundfile.SoundFile | None]:
    """Open one recording of the file by descriptor: libsndfile must not go by the file's name."""
    import soundfile

    silence_c_stderr()
    with open_input(path) as file:
        opened: int | BinaryIO | Mp3File = file.fileno()
        if isinstance(source, range):
            opened = io.BufferedReader(_FileSlice(file, source))
        elif isinstance(source, Mp3):
            if source.is_mixed:
                yield None
                return
            opened = file.fileno() if source.has_true_tag else Mp3File(file, source)
        shape = _raw_shape(source) if isinstance(source, PCM) else {}
        try:
            sound = _sequential_sound_file()(opened, closefd=False, **shape)
        except soundfile.LibsndfileError:
            yield None
            return
        with closing(sound):
            yield sound


@cache
def _sequential_sound_file() -> type[soundfile.SoundFile]:
    import soundfile

    class SequentialSoundFile(soundfile.SoundFile):  # type: ignore[misc]  # it has no types
        """A file that is only read in order.

        soundfile seeks after each read from a seekable file, to where it is already. libmpg123
        prints to stderr when that happens in MP3, and a FLAC file of unknown length fails.
        """

        def seekable(self) -> bool:
            return False

    return SequentialSoundFile


class _FileSlice(io.RawIOBase):
    """Some bytes of ``file`` as a file of their own."""

    def __init__(self, file: BinaryIO, span: range) -> None:
        self._file = file
        self._span = span
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        origins = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: len(self._span)}
        self._position = origins[whence] + offset
        return self._position

    def readinto(self, buffer: Any) -> int:
        self._file.seek(self._span.start + self._position)
        data = self._file.read(max(0, min(len(buffer), len(self._span) - self._position)))
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)


def _raw_shape(raw: PCM) -> dict[str, object]:
    return {
        "format": "RAW",
        "subtype": "PCM_16",
        "endian": "LITTLE",
        "samplerate": raw.rate,
        "channels": raw.channels,
    }


def _duration(file: soundfile.SoundFile, source: Source, name: str) -> float | None:
    """Return the duration of the whole in seconds, None if the header does not state it.

    Raises UsageError if it is 0 or the file ends earlier. For MP3, the frame headers that
    ``read_mp3`` has read are enough: the last frame is found by decoding all of them.
    """
    if file.frames == 0:
        raise no_audio_error(name)
    if isinstance(source, Mp3) and not source.has_true_tag:
        return source.duration
    if file.frames >= _UNKNOWN:
        return None
    if not isinstance(source, Mp3) and not _has_last_frame(file):
        raise truncated_error(name)
    return float(file.frames / file.samplerate)


def _has_last_frame(file: soundfile.SoundFile) -> bool:
    """Return whether the last frame that the header promises exists; the file is then used up."""
    import soundfile

    last = file.frames - 1
    try:
        # Reading a minute of MP3 takes 12 ms, and libmpg123 prints to stderr when it seeks.
        if file.format == "MP3" or not soundfile.SoundFile.seekable(file):
            return bool(sum(map(len, _blocks(file))) > last)
        return bool(file.seek(last) == last and len(file.read(1)))
    except soundfile.LibsndfileError:
        return False


def _blocks(file: soundfile.SoundFile) -> Iterator[Any]:
    """Yield a second at a time: arrays of frames by channels, 1.0 full scale.

    Files of floats may hold NaN, which becomes silence, and infinity.
    """
    import numpy as np

    while len(block := file.read(file.samplerate, dtype="float32", always_2d=True)):
        if not np.isfinite(block).all():
            np.nan_to_num(block, copy=False, posinf=_LOUDEST, neginf=-_LOUDEST)
        yield block.clip(-_LOUDEST, _LOUDEST, out=block)


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
        with _opened(path, source) as file:
            if file is None:
                raise not_audio_error(name)
            _skip(file, round(start * file.samplerate), name)
            if file.samplerate == rate:
                yield from _mono_blocks(file, name, channel)
                continue
            resampler = Resampler(PCM(file.samplerate), rate)
            for block in _mono_blocks(file, name, channel):
                yield resampler.feed(block)
            yield resampler.finish()


def _skip(file: soundfile.SoundFile, frames: int, name: str) -> None:
    """Skip ``frames``: seek in the codecs in which that is exact, else decode and discard."""
    import soundfile

    try:
        exact = file.subtype in _EXACT_SEEKING and soundfile.SoundFile.seekable(file)
        if exact and file.frames >= frames and file.seek(frames) == frames:
            return
        while frames and (count := len(file.read(min(frames, file.samplerate), "float32"))):
            frames -= count
    except soundfile.LibsndfileError:
        raise truncated_error(name) from None


def _mono_blocks(file: soundfile.SoundFile, name: str, channel: int | None) -> Iterator[bytes]:
    import soundfile

    try:
        for block in _blocks(file):
            mono = mix_to_mono(block) if channel is None else channel_of(block, channel)
            scaled = (mono * _FULL_SCALE).round()
            yield scaled.clip(-_FULL_SCALE, _FULL_SCALE - 1).astype("<i2").tobytes()
    except soundfile.LibsndfileError:
        raise truncated_error(name) from None
