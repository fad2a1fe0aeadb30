"""Random changes of local inputs: each is used or refused with an error.

``FUZZ_EXAMPLES=5000`` runs more, random examples.
"""

from __future__ import annotations

import io
import json
import os
import re
import stat
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stepcli.api.speech import SpeechRequest, check
from stepcli.audio.open import open_track
from stepcli.audio.voice_sample import read_voice_sample
from stepcli.audio_types import PCM
from stepcli.credentials import stored_key
from stepcli.errors import StepcliError, UsageError
from stepcli.settings import checked_key
from stepcli.subtitles.formats import Cue, srt, vtt
from stepcli.tasks.speech.requests import read_batch

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "0"))


FFPROBE = ("ffprobe", "-v", "error", "-show_entries", "packet=pts", "-of", "csv")


def tried(few: int) -> settings:
    """Return settings for ``few`` fixed examples, or for the requested number of random ones."""
    return settings(
        max_examples=EXAMPLES or few,
        derandomize=not EXAMPLES,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )


@cache
def _sounds() -> dict[str, bytes]:
    """Return a fifth of a second of audio in each container."""
    tone = 0.3 * np.sin(np.arange(3200) / 5)
    made = {}
    for name, subtype in (
        ("WAV", "PCM_16"), ("WAV", "FLOAT"), ("WAV", "PCM_24"), ("OGG", "OPUS"), ("OGG", "VORBIS"),
        ("MP3", "MPEG_LAYER_III"), ("FLAC", "PCM_16"), ("AIFF", "PCM_16"), ("AU", "ULAW"),
    ):  # fmt: skip
        file = io.BytesIO()
        soundfile.write(file, tone, 16000, subtype, format=name)
        made[f"{name} {subtype}"] = file.getvalue()
    return made


@st.composite
def broken_sounds(draw: st.DrawFn) -> bytes:
    """Generate audio with changed bytes, mostly in the header, truncated, or after other data."""
    data = bytearray(_sounds()[draw(st.sampled_from(sorted(_sounds())))])
    place = st.integers(0, 80) | st.integers(0, len(data) - 1)
    value = st.sampled_from([0, 1, 0x7F, 0x80, 0xFF]) | st.integers(0, 255)
    for at, byte in draw(st.lists(st.tuples(place, value), max_size=8)):
        data[min(at, len(data) - 1)] = byte
    end = draw(st.none() | st.integers(0, len(data)))
    return draw(st.binary(max_size=8) | st.just(b"")) + bytes(data[:end])


def _read_whole(blocks: Iterator[bytes]) -> int:
    """Read at most a minute, because a header may state years."""
    size = 0
    for block in blocks:
        size += len(block)
        if size > 60 * 2 * 48000:
            break
    return size


@tried(25)
@given(broken_sounds())
def test_any_audio_file_is_read_or_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "sound"
    path.write_bytes(data)
    try:
        track = open_track(path)
        assert track.duration is None or track.duration >= 0
        assert _read_whole(track.part(0, None)) % 2 == 0
        if track.whole is not None:
            assert _read_whole(track.whole.open()) == track.whole.size
    except StepcliError as failure:
        assert failure.exit_code == 2, failure.message  # noqa: PT017 - either way is right


@tried(15)
@given(broken_sounds())
def test_any_voice_sample_becomes_valid_wav_or_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "sound"
    path.write_bytes(data)
    try:
        sample = read_voice_sample(path)
    except UsageError:
        return
    with soundfile.SoundFile(io.BytesIO(sample.wav)) as file:
        assert (file.samplerate, file.channels) == (sample.rate, 1)
        assert file.frames / file.samplerate == pytest.approx(sample.duration)


@tried(60)
@given(
    st.binary(max_size=300), st.sampled_from([PCM(8000), PCM(16000), PCM(44100, 2), PCM(4000, 8)])
)
def test_raw_audio_has_the_frames_that_its_size_says(tmp_path: Path, data: bytes, pcm: PCM) -> None:
    """``--pcm`` takes any bytes that make a frame."""
    path = tmp_path / "raw"
    path.write_bytes(data)
    if len(data) < pcm.frame_bytes:
        with pytest.raises(UsageError):
            open_track(path, raw=pcm)
    else:
        track = open_track(path, raw=pcm)
        seconds = len(data) // pcm.frame_bytes / pcm.rate
        assert track.duration == pytest.approx(seconds)
        frames = _read_whole(track.part(0, None)) / track.pcm.frame_bytes
        assert frames == pytest.approx(seconds * track.pcm.rate, abs=1)


