"""Recognition: what is heard, when, and what is refused."""

from __future__ import annotations

import io
import json
import re
from base64 import b64encode
from typing import Any

import numpy as np
import pytest
import soundfile
import soxr
from moonshine_voice.utils import get_assets_path
from numpy.typing import NDArray

from tests.sandbox.running import SENTENCE, Running, events

RATE = 16000


def words(text: str) -> list[str]:
    """The words of a text, without punctuation and case."""
    return re.findall(r"[a-z']+", text.lower())


@pytest.fixture(scope="module")
def sentence(shared_server: Running) -> bytes:
    """The sentence, spoken by the default voice into a WAV file."""
    return shared_server.speak(SENTENCE, response_format="wav").content


def reading() -> NDArray[np.int16]:
    """44 seconds of human reading at 16000 Hz."""
    sound, rate = soundfile.read(get_assets_path() / "two_cities.wav", dtype="int16")
    return np.asarray(soxr.resample(sound, rate, RATE))


def wav(sound: NDArray[np.int16], rate: int = RATE) -> bytes:
    """A WAV file of some samples."""
    file = io.BytesIO()
    soundfile.write(file, sound, rate, format="WAV")
    return file.getvalue()


@pytest.mark.parametrize(
    ("format", "type"), [("wav", "wav"), ("mp3", "mp3"), ("opus", "ogg"), ("pcm", "pcm")]
)
def test_the_default_voice_is_understood(server: Running, format: str, type: str) -> None:
    """Spoken into each format and recognised again, without an error."""
    spoken = server.speak(SENTENCE, response_format=format).content
    said = {"codec": "pcm_s16le", "rate": 24000, "bits": 16, "channel": 1} if type == "pcm" else {}
    done = events(server.recognise(spoken, {"type": type} | said))[-1]
    assert words(done["text"]) == words(SENTENCE)


def test_all_of_an_mp3_is_heard(server: Running) -> None:
    """Also of one without a tag, which begins with loud frames and goes on with small ones."""
    rate = 24000
    sound = np.zeros(20 * rate, np.int16)
    sound[:rate] = np.random.default_rng(1).integers(-9000, 9000, rate)
    file = io.BytesIO()
    soundfile.write(file, sound, rate, format="MP3", bitrate_mode="VARIABLE")
    untagged = file.getvalue().replace(b"Xing", b"\0" * 4).replace(b"Info", b"\0" * 4)
    done = events(server.recognise(untagged, {"type": "mp3"}))[-1]
    assert done["usage"]["input_tokens"] == pytest.approx(250, abs=3)


def test_deltas_join_to_the_text(server: Running, sentence: bytes) -> None:
    """One a word, with its own space; without times unless asked; usage at the end."""
    *deltas, done = events(server.recognise(sentence, {"type": "wav"}))
    assert {delta["type"] for delta in deltas} == {"transcript.text.delta"}
    assert "".join(delta["delta"] for delta in deltas) == done["text"]
    assert all(len(delta["delta"].split()) == 1 for delta in deltas)
    assert set(deltas[0]) == {"type", "delta", "meta"}
    assert deltas[0]["meta"] == done["meta"]
    assert done["type"] == "transcript.text.done"
    usage = done["usage"]
    assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"] > 0


def test_times_are_those_of_the_sound(server: Running, sentence: bytes) -> None:
    """With a second of silence before it every word is a second later."""
    sound, rate = soundfile.read(io.BytesIO(sentence), dtype="int16")
    delayed = wav(np.concatenate((np.zeros(rate, np.int16), sound)), rate)
    at_once = _times(server, sentence)
    later = _times(server, delayed)
    assert [start for start, _ in at_once] == sorted(start for start, _ in at_once)
    assert at_once[-1][1] <= len(sound) / rate * 1000 + 100
    assert [b[0] - a[0] for a, b in zip(at_once, later, strict=True)] == pytest.approx(
        [1000] * len(at_once), abs=2
    )


def _times(server: Running, sound: bytes) -> list[tuple[int, int]]:
    *deltas, _ = events(server.recognise(sound, {"type": "wav"}, enable_timestamp=True))
    assert {delta["content_index"] for delta in deltas} == {0}
    assert len({delta["item_id"] for delta in deltas}) == 1
    return [(delta["start_time"], delta["end_time"]) for delta in deltas]


def test_a_human_reading_is_understood(server: Running) -> None:
    """Most of its words, at about the times they were said."""
    *deltas, done = events(server.recognise(wav(reading()), {"type": "wav"}, enable_timestamp=True))
    heard = words(done["text"])
    for phrase in ("age of wisdom", "season of light", "winter of despair", "before us"):
        assert re.search(phrase, " ".join(heard))
    despair = next(each for each in deltas if "despair" in each["delta"])
    assert 19_500 < despair["end_time"] < 21_500


