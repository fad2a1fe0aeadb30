"""What libsndfile decodes: flac, aiff, au, caf, mp3, ogg, and WAV of any kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stepcli.audio.container import HEAD_BYTES, sniff
from stepcli.audio.mp3 import Mp3, Mp3File, mp3_of
from stepcli.audio.resampling import Resampler
from stepcli.audio.signal import LISTENED, cancel
from stepcli.audio.track import Part, Track, exactly, not_sound, readable, truncated, without_sound
from stepcli.audio_types import PCM
from stepcli.errors import NetworkError

if TYPE_CHECKING:
    import soundfile

_FULL_SCALE = 32768
_LOUDEST = 256.0
"""Far over full scale, and not so far that channels could not be added up."""
Told = PCM | Mp3 | None
"""What has to be told to libsndfile of a file that says nothing of itself, or nothing true."""
Mono = Callable[[Any], Any]
AS_THEY_ARE = {("MP3", "MPEG_LAYER_III"): "mp3", ("OGG", "VORBIS"): "ogg", ("OGG", "OPUS"): "ogg"}
"""What the service takes (protocol.md §6), by libsndfile's names of container and codec."""


def decoded_track(path: Path, name: str, rate: int | None) -> tuple[Track, str | None] | None:
    """The file's sound at ``rate``, or else its own, and which container it is for the service.

    None where libsndfile cannot read it. Raises UsageError for a file without sound, or one that
    ends before it says it does.
    """
    told = _mp3(path)
    if told and told.is_short:
        raise truncated(name)
    if told and told.is_mixed:
        return None
    with _opened(path, told) as file:
        if file is None:
            return None
        if file.frames == 0:
            raise without_sound(name)
        if told and not told.is_told:
            duration = told.duration
        elif _reaches_its_end(file):
            duration = file.frames / file.samplerate
        else:
            raise truncated(name)
        container = AS_THEY_ARE.get((file.format, file.subtype))
        pcm = PCM(rate or file.samplerate)
    opposed = _is_opposed(path, told)
    part = mono_part(path, name, pcm, told, opposed=opposed)
    return Track(pcm, part, duration), None if opposed else container


def _is_opposed(path: Path, told: Told) -> bool:
    with _opened(path, told) as file:
        if file is None or file.channels != 2:
            return False
        return cancel(file.read(LISTENED * file.samplerate, dtype="int16").tobytes())


def _mp3(path: Path) -> Mp3 | None:
    with readable(path) as file:
        return mp3_of(file) if sniff(file.read(HEAD_BYTES)) == "mp3" else None


