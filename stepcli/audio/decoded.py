"""What libsndfile decodes: flac, aiff, au, caf, mp3, ogg, and WAV of any kind."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stepcli.audio.blocks import exactly, readable
from stepcli.audio.resample import Resampler
from stepcli.audio.track import SPEECH, Part, Track, not_sound, truncated, without_sound
from stepcli.sound import PCM

if TYPE_CHECKING:
    import soundfile

_FULL_SCALE = 32768
_SPARE = SPEECH.frame_bytes * SPEECH.rate // 10
AS_THEY_ARE = {("MP3", "MPEG_LAYER_III"): "mp3", ("OGG", "VORBIS"): "ogg", ("OGG", "OPUS"): "ogg"}
"""What the service takes (protocol.md §6), by libsndfile's names of container and codec."""


def decoded_track(path: Path, name: str) -> tuple[Track, str | None] | None:
    """The file's sound at 16 kHz, and which container it is if the service takes that.

    None where libsndfile does not know the format. Raises UsageError for a file without sound, or
    one that ends before it says it does.
    """
    with _opened(path) as file:
        if file is None:
            return None
        if file.frames == 0:
            raise without_sound(name)
        if not _reaches_its_end(file):
            raise truncated(name)
        duration = file.frames / file.samplerate
        container = AS_THEY_ARE.get((file.format, file.subtype))
    return Track(SPEECH, speech_part(path, name), duration), container


def speech_part(path: Path, name: str, raw: PCM | None = None) -> Part:
    """Reads any part of the file as speech; see ``Track``. Opens nothing yet."""

    def part(start: int, stop: int | None) -> Iterator[bytes]:
        samples = _samples(path, name, start, raw)
        if stop is None:
            return samples
        return exactly((stop - start) * SPEECH.frame_bytes, samples, _SPARE)

    return part


@contextmanager
def _opened(path: Path, raw: PCM | None = None) -> Iterator[soundfile.SoundFile | None]:
    """By descriptor, so that a misleading extension misleads nobody."""
    import soundfile

    with readable(path) as file:
        try:
            opened = soundfile.SoundFile(file.fileno(), closefd=False, **_told(raw))
        except soundfile.LibsndfileError:
            yield None
            return
        # Or each read seeks to where it is already: see _go_to.
        opened.seekable = lambda: False
        with closing(opened):
            yield opened


def _told(raw: PCM | None) -> dict[str, object]:
    """What has to be said of a file that says nothing of itself."""
    if raw is None:
        return {}
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
    """The next ``frames`` by channels, fewer at the end, 1.0 full scale."""
    return file.read(frames, dtype="float32", always_2d=True)


def _samples(path: Path, name: str, start: int, raw: PCM | None) -> Iterator[bytes]:
    """Mono samples at 16 kHz from frame ``start`` on."""
    with _opened(path, raw) as file:
        if file is None:
            raise not_sound(name)
        if file.samplerate == SPEECH.rate:
            yield from _mono_from(file, start, name)
            return
        resampler = Resampler(PCM(file.samplerate), SPEECH.rate)
        for block in _mono_from(file, round(start * file.samplerate / SPEECH.rate), name):
            yield resampler.feed(block)
        yield resampler.finish()


def _mono_from(file: soundfile.SoundFile, frame: int, name: str) -> Iterator[bytes]:
    """Mono samples at the file's own rate."""
    import soundfile

    try:
        _go_to(file, frame)
        while len(block := _read(file, file.samplerate)):
            yield _mono(block)
    except soundfile.LibsndfileError:
        raise truncated(name) from None


def _mono(block: Any) -> bytes:
    """s16le of the mean of all channels. ``block`` is frames by channels, 1.0 full scale."""
    mixed = block.mean(axis=1) * _FULL_SCALE
    samples: bytes = mixed.round().clip(-_FULL_SCALE, _FULL_SCALE - 1).astype("<i2").tobytes()
    return samples
