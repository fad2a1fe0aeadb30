"""The samples of the protocol, as the client asks them and reads their answers.

The sandbox is held to the same files on its own (tests/sandbox/test_samples.py), so a misspelt key
would have to be misspelt twice.
"""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from stepcli.api import files, voices
from stepcli.api.catalog import TextNormalization
from stepcli.api.client import Client
from stepcli.api.endpoint import Endpoint
from stepcli.api.realtime import (
    AudioReceived,
    RealtimeProtocol,
    SentenceStarted,
    SessionFailed,
    SessionFinished,
    StreamRequest,
)
from stepcli.api.recognition import RecognitionRequest, TranscriptDelta, TranscriptDone, recognize
from stepcli.api.speech import SpeechRequest, speak
from stepcli.api.spoken_sentence import SpokenSentence
from stepcli.audio_types import PCM, AudioFormat, Recording
from stepcli.base_url import BaseURL
from stepcli.errors import (
    AuthError,
    ContentError,
    OutOfCreditError,
    QuotaError,
    StepcliError,
    UnknownVoiceError,
    UsageError,
)
from tests.support.raw_server import Request, http, raw_server

SAMPLES = Path(__file__).parents[1] / "samples"
SOUND = b"ID3\x04sound"
SOUNDS = {
    "wav": b"RIFF\x2a\0\0\0WAVEfmt \x10\0\0\0" + bytes(16) + b"data\4\0\0\0\1\0\2\0",
    "flac": b"fLaCsound",
    "opus": b"OggSsound",
    "pcm": b"\1\0\2\0",
}
"""The audio of each answer that is not MP3, as far as its beginning is checked."""
KEY = "sandbox-key"

Ask = Callable[[Client], Any]


def _speak(**more: Any) -> Ask:
    events = more.pop("events", False)

    def ask(client: Client) -> bytes:
        with speak(client, SpeechRequest(**more), events=events) as sound:
            return b"".join(sound)

    return ask


def _sentences(client: Client) -> Sequence[SpokenSentence]:
    with speak(client, SpeechRequest("Dinner is ready.", timestamp=True)) as audio:
        assert b"".join(audio)
        return audio.sentences


def _recognize(recording: Recording, **more: Any) -> Ask:
    def ask(client: Client) -> list[TranscriptDelta | TranscriptDone]:
        with recognize(client, RecognitionRequest(recording, **more)) as events:
            return list(events)

    return ask


def _recording(container: str, pcm: PCM | None = None) -> Recording:
    return Recording(container, len(SOUND), lambda: iter([SOUND]), pcm)


def _sample(name: str) -> dict[str, Any]:
    sample: dict[str, Any] = json.loads((SAMPLES / f"{name}.json").read_text())
    return sample


def _sound(sample: dict[str, Any]) -> bytes:
    return SOUNDS.get(sample["request"].get("json", {}).get("response_format", ""), SOUND)


def _replay(sample: dict[str, Any]) -> bytes:
    """The sample's answer as bytes on the wire."""
    answer = sample["answer"]
    if "json" in answer:
        body = json.dumps(answer["json"]).encode()
    elif "sse" in answer:
        lines = (one if isinstance(one, str) else json.dumps(one) for one in answer["sse"])
        body = "".join(f"data: {line}\n\n" for line in lines).encode()
    else:
        body = _sound(sample)
    return http(body, kind=answer["content_type"], status=f"{answer['status']} -")


def _asked(sample: dict[str, Any], ask: Ask) -> tuple[Any, Request]:
    """What the client made of the answer (or its failure), and what it had sent."""
    with (
        raw_server(_replay(sample)) as server,
        Client(Endpoint(BaseURL.parse(server.base), "sandbox-key", retries=0)) as client,
    ):
        try:
            result = ask(client)
        except StepcliError as failure:
            result = failure
        return result, server.requests[0]


def _is_addressed_as(sample: dict[str, Any], request: Request) -> bool:
    expected = sample["request"]
    path = request.target.partition("?")[0]
    return (request.method, path) == (expected["method"], expected["path"])


SPEECH: dict[str, Ask] = {
    "speech-all-fields": _speak(
        text="(warmly) **Dinner** is ready, LOL.",
        format=AudioFormat.WAV,
        speed=1.25,
        volume=0.8,
        sample_rate=16000,
        instruction="Speak warmly.",
        pronunciations=("阿胶/e1胶", "LOL/laugh out loudly"),
        markdown=True,
    ),
    "speech-flac": _speak(text="Dinner is ready.", format=AudioFormat.FLAC),
    "speech-opus": _speak(text="Dinner is ready.", format=AudioFormat.OPUS),
    "speech-pcm": _speak(text="Dinner is ready.", format=AudioFormat.PCM),
    "speech-normalized": _speak(
        text="Dinner is ready.", text_normalization=TextNormalization.ENHANCED
    ),
    "speech-events": _speak(text="Dinner is ready.", events=True),
}


