"""Recognition: text, times, and invalid requests."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
from base64 import b64encode
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import soxr
from moonshine_voice.utils import get_assets_path
from numpy.typing import NDArray

from tests.sandbox.client import SENTENCE, SandboxClient, sse_events

RATE = 16000


def words(text: str) -> list[str]:
    """Return the words of a text without punctuation, in lower case."""
    return re.findall(r"[a-z']+", text.lower())


@pytest.fixture(scope="module")
def sentence(shared_server: SandboxClient) -> bytes:
    """A WAV file of the sentence in the default voice."""
    return shared_server.speak(SENTENCE, response_format="wav").content


def reading() -> NDArray[np.int16]:
    """Return 44 seconds of human reading at 16 kHz."""
    sound, rate = soundfile.read(get_assets_path() / "two_cities.wav", dtype="int16")
    return np.asarray(soxr.resample(sound, rate, RATE))


def wav(sound: NDArray[np.int16], rate: int = RATE) -> bytes:
    """Return a WAV file."""
    file = io.BytesIO()
    soundfile.write(file, sound, rate, format="WAV")
    return file.getvalue()


@pytest.mark.parametrize(
    ("format", "type"), [("wav", "wav"), ("mp3", "mp3"), ("opus", "ogg"), ("pcm", "pcm")]
)
def test_synthesized_sentence_is_recognized_in_every_format(
    server: SandboxClient, format: str, type: str
) -> None:
    spoken = server.speak(SENTENCE, response_format=format).content
    extra = {"codec": "pcm_s16le", "rate": 24000, "bits": 16, "channel": 1} if type == "pcm" else {}
    done = sse_events(server.recognize(spoken, {"type": type} | extra))[-1]
    assert words(done["text"]) == words(SENTENCE)


def test_deltas_join_to_the_text(server: SandboxClient, sentence: bytes) -> None:
    """One for each word, without times unless requested."""
    *deltas, done = sse_events(server.recognize(sentence, {"type": "wav"}))
    assert {delta["type"] for delta in deltas} == {"transcript.text.delta"}
    assert "".join(delta["delta"] for delta in deltas) == done["text"]
    assert all(len(delta["delta"].split()) == 1 for delta in deltas)
    assert set(deltas[0]) == {"type", "delta", "meta"}
    assert deltas[0]["meta"] == done["meta"]
    assert done["type"] == "transcript.text.done"
    usage = done["usage"]
    assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"] > 0


def test_times_shift_with_leading_silence(server: SandboxClient, sentence: bytes) -> None:
    sound, rate = soundfile.read(io.BytesIO(sentence), dtype="int16")
    delayed = wav(np.concatenate((np.zeros(rate, np.int16), sound)), rate)
    at_once = _times(server, sentence)
    later = _times(server, delayed)
    assert [start for start, _ in at_once] == sorted(start for start, _ in at_once)
    assert at_once[-1][1] <= len(sound) / rate * 1000 + 100
    assert [b[0] - a[0] for a, b in zip(at_once, later, strict=True)] == pytest.approx(
        [1000] * len(at_once), abs=2
    )


def _times(server: SandboxClient, sound: bytes) -> list[tuple[int, int]]:
    *deltas, _ = sse_events(server.recognize(sound, {"type": "wav"}, enable_timestamp=True))
    assert {delta["content_index"] for delta in deltas} == {0}
    assert len({delta["item_id"] for delta in deltas}) == 1
    return [(delta["start_time"], delta["end_time"]) for delta in deltas]


def test_human_reading_is_recognized_at_the_right_times(server: SandboxClient) -> None:
    *deltas, done = sse_events(
        server.recognize(wav(reading()), {"type": "wav"}, enable_timestamp=True)
    )
    recognized = words(done["text"])
    for phrase in ("age of wisdom", "season of light", "winter of despair", "before us"):
        assert re.search(phrase, " ".join(recognized))
    despair = next(each for each in deltas if "despair" in each["delta"])
    assert 19_500 < despair["end_time"] < 21_500


def test_repeated_recording_gives_repeated_text(server: SandboxClient) -> None:
    silence = np.zeros(2 * RATE, np.int16)
    one = np.concatenate((reading(), silence))
    once = sse_events(server.recognize(wav(one), {"type": "wav"}))[-1]["text"]
    five = sse_events(server.recognize(wav(np.tile(one, 5)), {"type": "wav"}))[-1]["text"]
    assert five.split() == once.split() * 5


@pytest.mark.parametrize("length", [0, 1, RATE, 40 * RATE])
def test_silence_is_an_error_event(server: SandboxClient, length: int) -> None:
    (event,) = sse_events(server.recognize(wav(np.zeros(length, np.int16)), {"type": "wav"}))
    assert (event["type"], event["message"]) == ("error", "no speech detected")


def test_stereo_at_48_khz_is_recognized(server: SandboxClient, sentence: bytes) -> None:
    sound, rate = soundfile.read(io.BytesIO(sentence), dtype="int16")
    high = np.asarray(soxr.resample(sound, rate, 48000))
    both = np.stack((high, high), axis=1).astype("<i2").tobytes()
    format = {"type": "pcm", "codec": "pcm_s16le", "rate": 48000, "bits": 16, "channel": 2}
    assert words(sse_events(server.recognize(both, format))[-1]["text"]) == words(SENTENCE)


@pytest.mark.parametrize("language", ["zh", "fr", "auto"])
def test_unsupported_language_is_an_error_event(
    server: SandboxClient, sentence: bytes, language: str
) -> None:
    (error,) = sse_events(server.recognize(sentence, {"type": "wav"}, language=language))
    assert error["type"] == "error"
    assert "recognizes only English" in error["message"]


@pytest.mark.parametrize("language", [{}, {"language": ""}], ids=str)
def test_language_may_be_left_out_or_empty(
    server: SandboxClient, sentence: bytes, language: dict[str, str]
) -> None:
    audio = {
        "data": b64encode(sentence).decode(),
        "input": {
            "transcription": {"model": "stepaudio-2.5-asr", **language},
            "format": {"type": "wav"},
        },
    }
    response = server.api.post(f"{server.base}/audio/asr/sse", json={"audio": audio})
    assert words(sse_events(response)[-1]["text"]) == words(SENTENCE)


def m4a(data: bytes, path: Path, *arguments: str) -> bytes:
    """Convert audio to an m4a file with ffmpeg."""
    command = ["ffmpeg", "-v", "error", "-y", "-i", "-", *arguments, str(path)]
    subprocess.run(command, input=data, check=True)
    return path.read_bytes()


@pytest.mark.skipif(not shutil.which("ffmpeg"), reason="ffmpeg is not installed")
def test_m4a_is_recognized_but_video_and_other_formats_are_not(
    server: SandboxClient, sentence: bytes, tmp_path: Path
) -> None:
    audio = m4a(sentence, tmp_path / "a.m4a")
    recognized = sse_events(server.recognize(audio, {"type": "m4a"}))[-1]["text"]
    assert words(recognized) == words(SENTENCE)
    picture = ("-f", "lavfi", "-i", "color=s=16x16:d=1", "-c:v", "mpeg4")
    video = m4a(sentence, tmp_path / "a.mp4", *picture)
    for other in (video, sentence, audio[:-2000]):
        response = server.recognize(other, {"type": "m4a"})
        assert response.status_code == 400, other[:16]
        assert response.json()["error"]["param"] == "audio.input.format.type"


def test_hotwords_and_itn_are_accepted(server: SandboxClient, sentence: bytes) -> None:
    response = server.recognize(sentence, {"type": "wav"}, hotwords=["park"], enable_itn=False)
    assert words(sse_events(response)[-1]["text"]) == words(SENTENCE)


@pytest.mark.parametrize(
    ("transcription", "param"),
    [
        ({"language": 7}, "language"),
        ({"language": None}, "language"),
        ({"model": "stepaudio-3-asr-max"}, None),
        ({"model": "stepaudio-2.5-tts"}, None),
        ({"hotwords": "park"}, "hotwords"),
        ({"hotwords": [1]}, "hotwords[0]"),
        ({"enable_itn": 1}, "enable_itn"),
        ({"enable_timestamp": "yes"}, "enable_timestamp"),
        ({"prompt": "hello"}, "prompt"),
    ],
    ids=str,
)
def test_invalid_transcription_field_is_named(
    server: SandboxClient, transcription: dict[str, Any], param: str | None
) -> None:
    response = server.recognize(b"RIFF", {"type": "wav"}, **transcription)
    assert response.status_code == 400
    full = f"audio.input.transcription.{param}" if param else "model"
    assert response.json()["error"]["param"] == full


@pytest.mark.parametrize(
    ("format", "param"),
    [
        ({"type": "flac"}, "type"),
        ({}, "type"),
        ({"type": "mp3"}, "type"),
        ({"type": "ogg"}, "type"),
        ({"type": "pcm"}, "codec"),
        ({"type": "pcm", "codec": "pcm_s16le"}, "rate"),
        ({"type": "pcm", "codec": "pcm_s16le", "rate": 24000}, "bits"),
        ({"type": "pcm", "codec": "pcm_s16le", "rate": 24000, "bits": 16}, "channel"),
        ({"type": "pcm", "codec": "opus", "rate": 24000, "bits": 16, "channel": 1}, "codec"),
        ({"type": "wav", "rate": "24000"}, "rate"),
        ({"type": "wav", "channels": 1}, "channels"),
    ],
    ids=str,
)
def test_invalid_format_field_is_named(
    server: SandboxClient, sentence: bytes, format: dict[str, Any], param: str
) -> None:
    """Also when the bytes have another format than declared."""
    response = server.recognize(sentence, format)
    assert response.status_code == 400
    assert response.json()["error"]["param"] == f"audio.input.format.{param}"


@pytest.mark.parametrize("data", ["", "%%%", "QUJ", None, 5])
def test_invalid_base64_is_refused(server: SandboxClient, data: Any) -> None:
    wanted = {"model": "stepaudio-2.5-asr", "language": "en"}
    audio = {"data": data, "input": {"transcription": wanted, "format": {"type": "wav"}}}
    response = server.api.post(f"{server.base}/audio/asr/sse", json={"audio": audio})
    assert response.status_code == 400
    assert response.json()["error"]["param"] == "audio.data"


def test_corrupt_container_is_refused(server: SandboxClient) -> None:
    noise = b"RIFF" + bytes(range(256)) * 40
    for type in ("wav", "mp3", "ogg"):
        assert server.recognize(noise, {"type": type}).status_code == 400


RAW = {"type": "pcm", "codec": "pcm_s16le", "rate": 8000, "bits": 16, "channel": 1}


@pytest.mark.parametrize("size", [7_864_320, 7_864_322])
def test_audio_over_10_mib_of_base64_is_an_error_event(server: SandboxClient, size: int) -> None:
    """7,864,320 bytes are exactly the limit in base64."""
    response = server.recognize(bytes(size), RAW)
    assert response.status_code == 200
    (event,) = sse_events(response)
    if size == 7_864_320:
        assert "data size" not in event.get("message", "")
        return
    assert (event["type"], event["message"]) == (
        "error",
        "audio data size 10485764 bytes exceeds maximum allowed size 10485760 bytes",
    )


def test_more_than_30_minutes_is_refused(server: SandboxClient) -> None:
    """Even if it is short enough in bytes, as silence in MP3 is."""
    response = server.recognize(mp3_of_silence(1801), {"type": "mp3"})
    assert response.status_code == 400
    assert "longer than 1800 seconds" in response.json()["error"]["message"]
    assert server.recognize(mp3_of_silence(1799), {"type": "mp3"}).status_code == 200


def mp3_of_silence(seconds: int) -> bytes:
    """Return an MP3 file at a low bit rate."""
    file = io.BytesIO()
    low = {"bitrate_mode": "CONSTANT", "compression_level": 0.8}
    with soundfile.SoundFile(file, "w", 8000, 1, format="MP3", **low) as writer:
        for _ in range(seconds):
            writer.write(np.zeros(8000, np.int16))
    return file.getvalue()


def test_body_over_64_mib_gets_413(server: SandboxClient) -> None:
    response = server.recognize(bytes(52 << 20), RAW)
    assert (response.status_code, response.json()["error"]["type"]) == (413, "payload_too_large")