def test_a_long_recording_repeats_itself(server: Running) -> None:
    """Five readings with silences between them give five times the words of one."""
    silence = np.zeros(2 * RATE, np.int16)
    one = np.concatenate((reading(), silence))
    once = events(server.recognise(wav(one), {"type": "wav"}))[-1]["text"]
    five = events(server.recognise(wav(np.tile(one, 5)), {"type": "wav"}))[-1]["text"]
    assert five.split() == once.split() * 5


@pytest.mark.parametrize("length", [0, 1, RATE, 40 * RATE])
def test_silence_has_no_words(server: Running, length: int) -> None:
    """No delta, and ``done`` with an empty text."""
    (done,) = events(server.recognise(wav(np.zeros(length, np.int16)), {"type": "wav"}))
    assert (done["type"], done["text"]) == ("transcript.text.done", "")


def test_stereo_and_other_rates_are_heard(server: Running, sentence: bytes) -> None:
    """Two channels of bare samples at 48000 Hz."""
    sound, rate = soundfile.read(io.BytesIO(sentence), dtype="int16")
    high = np.asarray(soxr.resample(sound, rate, 48000))
    both = np.stack((high, high), axis=1).astype("<i2").tobytes()
    format = {"type": "pcm", "codec": "pcm_s16le", "rate": 48000, "bits": 16, "channel": 2}
    assert words(events(server.recognise(both, format))[-1]["text"]) == words(SENTENCE)


def test_chinese_is_not_known_and_said_so(server: Running, sentence: bytes) -> None:
    """An error event, and no ``done`` after it."""
    (error,) = events(server.recognise(sentence, {"type": "wav"}, language="zh"))
    assert error["type"] == "error"
    assert "knows only English" in error["message"]


def test_hints_are_accepted(server: Running, sentence: bytes) -> None:
    """Hotwords and the writing of numbers."""
    answer = server.recognise(sentence, {"type": "wav"}, hotwords=["park"], enable_itn=False)
    assert words(events(answer)[-1]["text"]) == words(SENTENCE)


@pytest.mark.parametrize(
    ("transcription", "param"),
    [
        ({"language": "fr"}, "language"),
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
def test_what_is_refused_of_a_transcription(
    server: Running, transcription: dict[str, Any], param: str | None
) -> None:
    """A 400 that names the field in full."""
    answer = server.recognise(b"RIFF", {"type": "wav"}, **transcription)
    assert answer.status_code == 400
    full = f"audio.input.transcription.{param}" if param else "model"
    assert answer.json()["error"]["param"] == full


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
def test_what_is_refused_of_a_format(
    server: Running, sentence: bytes, format: dict[str, Any], param: str
) -> None:
    """Bytes of another kind than declared, and bare samples of which something is not said."""
    answer = server.recognise(sentence, format)
    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == f"audio.input.format.{param}"


@pytest.mark.parametrize("data", ["", "%%%", "QUJ", None, 5])
def test_what_is_no_base64_is_refused(server: Running, data: Any) -> None:
    """A 400 that names ``audio.data``."""
    wanted = {"model": "stepaudio-2.5-asr", "language": "en"}
    audio = {"data": data, "input": {"transcription": wanted, "format": {"type": "wav"}}}
    answer = server.api.post(f"{server.base}/audio/asr/sse", json={"audio": audio})
    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == "audio.data"


def test_noise_in_a_container_is_refused(server: Running) -> None:
    """Whatever it is said to be."""
    noise = b"RIFF" + bytes(range(256)) * 40
    for type in ("wav", "mp3", "ogg"):
        assert server.recognise(noise, {"type": type}).status_code == 400


def test_more_than_half_an_hour_is_refused(server: Running) -> None:
    """A second more than thirty minutes; thirty minutes themselves are not."""
    format = {"type": "pcm", "codec": "pcm_s16le", "rate": 8000, "bits": 16, "channel": 1}
    half_an_hour = bytes(2 * 8000 * 1800)
    assert server.recognise(half_an_hour, format).status_code == 200
    answer = server.recognise(half_an_hour + bytes(2 * 8000), format)
    assert answer.status_code == 400
    assert "longer than 1800 seconds" in answer.json()["error"]["message"]


def test_a_large_upload_is_read(server: Running) -> None:
    """Seventy megabytes of body: five minutes of 44100 Hz stereo."""
    sound = np.zeros((5 * 60 * 44100, 2), np.int16)
    body = {
        "audio": {
            "data": b64encode(wav(sound, 44100)).decode(),
            "input": {
                "transcription": {"model": "stepaudio-2.5-asr", "language": "en"},
                "format": {"type": "wav"},
            },
        }
    }
    encoded = json.dumps(body).encode()
    assert len(encoded) > 70_000_000
    answer = server.api.post(f"{server.base}/audio/asr/sse", content=encoded)
    assert events(answer)[-1]["text"] == ""
