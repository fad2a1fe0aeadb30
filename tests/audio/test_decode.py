"""Files that libsndfile decodes: joined ones, those of unknown length, and inverse channels."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from stepcli.audio.decode import decode_answer, read_info
from stepcli.audio.open import open_track
from stepcli.audio.track import Track
from stepcli.audio_types import PCM
from stepcli.errors import NetworkError
from tests.support.media import convert, convert_to_pipe, join
from tests.support.recordings import RATE, noise, silence, write_wav
from tests.support.segments import joined, split
from tests.support.sounds import needs_ffmpeg

pytestmark = needs_ffmpeg
LENGTHS = (6.0, 4.0, 5.0)
"""Seconds of the recordings that are joined."""
JOINED = {
    "a.ts": ("-c:a", "aac"),
    "a.aac": (),
    "a.mp3": (),
    "a.mp2": (),
    "a.ac3": ("-ar", "48000"),
    "a.flac": (),
    "a.wav": (),
    "a.aiff": (),
    "deep.wav": ("-c:a", "pcm_s24le"),
    "vorbis.ogg": ("-c:a", "libvorbis"),
    "speex.ogg": ("-c:a", "libspeex"),
    "flac.ogg": ("-c:a", "flac"),
    "a.opus": (),
    "a.webm": ("-c:a", "libopus"),
    "a.mkv": ("-c:a", "flac"),
    "a.m4a": (),
    "fragmented.mp4": ("-movflags", "frag_keyframe+empty_moov"),
    "a.flv": ("-c:a", "mp3", "-ar", "22050"),
    "a.wma": (),
}


def burst(seconds: float, pitch: float) -> bytes:
    """A tone with half a second of silence at its end, a pause to cut at."""
    time = np.arange(round((seconds - 0.5) * RATE)) / RATE
    tone: bytes = (8000 * np.sin(2 * np.pi * pitch * time)).astype("<i2").tobytes()
    return tone + silence(0.5)


def cut(track: Track, longest: float) -> bytes:
    """All pieces as they are uploaded, less what they share."""
    return joined(split(track, longest))


def pitches(sound: bytes, seconds: tuple[float, ...]) -> list[int]:
    """The loudest frequency one second into each of several recordings."""
    begins = np.cumsum([0.0, *seconds[:-1]])
    samples = np.frombuffer(sound, "<i2").astype(float)
    found = []
    for begin in begins:
        second = samples[round((begin + 1) * RATE) :][:RATE]
        found.append(int(np.abs(np.fft.rfft(second))[1:].argmax()) + 1)
    return found


@pytest.mark.parametrize("name", JOINED)
def test_joined_recordings_are_read_to_the_end(tmp_path: Path, name: str) -> None:
    """Whole and in pieces: nothing after a join is lost, silent, or found elsewhere."""
    parts = [
        convert(
            write_wav(tmp_path / f"{number}.wav", burst(seconds, 400 + 200 * number)),
            tmp_path / f"{number}-{name}",
            *JOINED[name],
        )
        for number, seconds in enumerate(LENGTHS)
    ]
    track = open_track(join(tmp_path / name, *parts))
    for sound in (b"".join(track.part(0, None)), cut(track, 3.0)):
        assert track.pcm.seconds(len(sound)) == pytest.approx(sum(LENGTHS), abs=0.4)
        assert pitches(sound, LENGTHS) == pytest.approx([400, 600, 800], abs=10)


@pytest.mark.parametrize("name", ["vorbis.ogg", "a.opus", "a.flac"])
def test_joined_recordings_may_differ_in_rate_and_channels(tmp_path: Path, name: str) -> None:
    shapes = (("-ar", "16000"), ("-ar", "48000", "-ac", "2"), ("-ar", "24000"))
    parts = [
        convert(
            write_wav(tmp_path / f"{number}.wav", burst(LENGTHS[number], 400 + 200 * number)),
            tmp_path / f"{number}-{name}",
            *JOINED[name],
            *shape,
        )
        for number, shape in enumerate(shapes)
    ]
    track = open_track(join(tmp_path / name, *parts))
    sound = cut(track, 3.0)
    assert pitches(sound, LENGTHS) == pytest.approx([400, 600, 800], abs=5)
    assert track.duration == pytest.approx(sum(LENGTHS), abs=0.1)
    assert track.pcm.seconds(len(sound)) == pytest.approx(sum(LENGTHS), abs=0.1)


@pytest.mark.parametrize("suffix", ["ogg", "opus", "mp3", "wav"])
def test_joined_recordings_are_never_uploaded_as_they_are(tmp_path: Path, suffix: str) -> None:
    """A decoder may read the first one only."""
    part = convert(write_wav(tmp_path / "source.wav", noise(2)), tmp_path / f"1.{suffix}")
    assert open_track(part).whole
    assert open_track(join(tmp_path / f"a.{suffix}", part, part)).whole is None


@pytest.mark.parametrize("codec", ["adpcm_g722", "adpcm_ima_wav", "adpcm_ms", "gsm_ms"])
def test_codecs_that_decoders_cannot_seek_in_are_cut_exactly(tmp_path: Path, codec: str) -> None:
    source = write_wav(tmp_path / "source.wav", *(burst(2.5, 300 + 100 * n) for n in range(8)))
    rate = "8000" if codec == "gsm_ms" else "16000"
    path = convert(source, tmp_path / "a.wav", "-c:a", codec, "-ar", rate)
    track = open_track(path)
    assert cut(track, 4.0) == b"".join(track.part(0, None))
    assert pitches(cut(track, 4.0), (2.5,) * 8) == pytest.approx(range(300, 1100, 100), abs=5)


@pytest.mark.parametrize("options", [(), ("-ac", "2", "-ar", "44100")], ids=["mono", "stereo"])
def test_flac_of_unknown_length_is_read_to_the_end(
    tmp_path: Path, options: tuple[str, ...]
) -> None:
    sound = burst(6, 500) + burst(4, 700)
    source = write_wav(tmp_path / "source.wav", sound)
    path = convert_to_pipe(source, tmp_path / "a.flac", "-f", "flac", *options)
    track = open_track(path)
    assert track.duration is None
    assert track.pcm.seconds(len(cut(track, 3.0))) == pytest.approx(10, abs=0.01)
    if not options:
        assert cut(track, 3.0) == sound


@pytest.mark.parametrize("seed", range(8))
def test_damaged_stereo_mp3_is_uploaded_as_it_is(
    tmp_path: Path, seed: int, capfd: pytest.CaptureFixture[str]
) -> None:
    """As a mono file is, without a word of libmpg123 on stderr."""
    source = write_wav(tmp_path / "source.wav", noise(6))
    path = convert(source, tmp_path / "a.mp3", "-ac", "2", "-write_xing", "0")
    data = bytearray(path.read_bytes())
    chance = random.Random(seed)
    place = chance.randrange(6000, len(data) - 3000)
    data[place : place + 2000] = chance.randbytes(2000)
    path.write_bytes(data)
    assert open_track(path).whole
    assert capfd.readouterr().err == ""


INVERSE_LATER = "aeval=val(0)|if(lt(t\\,{0})\\,val(0)\\,-val(0)),aformat=channel_layouts=stereo"
"""Two equal channels that become inverse after so many seconds."""


@pytest.mark.parametrize("name", ["a.wav", "a.flac", "a.mp3", "a.m4a", "a.mkv"])
@pytest.mark.parametrize("begin", [0, 12])
def test_inverse_channels_are_mixed_wherever_they_begin(
    tmp_path: Path, name: str, begin: int
) -> None:
    """Silence at the beginning, or equal channels there, say nothing about the rest."""
    quiet = silence(11)
    source = write_wav(tmp_path / "source.wav", quiet, burst(4, 500), burst(4, 700))
    inverse = ("-af", INVERSE_LATER.format(begin), "-ar", "44100")
    track = open_track(convert(source, tmp_path / name, *inverse))
    assert not (track.whole and track.can_be_mixed())
    for sound in (b"".join(track.part(0, None)), cut(track, 8.0)):
        assert pitches(sound[len(quiet) :], (4.0, 4.0)) == pytest.approx([500, 700], abs=5)
        mixed = np.frombuffer(sound, "<i2").astype(float)[13 * RATE : 14 * RATE]
        assert np.abs(mixed).max() > 6000


def test_transport_stream_may_change_its_shape(tmp_path: Path) -> None:
    """No silence is added where the sample rate and the channels change."""
    source = write_wav(tmp_path / "source.wav", burst(4, 500))
    shapes = (("-ar", "16000"), ("-ar", "44100", "-ac", "2"), ("-ar", "16000"))
    parts = [
        convert(source, tmp_path / f"{number}.ts", "-c:a", "aac", *shape)
        for number, shape in enumerate(shapes)
    ]
    sound = cut(open_track(join(tmp_path / "a.ts", *parts)), 3.0)
    assert len(sound) / 2 / RATE == pytest.approx(12, abs=0.5)


@pytest.mark.parametrize("name", ["a.flac", "a.mp3", "a.opus", "a.wav", "a.ogg"])
@pytest.mark.parametrize("how", ["file", "pipe", "joined"])
def test_info_has_the_true_duration(
    tmp_path: Path, name: str, how: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """Whatever the header states, and without a word of a library on stderr."""
    source = write_wav(tmp_path / "source.wav", noise(3))
    path = tmp_path / name
    if how == "pipe":
        options = ("-c:a", "libopus", "-f", "ogg") if name == "a.opus" else ("-f", name[2:])
        convert_to_pipe(source, path, *options)
    else:
        convert(source, path)
    if how == "joined":
        join(path, path, path)
    info = read_info(path)
    assert info
    assert info.duration == pytest.approx(6 if how == "joined" else 3, abs=0.25)
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("data", [b"", b"words", b"RIFF\x24\0\0\0WAVEfmt "])
def test_other_files_have_no_info(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(data)
    assert read_info(path) is None
    assert read_info(tmp_path / "missing") is None


@pytest.mark.parametrize(("name", "options"), [("a.wav", ()), ("a.flac", ("-f", "flac"))])
def test_answer_of_known_or_unknown_length_is_decoded_whole(
    tmp_path: Path, name: str, options: tuple[str, ...]
) -> None:
    source = write_wav(tmp_path / "source.wav", noise(3))
    make = convert_to_pipe if options else convert
    data = make(source, tmp_path / name, *options).read_bytes()
    assert decode_answer(data) == (PCM(RATE), noise(3))


def test_invalid_answer_is_a_network_error() -> None:
    with pytest.raises(NetworkError, match="invalid audio"):
        decode_answer(b'{"code": 500}')
