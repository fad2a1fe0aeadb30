"""Convert samples to what a recognition request sends: MP3, raw samples, or the input as it is.

LAME encodes an hour of speech in 3 s of processor time at quality 7; libsndfile's MP3 encoder has a
fixed quality and takes 15 s, ffmpeg takes 8 s and a process for each piece.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from stepcli.audio.encoder_thread import encoded
from stepcli.audio.resampling import PCMConverter
from stepcli.audio.sample_cache import slice_blocks
from stepcli.audio.signal import SILENT_LEVEL, peak_level
from stepcli.audio.track import MAX_UPLOAD_BYTES, SPEECH, Track
from stepcli.audio_types import Recording, UploadFormat

if TYPE_CHECKING:
    import lameenc

MAX_REQUEST_SECONDS = 60 * 25.0
"""Longest audio of a request; the service accepts about 30 minutes (PROTOCOL.md, section 6)."""
_USUAL_SECONDS = 600.0

_KBITS = 40
"""In the sandbox's readings, 1 word of 204 differs from those recognized in PCM; at 64 and 32
kbit/s there are 2, at 24 kbit/s 8."""
_QUALITY = 7
"""LAME's ``-q``: at 5 or 3 encoding takes two or three times as long, and more words differ."""
_FRAME = 576
"""Samples of a frame of MPEG-2 layer III."""
_FRAME_BYTES = _KBITS * 1000 // 8 * _FRAME // SPEECH.rate
_STEP = 8 * 1024
"""Bytes to encode at a time: LAME keeps buffers of five times that."""
_EXTRA_FRAMES = 2
"""The frames that LAME adds in order to flush its delay."""
_FRAME_HEADER = b"\xff\xf3\x58\xc4" + bytes(9)
"""The header for MPEG-2, layer III, 40 kbit/s, 16 kHz and mono, and empty side information."""
_ENCODER_DELAY = 576
_DELAY = _ENCODER_DELAY + 529
"""Samples by which decoded sound is late: the delay of LAME, and that of any decoder."""


@dataclass(frozen=True, slots=True)
class UploadOptions:
    """In which format audio is sent, and how it is divided.

    A piece has at most ``max_seconds``. Longer audio is divided so that ``jobs`` requests at a time
    are busy to the end; None stands for a number that is found by trying.
    """

    format: UploadFormat = UploadFormat.AUTO
    max_seconds: float = _USUAL_SECONDS
    jobs: int | None = 1

    def longest_piece(self, track: Track) -> float:
        """Return how many seconds of ``track`` one request can carry."""
        if self.format is UploadFormat.PCM:
            return min(self.max_seconds, track.pcm.seconds(MAX_UPLOAD_BYTES))
        return min(self.max_seconds, _MAX_MP3_SECONDS)

    def longest_whole(self, track: Track) -> float:
        """Return how many seconds of an input are sent at once.

        An input that cannot be cut is sent at any length that the service accepts, unless shorter
        pieces than usual are asked for.
        """
        if track.is_decodable or self.max_seconds < _USUAL_SECONDS:
            return self.max_seconds
        return MAX_REQUEST_SECONDS


def whole_upload(track: Track, options: UploadOptions) -> Recording | None:
    """Return the input itself if it can be sent and, with ``auto``, would not be smaller as MP3."""
    whole, seconds = track.whole, track.duration
    if whole is None or not seconds or whole.size > MAX_UPLOAD_BYTES:
        return None
    if seconds > options.longest_whole(track):
        return None
    match options.format:
        case UploadFormat.AS_IS:
            wanted = True
        case UploadFormat.AUTO:
            mp3_size = _mp3_size(round(seconds * SPEECH.rate))
            wanted = whole.size <= mp3_size or not track.is_decodable
        case _:
            wanted = False
    return whole if wanted and track.can_be_mixed() else None


def piece_upload(track: Track, frames: int, format: UploadFormat) -> Recording:
    """Return ``track``, which has that many frames, as raw samples for ``pcm``, else as MP3."""
    if format is UploadFormat.PCM:
        size = frames * track.pcm.frame_bytes
        return Recording("pcm", size, partial(track.part, 0, frames), track.pcm)
    return _mp3_upload(track, frames)


def _mp3_upload(track: Track, frames: int) -> Recording:
    """Return ``track`` as MP3, which is encoded when it is sent.

    Sound that begins quietly is encoded without the first 69 ms, so that it is in time in every
    decoder. In front of other sound there is a tag with the delay, which decoders remove: those of
    ffmpeg, libsndfile (mpg123) and dr_mp3 do, libmad's does not.
    """
    samples = round(frames * SPEECH.rate / track.pcm.rate)
    skipped = _DELAY if _begins_quietly(track, samples) else 0
    size = _mp3_size(samples - skipped) + (0 if skipped else _FRAME_BYTES)
    return Recording("mp3", size, partial(encoded, partial(_encode, track, samples, skipped)))


def _begins_quietly(track: Track, samples: int) -> bool:
    lead = -(-_DELAY * track.pcm.rate // SPEECH.rate)
    if samples <= 2 * _DELAY:
        return False
    return all(peak_level(block) < SILENT_LEVEL for block in track.part(0, lead))


def _encode(track: Track, samples: int, skipped: int) -> Iterator[bytes]:
    """Yield ``samples`` at 16 kHz as MP3, without the ``skipped`` first ones."""
    encoder = _encoder()
    if not skipped:
        yield _gapless_tag(samples)
    frame_bytes = SPEECH.frame_bytes
    for block in slice_blocks(_speech(track), skipped * frame_bytes, samples * frame_bytes):
        for start in range(0, len(block), _STEP):
            yield bytes(encoder.encode(block[start : start + _STEP]))
    yield bytes(encoder.flush())


def _encoder() -> lameenc.Encoder:
    import lameenc

    encoder = lameenc.Encoder()
    encoder.silence()
    encoder.set_in_sample_rate(SPEECH.rate)
    encoder.set_channels(SPEECH.channels)
    encoder.set_bit_rate(_KBITS)
    encoder.set_quality(_QUALITY)
    return encoder


def _speech(track: Track) -> Iterator[bytes]:
    """Yield ``track`` at 16 kHz, and a frame more, as a resampler may return some samples less."""
    converter = PCMConverter(track.pcm, SPEECH)
    for block in track.part(0, None):
        yield converter.feed(block)
    yield converter.finish()
    yield bytes(_FRAME * SPEECH.frame_bytes)


def _mp3_size(samples: int) -> int:
    return _FRAME_BYTES * (-(-samples // _FRAME) + _EXTRA_FRAMES)


_MAX_MP3_SECONDS = (MAX_UPLOAD_BYTES // _FRAME_BYTES - _EXTRA_FRAMES - 1) * _FRAME / SPEECH.rate


def _gapless_tag(samples: int) -> bytes:
    """Return a frame that states how many samples decoders must remove at both ends.

    See http://gabriel.mp3-tech.org/mp3infotag.html.
    """
    size = _mp3_size(samples)
    frames = size // _FRAME_BYTES
    padding = frames * _FRAME - _ENCODER_DELAY - samples
    has_frames_and_bytes = 3
    counts = struct.pack(">4sIII", b"Info", has_frames_and_bytes, frames, size + _FRAME_BYTES)
    delays = (_ENCODER_DELAY << 12 | padding).to_bytes(3)
    lame = b"LAME3.100".ljust(21, b"\0") + delays
    return (_FRAME_HEADER + counts + lame).ljust(_FRAME_BYTES, b"\0")
