"""Speech requests: only a complete response that is audio of the format is a success."""

from __future__ import annotations

import gzip
import json
from base64 import b64encode, encodebytes

import pytest

from stepcli.api.client import Client
from stepcli.api.endpoint import Endpoint
from stepcli.api.speech import SpeechRequest, check, speak
from stepcli.audio_types import AudioFormat
from stepcli.base_url import BaseURL
from stepcli.errors import (
    AuthError,
    ContentError,
    NetworkError,
    OutOfCreditError,
    QuotaError,
    StepcliError,
    UsageError,
)
from tests.api.test_audio_payload import AUDIO, NOT_AUDIO, wav
from tests.support.raw_server import http, raw_server

TYPES = ("audio/mpeg", "application/octet-stream", "application/problem+json", "application/json",
         "text/html", "text/plain", "")  # fmt: skip


def spoken(answer: bytes, format: AudioFormat = AudioFormat.MP3, *, events: bool = False) -> bytes:
    """What a client makes of `answer`."""
    with (
        raw_server(answer) as server,
        Client(Endpoint(BaseURL.parse(server.base), "sandbox-key", 5, retries=0)) as client,
        speak(client, SpeechRequest("Hi.", format=format), events=events) as blocks,
    ):
        assert server.requests[0].headers["accept-encoding"] == "identity"
        return b"".join(blocks)


def sse(*events: object) -> bytes:
    body = b"".join(b"data: %s\n\n" % json.dumps(one).encode() for one in events)
    return http(body, kind="text/event-stream")


def delta(data: bytes) -> dict[str, str]:
    return {"type": "speech.audio.delta", "audio": b64encode(data).decode()}


DONE = {"type": "speech.audio.done", "audio": ""}


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("format", AUDIO)
def test_bytes_decide_not_the_media_type(format: AudioFormat, kind: str) -> None:
    assert spoken(http(AUDIO[format], kind=kind), format) == AUDIO[format]


@pytest.mark.parametrize("format", AUDIO)
@pytest.mark.parametrize("data", NOT_AUDIO.values(), ids=NOT_AUDIO)
def test_body_that_is_not_audio_fails(data: bytes, format: AudioFormat) -> None:
    for kind in TYPES:
        with pytest.raises(NetworkError):
            spoken(http(data, kind=kind), format)


@pytest.mark.parametrize("format", AUDIO)
@pytest.mark.parametrize("data", NOT_AUDIO.values(), ids=NOT_AUDIO)
def test_events_that_carry_no_audio_fail(data: bytes, format: AudioFormat) -> None:
    with pytest.raises(NetworkError):
        spoken(sse(delta(data), DONE), format, events=True)
    with pytest.raises(NetworkError):
        spoken(sse(DONE), format, events=True)


def test_text_between_deltas_fails() -> None:
    with pytest.raises(NetworkError, match="JSON or HTML instead of audio"):
        spoken(sse(delta(AUDIO[AudioFormat.PCM]), delta(NOT_AUDIO["long-json"]), DONE),
               AudioFormat.PCM, events=True)  # fmt: skip


@pytest.mark.parametrize("type", ["speech.audio.error", "error", "other"])
def test_error_event_is_reported_after_audio_too(type: str) -> None:
    event = {"type": type, "error": {"message": "the reason", "code": "quota_exceeded"}}
    with pytest.raises(QuotaError, match="the reason"):
        spoken(sse(delta(AUDIO[AudioFormat.MP3]), event), events=True)


def test_base64_in_events_may_have_line_breaks() -> None:
    sound = AUDIO[AudioFormat.MP3]
    event = {"type": "speech.audio.delta", "audio": encodebytes(sound).decode()}
    assert spoken(sse(event, DONE), events=True) == sound


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ({"message": "no", "type": "quota_exceeded"}, OutOfCreditError),
        ({"message": "quota exceeded"}, OutOfCreditError),
        ({"message": "no", "code": "invalid_api_key"}, AuthError),
        ({"message": "no", "type": "censorship_block"}, ContentError),
        ({"message": "something else"}, NetworkError),
        ("a string", NetworkError),
    ],
)
@pytest.mark.parametrize("kind_of_body", ["audio/mpeg", "application/problem+json", ""])
@pytest.mark.parametrize("padding", [0, 5000])
def test_error_in_place_of_audio_is_reported(
    error: object, kind: type[StepcliError], kind_of_body: str, padding: int
) -> None:
    body = json.dumps({"padding": "x" * padding, "error": error}).encode()
    for format in (AudioFormat.MP3, AudioFormat.PCM):
        with pytest.raises(kind) as caught:
            spoken(http(body, kind=kind_of_body), format)
        assert type(caught.value) is kind
        assert caught.value.status == 200


@pytest.mark.parametrize("status", ["202 Accepted", "204 No Content", "206 Partial Content"])
def test_other_statuses_of_success_are_not_audio(status: str) -> None:
    with pytest.raises(NetworkError):
        spoken(http(AUDIO[AudioFormat.MP3], kind="audio/mpeg", status=status))


def closed_at_the_end(body: bytes, more: str = "") -> bytes:
    """A response that ends where the connection does."""
    return f"HTTP/1.1 200 OK\r\nContent-Type: audio/wav\r\n{more}\r\n".encode() + body


def test_wav_ends_where_its_header_says() -> None:
    whole = wav(bytes(5000))
    assert spoken(closed_at_the_end(whole), AudioFormat.WAV) == whole
    for answer in (closed_at_the_end(whole[:-100]), http(whole[:-100], kind="audio/wav")):
        with pytest.raises(NetworkError, match="without its last 100 bytes"):
            spoken(answer, AudioFormat.WAV)


def test_compressed_bodies_are_decoded_to_a_clean_end() -> None:
    sound = wav(bytes(range(250)) * 40)
    members = gzip.compress(sound[:5000]) + gzip.compress(sound[5000:])
    encoding = "Content-Encoding: gzip\r\n"
    assert spoken(closed_at_the_end(members, encoding), AudioFormat.WAV) == sound
    for damaged in (members[:-20], gzip.compress(sound)[:-1], members + b"x"):
        head = f"HTTP/1.1 200 OK\r\n{encoding}Content-Length: {len(damaged)}\r\n\r\n".encode()
        with pytest.raises(NetworkError):
            spoken(head + damaged, AudioFormat.WAV)


def test_unsupported_encoding_is_named() -> None:
    answer = closed_at_the_end(AUDIO[AudioFormat.WAV], "Content-Encoding: br\r\n")
    with pytest.raises(NetworkError, match="unsupported Content-Encoding: br"):
        spoken(answer, AudioFormat.WAV)


def test_only_limits_of_documented_models_are_checked() -> None:
    check(SpeechRequest("", model="tomorrows-model", speed=9.0))
    check(SpeechRequest("", model="stepaudio-3-tts", speed=2.0))
    with pytest.raises(UsageError, match="--speed 9 is outside"):
        check(SpeechRequest("", speed=9.0))
