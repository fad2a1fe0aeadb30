"""Realtime sessions over a WebSocket."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import threading
from base64 import b64decode
from dataclasses import replace
from typing import Any

import httpx
import pytest
import soundfile
from websockets.exceptions import ConnectionClosedOK

from tests.sandbox.client import RealtimeClient, SandboxClient, run_sandbox

TEXT = "Hello there. How are you? I am fine"


def spoken(messages: list[dict[str, Any]]) -> list[bytes]:
    """Return the audio of each delta."""
    deltas = [each["data"] for each in messages if each["type"] == "tts.response.audio.delta"]
    return [b64decode(delta["audio"]) for delta in deltas]


def speak(realtime: RealtimeClient, text: str = TEXT, /, **settings: Any) -> list[dict[str, Any]]:
    """Speak ``text`` and return all messages from ``tts.response.created`` on."""
    realtime.create(**settings)
    realtime.send("tts.text.delta", text=text)
    realtime.send("tts.text.done")
    return realtime.receive_all()


def text_seconds(server: SandboxClient) -> float:
    """Return the duration of ``TEXT`` in a session."""
    with server.connect() as socket:
        return len(b"".join(spoken(speak(RealtimeClient(socket))))) / 2 / 24000


def test_session_sends_created_sentences_done_and_closes(realtime: RealtimeClient) -> None:
    messages = speak(realtime)
    kinds = [each["type"].removeprefix("tts.response.") for each in messages]
    assert kinds[0] == "created"
    assert kinds[-1] == "audio.done"
    assert realtime.socket.close_code == 1000
    starts = [each["data"] for each in messages if each["type"].endswith("sentence.start")]
    ends = [each["data"] for each in messages if each["type"].endswith("sentence.end")]
    assert "".join(start["text"] for start in starts) == TEXT
    assert [end["text"] for end in ends] == [start["text"] for start in starts]
    for start, end in zip(starts, ends, strict=True):
        assert set(start) == set(end) == {"session_id", "text", "request_id", "timestamp"}
        assert start["request_id"] == end["request_id"]
        assert start["request_id"].startswith(f"{realtime.session}-tts.")
        assert start["timestamp"] <= end["timestamp"]


def test_audio_done_repeats_the_whole_audio(realtime: RealtimeClient) -> None:
    messages = speak(realtime)
    assert b64decode(messages[-1]["data"]["audio"]) == b"".join(spoken(messages))


@pytest.mark.parametrize("format", ["wav", "mp3_stream"])
def test_audio_done_is_one_complete_file(
    server: SandboxClient, realtime: RealtimeClient, format: str
) -> None:
    whole = b64decode(speak(realtime, response_format=format)[-1]["data"]["audio"])
    duration = soundfile.info(io.BytesIO(whole)).duration
    assert duration == pytest.approx(text_seconds(server), abs=0.12)


def test_audio_done_is_empty_if_nothing_was_spoken(realtime: RealtimeClient) -> None:
    assert speak(realtime, " ")[-1]["data"]["audio"] == ""


def test_every_message_has_the_session_and_its_own_id(realtime: RealtimeClient) -> None:
    messages = speak(realtime)
    assert {each["data"]["session_id"] for each in messages} == {realtime.session}
    assert len({each["event_id"] for each in messages}) == len(messages)
    assert {frozenset(each) for each in messages} == {frozenset(("type", "event_id", "data"))}


def test_deltas_have_at_most_400_ms_and_no_duration(realtime: RealtimeClient) -> None:
    messages = speak(realtime)
    deltas = [each["data"] for each in messages if each["type"] == "tts.response.audio.delta"]
    assert {frozenset(delta) for delta in deltas} == {frozenset(("session_id", "status", "audio"))}
    assert all(0 < len(sound) / 2 / 24000 <= 0.4 for sound in spoken(messages))


def test_subtitles_come_late_with_cumulative_times(realtime: RealtimeClient) -> None:
    """Each is sent after audio of the next sentence, and all before ``audio.done``."""
    messages = speak(realtime, timestamp=True)
    kinds = [each["type"].removeprefix("tts.response.") for each in messages]
    subtitles = [each["data"] for each in messages if each["type"] == "tts.response.subtitle"]
    starts = [each["data"] for each in messages if each["type"].endswith("sentence.start")]
    assert [each["request_id"] for each in subtitles] == [each["request_id"] for each in starts]
    assert kinds.index("subtitle") > kinds.index("sentence.start", 2)
    assert kinds[-2:] == ["subtitle", "audio.done"]
    items = [item for each in subtitles for item in each["items"]]
    assert " ".join(item["text"] for item in items) == TEXT
    times = [item[edge] for item in items for edge in ("start_time", "end_time")]
    assert times == sorted(times)
    assert times[-1] <= len(b"".join(spoken(messages))) / 2 / 24000 * 1000


def test_subtitles_are_sent_only_on_request(realtime: RealtimeClient) -> None:
    assert "tts.response.subtitle" not in {each["type"] for each in speak(realtime)}


def test_text_in_create_is_ignored(realtime: RealtimeClient) -> None:
    messages = speak(realtime, "Hello", text="Something else")
    starts = [each["data"]["text"] for each in messages if each["type"].endswith("start")]
    assert starts == ["Hello"]


def test_only_the_last_delta_of_a_sentence_is_finished(realtime: RealtimeClient) -> None:
    previous = ""
    for message in speak(realtime):
        if message["type"] == "tts.response.audio.delta":
            assert previous != "finished"
            previous = message["data"]["status"]
        elif message["type"] == "tts.response.sentence.end":
            assert previous == "finished"
            previous = ""


def test_settings_apply_as_over_http(server: SandboxClient) -> None:
    settings: dict[str, Any] = {"sample_rate": 16000, "speed_ratio": 1.5, "volume_ratio": 0.5}
    with server.connect() as socket:
        streamed = b"".join(
            spoken(speak(RealtimeClient(socket), "Hello", voice_id="zixinnansheng", **settings))
        )
    same = {"sample_rate": 16000, "speed": 1.5, "volume": 0.5, "voice": "zixinnansheng"}
    assert streamed == server.speak("Hello", response_format="pcm", **same).content


@pytest.mark.parametrize("format", ["wav", "mp3", "flac", "opus"])
def test_every_delta_is_a_complete_file_without_stream_format(
    server: SandboxClient, realtime: RealtimeClient, format: str
) -> None:
    decoded = [
        soundfile.read(io.BytesIO(sound))
        for sound in spoken(speak(realtime, response_format=format))
    ]
    lengths = [len(samples) / rate for samples, rate in decoded]
    assert len(lengths) > 3
    assert all(0 < length <= 0.401 for length in lengths)
    assert sum(lengths) == pytest.approx(text_seconds(server), abs=0.001 * len(lengths))


@pytest.mark.skipif(not shutil.which("ffmpeg"), reason="ffmpeg is not installed")
@pytest.mark.parametrize("format", ["mp3_stream", "opus_stream", "flac_stream"])
def test_deltas_of_a_stream_format_join_to_one_file(
    server: SandboxClient, realtime: RealtimeClient, format: str
) -> None:
    messages = speak(realtime, response_format=format)
    command = ["ffmpeg", "-v", "error", "-i", "-", "-f", "s16le", "-ac", "1", "-ar", "24000", "-"]
    decoded = subprocess.run(
        command, input=b"".join(spoken(messages)), capture_output=True, check=True
    )
    assert decoded.stderr == b""
    assert len(decoded.stdout) / 2 / 24000 == pytest.approx(text_seconds(server), abs=0.12)


def test_incomplete_sentence_waits_for_a_flush(realtime: RealtimeClient) -> None:
    realtime.create()
    assert realtime.receive()["type"] == "tts.response.created"
    realtime.send("tts.text.delta", text="Hello th")
    with pytest.raises(TimeoutError):
        realtime.socket.recv(timeout=0.2)
    realtime.send("tts.text.delta", text="ere")
    realtime.send("tts.text.flush")
    assert realtime.receive()["type"] == "tts.text.flushed"
    started = realtime.receive()
    assert started["data"]["text"] == "Hello there"
    realtime.receive_until("tts.response.sentence.end")
    realtime.send("tts.text.flush")
    assert realtime.receive()["type"] == "tts.text.flushed"


def test_session_continues_after_an_error(realtime: RealtimeClient) -> None:
    realtime.send("tts.text.delta", text="too early")
    error = realtime.receive()
    assert error["type"] == "tts.response.error"
    assert error["data"]["code"] == "out_of_order"
    assert error["data"]["message"]
    assert error["data"]["details"] == {}
    realtime.create(voice_id="unknown")
    assert realtime.receive()["data"]["details"] == {"param": "data.voice_id"}
    realtime.socket.send("{")
    assert realtime.receive()["data"]["code"] == "request_params_invalid"
    assert speak(realtime)[-1]["type"] == "tts.response.audio.done"


def test_binary_message_is_refused(realtime: RealtimeClient) -> None:
    realtime.socket.send(b"{}")
    assert realtime.receive()["data"]["code"] == "request_params_invalid"


def test_second_done_is_an_error_and_the_session_ends_normally() -> None:
    with run_sandbox("--pace", "5") as server, server.connect() as socket:
        realtime = RealtimeClient(socket)
        realtime.create()
        realtime.send("tts.text.delta", text=TEXT)
        realtime.send("tts.text.done")
        realtime.send("tts.text.done")
        kinds = [each["type"] for each in realtime.receive_all()]
    assert kinds.count("tts.response.error") == 1
    assert kinds.count("tts.response.sentence.end") == 3
    assert kinds[-1] == "tts.response.audio.done"


def test_blocked_sentence_is_an_error_and_others_are_spoken(realtime: RealtimeClient) -> None:
    messages = speak(realtime, "Fine. A censored-sample! Fine.")
    errors = [each["data"]["code"] for each in messages if each["type"] == "tts.response.error"]
    starts = [each["data"]["text"] for each in messages if each["type"].endswith("start")]
    assert errors == ["censorship_block"]
    assert starts == ["Fine.", " Fine."]


@pytest.mark.parametrize("model", ["stepaudio-2.5-asr", "step-tts-2"])
def test_unsupported_model_is_refused_at_the_handshake(server: SandboxClient, model: str) -> None:
    response = server.refused_handshake(model)
    assert response.status_code == 400
    assert response.headers["X-Trace-Id"]
    assert json.loads(response.body or b"")["error"]["message"] == "model not supported"


@pytest.mark.parametrize("model", ["", "stepaudio-9-tts"])
def test_unknown_model_is_refused_at_the_handshake(server: SandboxClient, model: str) -> None:
    response = server.refused_handshake(model)
    assert response.status_code == 404
    assert json.loads(response.body or b"")["error"]["type"] == "model_invalid"


def test_wrong_key_is_refused_at_the_handshake(server: SandboxClient) -> None:
    with httpx.Client(headers={"Authorization": "Bearer wrong"}) as stranger:
        assert replace(server, api=stranger).refused_handshake().status_code == 401


def test_idle_session_is_closed() -> None:
    """Activity restarts the timeout."""
    with run_sandbox("--idle", "0.6") as server, server.connect() as socket:
        realtime = RealtimeClient(socket)
        realtime.create()
        for _ in range(4):
            threading.Event().wait(0.3)
            realtime.send("tts.text.flush")
        assert [realtime.receive()["type"] for _ in range(5)][-1] == "tts.text.flushed"
        with pytest.raises(ConnectionClosedOK):
            realtime.receive()


def test_sending_audio_is_activity() -> None:
    with run_sandbox("--idle", "0.5", "--pace", "2") as server, server.connect() as socket:
        messages = speak(
            RealtimeClient(socket), "This sentence takes rather longer than one second to say."
        )
    assert messages[-1]["type"] == "tts.response.audio.done"


def test_server_survives_clients_that_disappear(server: SandboxClient) -> None:
    for _ in range(3):
        with server.connect() as socket:
            realtime = RealtimeClient(socket)
            realtime.create()
            realtime.send("tts.text.delta", text=TEXT * 5)
            realtime.receive()
            realtime.socket.socket.close()
    assert server.speak("Hi").status_code == 200


def test_latency_and_pace_delay_a_sentence() -> None:
    with run_sandbox("--latency", "0.3", "--pace", "4") as server, server.connect() as socket:
        messages = speak(RealtimeClient(socket), "Hello there, this is a sentence.")
        log = server.log("realtime")
    moments = {each["message"]["type"]: each["seconds"] for each in log if "message" in each}
    length = len(b"".join(spoken(messages))) / 2 / 24000
    assert moments["tts.response.sentence.start"] - moments["tts.text.delta"] > 0.29
    spent = moments["tts.response.audio.done"] - moments["tts.response.sentence.start"]
    assert spent > (length - 0.4) / 4 - 0.02
