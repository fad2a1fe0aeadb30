"""Speech over HTTP: audio, options, and invalid requests."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
from base64 import b64decode
from typing import Any

import httpx
import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from stepcli.sandbox.tts.voices import MAINLAND_VOICES
from tests.sandbox.client import SENTENCE, SandboxClient, run_sandbox, sse_events

FORMATS = ["wav", "mp3", "flac", "opus"]
RATES = [8000, 16000, 22050, 24000, 48000]


def samples(response: httpx.Response) -> NDArray[np.int16]:
    """Return the samples of a ``pcm`` response."""
    assert response.status_code == 200, response.text
    return np.frombuffer(response.content, "<i2")


def seconds(server: SandboxClient, text: str, **more: Any) -> float:
    """Return the duration of a text."""
    return len(samples(server.speak(text, response_format="pcm", **more))) / 24000


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("format", FORMATS)
def test_every_format_and_rate_decodes_to_the_same_audio(
    server: SandboxClient, format: str, rate: int
) -> None:
    response = server.speak(response_format=format, sample_rate=rate)
    decoded, found = soundfile.read(io.BytesIO(response.content), always_2d=True)
    plain = samples(server.speak(response_format="pcm", sample_rate=rate))
    assert found == (24000 if (format, rate) == ("opus", 22050) else rate)
    assert decoded.shape[1] == 1
    assert len(decoded) / found == pytest.approx(len(plain) / rate, abs=0.01)
    assert np.abs(decoded).max() == pytest.approx(np.abs(plain).max() / 32768, rel=0.3)


@pytest.mark.skipif(not shutil.which("ffprobe"), reason="ffprobe is not installed")
@pytest.mark.parametrize("rate", [8000, 24000, 48000])
@pytest.mark.parametrize(
    ("format", "container"), [("wav", "wav"), ("mp3", "mp3"), ("flac", "flac"), ("opus", "ogg")]
)
def test_ffprobe_confirms_container_rate_and_channels(
    server: SandboxClient, format: str, container: str, rate: int
) -> None:
    sound = server.speak(response_format=format, sample_rate=rate).content
    command = ["ffprobe", "-v", "warning", "-of", "json", "-show_streams", "-show_format", "-"]
    probe = subprocess.run(command, input=sound, capture_output=True, check=True)
    stream = json.loads(probe.stdout)["streams"][0]
    assert json.loads(probe.stdout)["format"]["format_name"] == container
    assert int(stream["sample_rate"]) == (48000 if format == "opus" else rate)
    assert stream["channels"] == 1
    if format == "mp3":
        assert int(stream["bit_rate"]) == (64000 if rate == 8000 else 128000)


def test_wav_header_has_the_true_length(server: SandboxClient) -> None:
    wav = server.speak(response_format="wav").content
    assert wav[:4] + wav[8:16] == b"RIFFWAVEfmt "
    assert int.from_bytes(wav[4:8], "little") == len(wav) - 8
    assert int.from_bytes(wav[40:44], "little") == len(wav) - 44


def test_default_is_mp3_at_24_khz(server: SandboxClient) -> None:
    response = server.speak()
    assert response.headers["content-type"] == "audio/mpeg"
    assert response.headers["x-trace-id"]
    assert soundfile.info(io.BytesIO(response.content)).samplerate == 24000


def test_speed_scales_the_duration(server: SandboxClient) -> None:
    normal = seconds(server, SENTENCE)
    assert seconds(server, SENTENCE, speed=2) / normal == pytest.approx(0.5, abs=0.06)
    assert 1.6 < seconds(server, SENTENCE, speed=0.5) / normal < 2.1


def test_volume_scales_the_amplitude(server: SandboxClient) -> None:
    normal = np.abs(samples(server.speak(response_format="pcm"))).max()
    quiet = np.abs(samples(server.speak(response_format="pcm", volume=0.5))).max()
    loud = np.abs(samples(server.speak(response_format="pcm", volume=2.0)).astype(int)).max()
    assert quiet / normal == pytest.approx(0.5, abs=0.01)
    assert loud / normal == pytest.approx(2, abs=0.01)


def test_same_request_gives_the_same_bytes(server: SandboxClient) -> None:
    first = server.speak(response_format="pcm").content
    for between in ("你好，世界。", "Something else entirely!", "こんにちは"):
        server.speak(between, voice="zixinnansheng", speed=1.7)
        assert server.speak(response_format="pcm").content == first


def test_another_server_gives_the_same_bytes(server: SandboxClient) -> None:
    with run_sandbox() as other:
        assert other.speak("Hi").content == server.speak("Hi").content


@pytest.mark.parametrize("text", ["Hello there", "你好"])
def test_official_voices_all_sound_different(server: SandboxClient, text: str) -> None:
    spoken = {
        server.speak(text, voice=voice, response_format="pcm").content for voice in MAINLAND_VOICES
    }
    assert len(spoken) == len(MAINLAND_VOICES) == 39


@pytest.mark.parametrize(("site", "status"), [("ai", 400), ("com", 200)])
def test_mainland_voice_exists_on_its_site_only(site: str, status: int) -> None:
    with run_sandbox("--site", site) as server:
        assert server.speak("Hi", voice="wenrounvsheng").status_code == status
        assert server.speak("Hi", voice="lively-girl").status_code == 200


@pytest.mark.parametrize(
    ("voice", "status"),
    [("zixinnansheng", 400), ("vibrant-youth", 400), ("elegantgentle-female", 200)],
)
def test_mini_lacks_some_voices(server: SandboxClient, voice: str, status: int) -> None:
    body = {"model": "step-tts-mini", "voice": voice, "input": "Hi"}
    response = server.api.post(f"{server.open}/audio/speech", json=body)
    assert response.status_code == status
    if status == 400:
        assert response.json()["error"]["message"] == "voice_id does not exist"


def test_directions_are_not_spoken(server: SandboxClient) -> None:
    plain = server.speak("Hello there").content
    assert server.speak("(softly, with a smile)Hello there").content == plain
    assert server.speak("（轻声（笑））Hello there").content == plain


def test_older_model_speaks_parentheses(server: SandboxClient) -> None:
    body = {"model": "step-tts-2", "voice": "lively-girl", "input": "Hello (you there)"}
    spoken = server.api.post(f"{server.open}/audio/speech", json=body).content
    assert spoken != server.speak("Hello ").content
    assert len(spoken) > 1.2 * len(server.speak("Hello ").content)


@pytest.mark.parametrize("text", ["(sigh)", "……", "。", "😀", " ", "()", "\n"])
def test_text_without_words_is_a_short_silence(server: SandboxClient, text: str) -> None:
    sound, rate = soundfile.read(io.BytesIO(server.speak(text, response_format="wav").content))
    assert 0 < len(sound) < 1.5 * rate


def test_pronunciations_are_spoken_instead(server: SandboxClient) -> None:
    swap = {"tone": ["LOL/laugh out loudly"]}
    assert (
        server.speak("LOL he said", pronunciation_map=swap).content
        == server.speak("laugh out loudly he said").content
    )
    tones = {"tone": ["行长/hang2长"]}
    assert (
        server.speak("行长很好", pronunciation_map=tones).content
        == server.speak("hang2长很好").content
    )


def test_markdown_filter_strips_markdown(server: SandboxClient) -> None:
    marked = "# Hello\n\n*Dear* [reader](https://example.test), `this` is\n\n- one\n- **two**"
    plain = "Hello\nDear reader, this is\none\ntwo"
    assert server.speak(marked, markdown_filter=True).content == server.speak(plain).content
    assert server.speak(marked).content != server.speak(plain).content


def test_events_join_to_the_file(server: SandboxClient) -> None:
    for format in ("mp3", "wav", "pcm"):
        result = sse_events(server.speak(response_format=format, stream_format="sse"))
        *deltas, done, end = result
        assert {delta["type"] for delta in deltas} == {"speech.audio.delta"}
        assert len(deltas) > 3
        assert (done, end) == ({"type": "speech.audio.done", "audio": ""}, "[DONE]")
        joined = b"".join(b64decode(delta["audio"]) for delta in deltas)
        assert joined == server.speak(response_format=format).content


def test_return_url_serves_the_file_without_a_key(server: SandboxClient) -> None:
    response = server.speak(return_url=True).json()
    assert set(response) == {"created", "data"}
    assert set(response["data"]) == {"url"}
    url = response["data"]["url"]
    assert url.startswith(server.origin)
    fetched = httpx.get(url)
    assert fetched.content == server.speak().content
    assert fetched.headers["content-type"] == "audio/mpeg"
    assert httpx.get(url + "x").status_code == 404


def subtitles(server: SandboxClient, text: str, **more: Any) -> list[dict[str, Any]]:
    """Return the ``response.subtitle`` events of a text."""
    events = sse_events(server.speak(text, stream_format="sse", timestamp=True, **more))
    kinds = [each["type"] for each in events[:-1]]
    assert kinds[-1] == "speech.audio.done"
    assert kinds[0] == "speech.audio.delta"
    return [each for each in events[:-1] if each["type"] == "response.subtitle"]


def test_subtitle_events_have_one_item_for_each_character_or_word(server: SandboxClient) -> None:
    first, second = subtitles(server, "今天真好，(笑)I like it.")
    assert set(first) == {"type", "event_id", "data"}
    assert set(first["data"]) == {"text", "request_id", "timestamp", "items"}
    assert first["data"]["request_id"] == second["data"]["request_id"]
    assert (first["data"]["text"], second["data"]["text"]) == ("今天真好，", "I like it.")
    items = [item for each in (first, second) for item in each["data"]["items"]]
    assert [item["text"] for item in items] == ["今", "天", "真", "好，", "I", "like", "it."]
    times = [item[edge] for item in items for edge in ("start_time", "end_time")]
    assert times == sorted(times)
    assert all(isinstance(time, int) for time in times)
    assert times[-1] <= seconds(server, "今天真好，(笑)I like it.") * 1000


def test_subtitles_are_sent_only_on_request(server: SandboxClient) -> None:
    events = sse_events(server.speak("Hi.", stream_format="sse"))
    assert {each["type"] for each in events[:-1]} == {"speech.audio.delta", "speech.audio.done"}


def test_text_without_words_has_a_subtitle_without_items(server: SandboxClient) -> None:
    (event,) = subtitles(server, "...")
    assert event["data"]["items"] == []


def test_return_url_includes_subtitles_on_request(server: SandboxClient) -> None:
    data = server.speak("One. Two.", return_url=True, timestamp=True).json()["data"]
    assert [each["text"] for each in data["subtitles"]] == ["One.", "Two."]
    assert [item["text"] for each in data["subtitles"] for item in each["items"]] == [
        "One.",
        "Two.",
    ]


def test_timestamp_needs_events_or_a_url(server: SandboxClient) -> None:
    error = server.speak(timestamp=True).json()["error"]
    assert error["message"] == "timestamp requires return_url=true or stream_format=sse"


def test_enhanced_normalization_reads_units_in_full(server: SandboxClient) -> None:
    plain = seconds(server, "It is 5 km.")
    assert seconds(server, "It is 5 km.", text_normalization="standard") == plain
    assert seconds(server, "It is 5 km.", text_normalization="enhanced") > 1.1 * plain


def test_seeded_server_never_answers_twice_alike_and_repeats_its_run() -> None:
    def run(seed: int) -> list[bytes]:
        with run_sandbox("--seed", str(seed), deterministic=False) as server:
            return [server.speak("Hello", response_format="pcm").content for _ in range(4)]

    first = run(7)
    assert len(set(first)) == len({len(each) for each in first}) == 4
    assert run(7) == first
    assert not set(run(8)) & set(first)


def test_server_varies_its_answers_by_default() -> None:
    with run_sandbox(deterministic=False) as server:
        answers = {server.speak("Hello", response_format="pcm").content for _ in range(4)}
    assert len(answers) == 4


def test_deterministic_server_ignores_the_seed(server: SandboxClient) -> None:
    with run_sandbox("--seed", "7") as other:
        assert other.speak("Hello").content == server.speak("Hello").content


@pytest.mark.parametrize(
    ("changes", "param"),
    [
        ({"input": ""}, "input"),
        ({"input": "x" * 1001}, "input"),
        ({"input": 5}, "input"),
        ({"input": None}, "input"),
        ({"input": "\ud800"}, "input"),
        ({"voice": "unknown"}, "voice"),
        ({"model": "step-tts-2"}, "model"),
        ({"model": "stepaudio-2.5-asr"}, "model"),
        ({"response_format": "ogg"}, "response_format"),
        ({"speed": 0.49}, "speed"),
        ({"speed": 2.01}, "speed"),
        ({"speed": "1"}, "speed"),
        ({"speed": True}, "speed"),
        ({"volume": 0.05}, "volume"),
        ({"volume": 2.1}, "volume"),
        ({"sample_rate": 44100}, "sample_rate"),
        ({"sample_rate": 24000.0}, "sample_rate"),
        ({"sample_rate": "24000"}, "sample_rate"),
        ({"instruction": "x" * 201}, "instruction"),
        ({"voice_label": {"emotion": "happy"}}, "voice_label"),
        ({"pronunciation_map": {"tone": ["no slash"]}}, "pronunciation_map.tone[0]"),
        ({"pronunciation_map": {"tone": "a/b"}}, "pronunciation_map.tone"),
        ({"pronunciation_map": {}}, "pronunciation_map.tone"),
        ({"markdown_filter": 1}, "markdown_filter"),
        ({"stream_format": "audio/sse"}, "stream_format"),
        ({"return_url": "yes"}, "return_url"),
        ({"return_url": True, "stream_format": "sse"}, "return_url"),
        ({"timestamp": 1}, "timestamp"),
        ({"timestamp": True}, "timestamp"),
        ({"text_normalization": "full"}, "text_normalization"),
        ({"speeed": 1}, "speeed"),
    ],
    ids=str,
)
def test_invalid_field_is_named(server: SandboxClient, changes: dict[str, Any], param: str) -> None:
    body = {"model": "stepaudio-2.5-tts", "voice": "lively-girl", "input": "Hi"} | changes
    response = server.api.post(f"{server.base}/audio/speech", content=json.dumps(body))
    assert response.status_code == 400
    assert response.headers["x-trace-id"]
    error = response.json()["error"]
    assert (error["type"], error["param"]) == ("request_params_invalid", param)
    assert re.match(r"\w", error["message"])


def test_unknown_model_gets_404_model_invalid(server: SandboxClient) -> None:
    response = server.speak(model="stepaudio-9-tts")
    assert (response.status_code, response.json()["error"]["type"]) == (404, "model_invalid")


def test_unknown_voice_gets_the_message_of_the_service(server: SandboxClient) -> None:
    response = server.speak(voice="unknown")
    assert response.status_code == 400
    assert response.json()["error"]["message"] == "voice_id does not exist"


@pytest.mark.parametrize("missing", ["model", "voice", "input"])
def test_missing_field_is_named(server: SandboxClient, missing: str) -> None:
    body = {"model": "stepaudio-2.5-tts", "voice": "lively-girl", "input": "Hi"}
    del body[missing]
    response = server.api.post(f"{server.base}/audio/speech", json=body)
    assert response.json()["error"]["message"] == f"{missing} is required"


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"7", b"\xff", b"[" * 100_000])
def test_body_must_be_a_json_object(server: SandboxClient, body: bytes) -> None:
    response = server.api.post(f"{server.base}/audio/speech", content=body)
    assert response.status_code == 400
    assert response.json()["error"]["type"] == "request_params_invalid"


def test_voice_label_is_refused_for_newer_models(server: SandboxClient) -> None:
    error = server.speak(voice_label={"emotion": "happy"}).json()["error"]
    assert error["message"] == "voice_label is not supported for v2 models"


@pytest.mark.parametrize(
    ("model", "more", "status"),
    [
        ("step-tts-2", {"voice_label": {"emotion": "happy"}}, 200),
        ("step-tts-2", {"voice_label": {"emotion": "happy", "style": "fast"}}, 400),
        ("step-tts-2", {"voice_label": {}}, 400),
        ("step-tts-2", {"instruction": "softly"}, 400),
        ("step-tts-mini", {}, 200),
        ("stepaudio-3-tts", {"instruction": "x" * 500}, 200),
        ("stepaudio-3-tts", {"instruction": "x" * 501}, 400),
        ("stepaudio-2.5-tts", {"instruction": "x" * 200}, 200),
    ],
)
def test_labels_and_instructions_depend_on_the_model(
    server: SandboxClient, model: str, more: dict[str, Any], status: int
) -> None:
    body = {"model": model, "voice": "elegantgentle-female", "input": "Hi"} | more
    assert server.api.post(f"{server.open}/audio/speech", json=body).status_code == status


def test_blocked_text_gets_451(server: SandboxClient) -> None:
    response = server.speak("This is a censored-sample of text")
    assert response.status_code == 451
    assert response.json()["error"]["type"] == "censorship_block"


def test_text_of_1000_characters_is_spoken(server: SandboxClient) -> None:
    assert seconds(server, "字" * 1000) > 60
    assert seconds(server, "word " * 200) > 40