@pytest.mark.parametrize("name", SPEECH)
def test_speech(name: str) -> None:
    """The client sends the sample's fields; what it did not ask for it does not say."""
    sample = _sample(name)
    sound, request = _asked(sample, SPEECH[name])
    assert sound == _sound(sample)
    assert _is_addressed_as(sample, request)
    assert request.headers["authorization"] == sample["request"]["headers"]["authorization"]
    explicit = {"response_format": "mp3"} | sample["request"]["json"]
    assert request.json == explicit


RECOGNITION: dict[str, Ask] = {
    "recognition": _recognize(_recording("wav"), language="en", hotwords=("StepFun",)),
    "recognition-timed": _recognize(
        _recording("ogg"), language="en", hotwords=("x",), timestamps=True
    ),
    "recognition-pcm": _recognize(_recording("pcm", PCM(24000)), language="en"),
}


@pytest.mark.parametrize("name", RECOGNITION)
def test_recognition(name: str) -> None:
    """The body has the sample's names; deltas and the end are read with their times and usage."""
    sample = _sample(name)
    heard, request = _asked(sample, RECOGNITION[name])
    assert _is_addressed_as(sample, request)
    assert request.headers["accept"] == "text/event-stream"
    assert int(request.headers["content-length"]) == len(request.body)

    wanted, got = sample["request"]["json"]["audio"], request.json["audio"]
    assert set(got) == set(wanted)
    assert b64decode(got["data"]) == SOUND
    assert set(got["input"]) == set(wanted["input"])
    assert set(got["input"]["format"]) == set(wanted["input"]["format"])
    assert set(wanted["input"]["transcription"]) <= set(got["input"]["transcription"])

    *deltas, done = heard
    *reported, end = sample["answer"]["sse"]
    assert [delta.text for delta in deltas] == [event["delta"] for event in reported]
    if "end_time" in reported[0]:
        assert [delta.end for delta in deltas] == [event["end_time"] / 1000 for event in reported]
    assert (done.text, done.usage) == (end["text"], end["usage"])
    assert done.session_id == end["meta"]["session_id"]


def test_recognition_error() -> None:
    """An error event is a failure with the service's words and its session."""
    sample = _sample("recognition-error")
    failure, _ = _asked(sample, _recognize(_recording("wav"), language="zh"))
    assert isinstance(failure, UsageError)
    assert sample["answer"]["sse"][0]["message"] in failure.message
    assert failure.trace_id == sample["answer"]["sse"][0]["meta"]["session_id"]


def test_quota_as_an_event_is_a_quota_error() -> None:
    failure, _ = _asked(_sample("recognition-quota"), _recognize(_recording("wav"), language="en"))
    assert isinstance(failure, QuotaError)
    assert "quota exceeded" in failure.message


def test_silence_is_an_empty_transcript() -> None:
    (done,), _ = _asked(
        _sample("recognition-silence"), _recognize(_recording("wav"), language="en")
    )
    assert done == TranscriptDone("", session_id="asr-sample")


def test_deltas_are_the_text_if_the_final_text_is_empty() -> None:
    sample = _sample("recognition-empty-done")
    (*deltas, done), _ = _asked(sample, _recognize(_recording("wav"), language="en"))
    assert done.text == "".join(delta.text for delta in deltas) != ""


@pytest.mark.parametrize("name", ["recognition-too-large", "recognition-too-large-body"])
def test_audio_over_the_limit_is_a_usage_error(name: str) -> None:
    failure, _ = _asked(_sample(name), _recognize(_recording("wav"), language="en"))
    assert isinstance(failure, UsageError)
    assert "exceeds maximum allowed size 10485760 bytes" in failure.message


def test_times_of_zero_are_no_times() -> None:
    sample = _sample("recognition-zero-times")
    events, _ = _asked(sample, _recognize(_recording("ogg"), language="en", timestamps=False))
    *deltas, _ = events
    assert {(delta.start, delta.end) for delta in deltas} == {(None, None)}


def test_m4a_is_sent_as_it_is() -> None:
    sample = _sample("recognition-m4a")
    _, request = _asked(sample, _recognize(_recording("m4a"), language="en"))
    format = sample["request"]["json"]["audio"]["input"]["format"]
    assert request.json["audio"]["input"]["format"] == format