def mono_part(path: Path, name: str, pcm: PCM, told: Told = None, *, opposed: bool = False) -> Part:
    """Reads any part of the file as mono ``pcm``; see ``Track``. Opens nothing yet.

    Where two channels are ``opposed``, they cancel each other: their difference is heard.
    """
    mono = _difference if opposed else _mean

    def part(start: int, stop: int | None) -> Iterator[bytes]:
        samples = _samples(path, name, pcm.rate, start, told, mono)
        if stop is None:
            return samples
        return exactly((stop - start) * pcm.frame_bytes, samples, pcm.frame_bytes * pcm.rate // 10)

    return part


@contextmanager
def _opened(path: Path, told: Told = None) -> Iterator[soundfile.SoundFile | None]:
    """By descriptor, so that a misleading extension misleads nobody."""
    import soundfile

    with readable(path) as file:
        source: int | Mp3File = file.fileno()
        if isinstance(told, Mp3) and not told.is_told:
            source = Mp3File(file, told)
        shape = _raw_shape(told) if isinstance(told, PCM) else {}
        try:
            opened = soundfile.SoundFile(source, closefd=False, **shape)
        except soundfile.LibsndfileError:
            yield None
            return
        # Or each read seeks to where it is already: see _go_to.
        opened.seekable = lambda: False
        with closing(opened):
            yield opened


def _raw_shape(raw: PCM) -> dict[str, object]:
    return {
        "format": "RAW",
        "subtype": "PCM_16",
        "endian": "LITTLE",
        "samplerate": raw.rate,
        "channels": raw.channels,
    }


def _reaches_its_end(file: soundfile.SoundFile) -> bool:
    """Whether the last frame that is promised is there."""
    import soundfile

    try:
        _go_to(file, file.frames - 1)
        return len(_read(file, 1)) == 1
    except soundfile.LibsndfileError:
        return False


def _go_to(file: soundfile.SoundFile, frame: int) -> None:
    """In MP3 by reading, a minute of sound in 12 ms: libmpg123 grumbles on stderr when it seeks."""
    if file.format != "MP3":
        file.seek(frame)
        return
    while frame and (skipped := len(_read(file, min(frame, file.samplerate)))):
        frame -= skipped


def _read(file: soundfile.SoundFile, frames: int) -> Any:
    """The next ``frames`` by channels, fewer at the end, 1.0 full scale.

    A file of floats may hold anything: what is no number is silence.
    """
    import numpy as np

    block = file.read(frames, dtype="float32", always_2d=True)
    if not np.isfinite(block).all():
        np.nan_to_num(block, copy=False, posinf=_LOUDEST, neginf=-_LOUDEST)
    return block.clip(-_LOUDEST, _LOUDEST, out=block)


def _samples(
    path: Path, name: str, rate: int, start: int, told: Told, mono: Mono
) -> Iterator[bytes]:
    """Mono samples at ``rate`` from frame ``start`` on."""
    with _opened(path, told) as file:
        if file is None:
            raise not_sound(name)
        if file.samplerate == rate:
            yield from _mono_from(file, start, name, mono)
            return
        resampler = Resampler(PCM(file.samplerate), rate)
        first = round(start * file.samplerate / rate)
        for block in _mono_from(file, first, name, mono):
            yield resampler.feed(block)
        yield resampler.finish()


def _mono_from(file: soundfile.SoundFile, frame: int, name: str, mono: Mono) -> Iterator[bytes]:
    """Mono samples at the file's own rate."""
    import soundfile

    try:
        _go_to(file, frame)
        while len(block := _read(file, file.samplerate)):
            yield _s16le(mono(block))
    except soundfile.LibsndfileError:
        raise truncated(name) from None


def _mean(block: Any) -> Any:
    """``block`` is frames by channels."""
    return block.mean(axis=1)


def _difference(block: Any) -> Any:
    return (block[:, 0] - block[:, 1]) / 2


def _s16le(samples: Any) -> bytes:
    """``samples``, 1.0 full scale."""
    scaled = (samples * _FULL_SCALE).round().clip(-_FULL_SCALE, _FULL_SCALE - 1)
    data: bytes = scaled.astype("<i2").tobytes()
    return data


def decode(sound: bytes) -> tuple[PCM, bytes]:
    """The shape and the s16le samples of ``sound``, a file in any container libsndfile reads.

    Raises NetworkError where it is none: nothing on this machine makes such bytes.
    """
    import soundfile

    try:
        with soundfile.SoundFile(BytesIO(sound)) as file:
            return PCM(file.samplerate, file.channels), bytes(file.buffer_read(dtype="int16"))
    except soundfile.LibsndfileError:
        raise NetworkError("the service sent bytes that are no sound") from None


@dataclass(frozen=True, slots=True)
class Measure:
    """``rate`` in Hz and ``duration`` in seconds."""

    rate: int
    duration: float


def measure(path: Path) -> Measure | None:
    """What the file at ``path`` says of itself; None where it is no sound that libsndfile reads."""
    import soundfile

    try:
        # By descriptor: soundfile takes no name with bytes in it that are no characters.
        with (
            path.open("rb") as file,
            soundfile.SoundFile(file.fileno(), closefd=False) as sound,
        ):
            return Measure(sound.samplerate, sound.frames / sound.samplerate)
    except (OSError, RuntimeError):
        return None