_NAMES = st.sampled_from(
    ["text", "id", "voice", "format", "speed", "pronounce", "literal", "sample_rate", "sample-rate",
     "output", "jobs", "x", ""]
)  # fmt: skip
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)


def _entry(name: str) -> SpeechRequest:
    return SpeechRequest(name, "lively-girl", "stepaudio-2.5-tts")


@tried(100)
@given(st.lists(st.dictionaries(_NAMES, _VALUES, max_size=4), min_size=1, max_size=4))
def test_any_json_lines_are_utterances_or_an_error(lines: list[dict[str, object]]) -> None:
    """The error names the line."""
    text = "\n".join(json.dumps(line) for line in lines)
    try:
        found = read_batch(text, _entry(""))
        for one in found:
            check(one.request)
    except UsageError:
        return
    assert len({one.name.lower() for one in found}) == len(found)
    assert not any(set(one.name) & set("/\0") or one.name in ("", ".", "..") for one in found)


@tried(100)
@given(st.text(max_size=200))
def test_any_text_lines_are_utterances_or_an_error(text: str) -> None:
    try:
        found = read_batch(text, _entry(""))
    except UsageError:
        return
    assert all(one.request.text.strip() for one in found)


@tried(100)
@given(st.text(max_size=30))
def test_any_pronunciation_is_a_pair_or_refused(pair: str) -> None:
    request = SpeechRequest("hi", "lively-girl", "stepaudio-2.5-tts", pronunciations=(pair,))
    try:
        check(request)
    except UsageError:
        return
    assert re.fullmatch(r"(?s).*\S.*/.*\S.*", pair)


@tried(150)
@given(st.binary(max_size=80), st.sampled_from([0o600, 0o400, 0o640, 0o604, 0o660]))
def test_any_key_file_holds_a_valid_key_or_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes, mode: int
) -> None:
    path = tmp_path / "key"
    path.unlink(missing_ok=True)
    path.write_bytes(content)
    path.chmod(mode)
    monkeypatch.setattr("stepcli.credentials.key_path", lambda: path)
    monkeypatch.setattr("stepcli.credentials._from_keyring", lambda: "from-the-keyring")
    try:
        found = stored_key()
        assert found is not None
        key = checked_key(*found)
    except StepcliError as failure:
        shown = failure.message + (failure.hint or "")
        secret = content.decode(errors="replace").strip()
        assert len(secret) < 8 or secret not in shown
        return
    assert not stat.S_IMODE(mode) & 0o077
    assert key.isascii()
    assert key.isprintable()


_TEXTS = st.text(max_size=80) | st.sampled_from(["a --> b", "1\n\n2", "<b>&</b>", "\u2028", "\r"])
_CUES = st.lists(st.tuples(st.floats(0, 1e6), st.floats(0, 100), _TEXTS), max_size=6).map(
    lambda found: [Cue(begin, begin + length, text) for begin, length, text in found]
)


@tried(100)
@given(_CUES)
def test_text_cannot_add_or_end_cues(cues: list[Cue]) -> None:
    clock = r"\d{2,}:\d\d:\d\d[.,]\d{3} --> \d{2,}:\d\d:\d\d[.,]\d{3}"
    for written in (srt(cues), vtt(cues)):
        lines = written.split("\n")
        assert sum(bool(re.fullmatch(clock, line)) for line in lines) == len(cues)
        assert sum("-->" in line for line in lines) == len(cues)
        assert "\r" not in written
    numbers = re.findall(r"(?m)^(\d+)\n" + clock, srt(cues))
    assert numbers == [str(number) for number in range(1, len(cues) + 1)]


def test_ffmpeg_reads_as_many_cues_as_were_written(tmp_path: Path) -> None:
    texts = [
        "plain",
        "two\nlines",
        "a --> b",
        "<i>&amp;",
        "你好",
        "1",
        "00:00:01,000 --> 00:00:02,000",
    ]
    cues = [Cue(2.0 * number, 2.0 * number + 1, text) for number, text in enumerate(texts)]
    for name, written in (("x.srt", srt(cues)), ("x.vtt", vtt(cues))):
        (tmp_path / name).write_text(written)
        try:
            done = subprocess.run(
                [*FFPROBE, tmp_path / name],
                capture_output=True, check=True,
            )  # fmt: skip
        except FileNotFoundError:
            pytest.skip("ffmpeg is not installed")
        assert len(done.stdout.splitlines()) == len(texts), name