def test_subtitles_between_deltas_do_not_disturb_the_audio() -> None:
    sample = _sample("speech-subtitles")
    sound, _ = _asked(sample, _speak(text="Dinner is ready.", events=True))
    deltas = [each for each in sample["answer"]["sse"] if "audio" in each]
    assert sound == b"".join(b64decode(each["audio"]) for each in deltas)


def test_subtitles_are_the_sentences_of_the_audio() -> None:
    sample = _sample("speech-subtitles")
    sentences, request = _asked(sample, _sentences)
    assert request.json["timestamp"] is True
    assert request.json["stream_format"] == "sse"
    (event,) = [each for each in sample["answer"]["sse"] if "data" in each]
    assert [sentence.text for sentence in sentences] == [event["data"]["text"]]
    assert [item.text for item in sentences[0].items] == [
        item["text"] for item in event["data"]["items"]
    ]


@pytest.mark.parametrize(
    "name",
    ["realtime", "realtime-old", "realtime-whole", "realtime-all-fields", "realtime-subtitles"],
)
def test_realtime_messages_of_any_edition_mean_the_same(name: str) -> None:
    protocol = RealtimeProtocol(StreamRequest(SpeechRequest(text="")))
    sentences, sound, finished = [], b"", False
    frames = _sample(name)["answer"]["frames"]
    deltas = sum("audio.delta" in each.get("server", {}).get("type", "") for each in frames)
    for frame in frames:
        if "client" in frame:
            if frame["client"]["type"] == "tts.create":
                protocol.create()
            continue
        match protocol.receive(json.dumps(frame["server"])):
            case SentenceStarted(text):
                sentences.append(text)
            case AudioReceived(data):
                sound += data
            case SessionFinished(data):
                assert data == b""
                finished = True
    assert finished
    assert sentences[0].startswith("Dinner is ready")
    assert sound == b"sound" * deltas


def test_realtime_error_keeps_its_words() -> None:
    (frame,) = (
        each["server"]
        for each in _sample("realtime-error")["answer"]["frames"]
        if each.get("server", {}).get("type") == "tts.response.error"
    )
    event = RealtimeProtocol(StreamRequest(SpeechRequest(text=""))).receive(json.dumps(frame))
    assert isinstance(event, SessionFailed)


REFERENCE = voices.VoiceReference("file-sample")


@pytest.mark.parametrize(
    ("name", "ask", "expected"),
    [
        (
            "voices-preview",
            lambda client: voices.preview(client, REFERENCE, "This is how I sound.").sound,
            SOUND,
        ),
        ("voices-clone", lambda client: voices.clone(client, REFERENCE).id, "voice-tone-sample"),
        (
            "voices-list",
            lambda client: [voice.id for voice in voices.cloned_voices(client)],
            ["voice-tone-sample"],
        ),
        ("files-upload", lambda client: files.upload(client, SOUND), "file-sample"),
        ("files-delete", lambda client: files.delete(client, "file-sample"), None),
    ],
)
def test_voices_and_files(name: str, ask: Ask, expected: object) -> None:
    """Method, base, path and body of each; the answer's ids and sound are found."""
    sample = _sample(name)
    result, request = _asked(sample, ask)
    assert result == expected
    assert _is_addressed_as(sample, request)
    for key, value in sample["request"].get("json", {}).items():
        if key != "text":
            assert request.json[key] == value
    if "multipart" in sample["request"]:
        assert b'name="purpose"\r\n\r\nstorage' in request.body
        assert b'name="file"; filename="sample.wav"' in request.body


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("refused-content", ContentError),
        ("refused-key", AuthError),
        ("refused-label", UsageError),
        ("refused-model", UsageError),
        ("refused-parameter", UsageError),
        ("refused-path", UsageError),
        ("refused-unknown-model", UsageError),
        ("refused-voice", UnknownVoiceError),
        ("refused-timestamp", UsageError),
        ("refused-quota", OutOfCreditError),
        ("refused-quota-400", OutOfCreditError),
        ("refused-rate", QuotaError),
        ("refused-concurrency", QuotaError),
        ("refused-content-400", ContentError),
    ],
)
def test_refusals(name: str, kind: type[StepcliError]) -> None:
    """Each refusal is the error of its kind, with the service's own words."""
    sample = _sample(name)
    failure, _ = _asked(sample, _speak(text="Hi."))
    assert type(failure) is kind
    assert failure.status == sample["answer"]["status"]
    assert sample["answer"]["json"]["error"]["message"] in failure.message


def test_samples_are_there() -> None:
    """A sample that is renamed is missed here, not passed over."""
    assert {path.stem for path in SAMPLES.glob("*.json")} >= {*SPEECH, *RECOGNITION}
