"""Which base a preview is requested from."""

from __future__ import annotations

import io
import json
import wave
from base64 import b64encode
from collections.abc import Mapping
from socket import socket

import pytest

from stepcli.api.client import Client
from stepcli.api.endpoint import Endpoint
from stepcli.api.voices import Preview, VoiceReference, preview
from stepcli.base_url import BaseURL
from stepcli.errors import StepcliError
from tests.support.raw_server import Request, http, raw_server, service_error

PLAN, OPEN = "/step_plan/v1/audio/voices/preview", "/v1/audio/voices/preview"
PLAIN_404 = http(b"404 page not found", kind="text/plain", status="404 Not Found")


def _wav() -> bytes:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(24000)
        file.writeframes(bytes(4800))
    return buffer.getvalue()


ANSWER = json.dumps({"sample_text": "Hi", "sample_audio": b64encode(_wav()).decode()}).encode()
PREVIEW = http(ANSWER, kind="application/json")


class Service:
    """A service with `answers` by path, and what a client of it did."""

    def __init__(self, answers: Mapping[str, bytes], base: str = "/step_plan/v1") -> None:
        self._answers, self._base = answers, base
        self.paths: list[str] = []
        self.notes: list[str] = []

    def preview(self) -> Preview:
        with raw_server(self._answer) as server:
            url = BaseURL.parse(server.base.replace("/step_plan/v1", self._base))
            with Client(Endpoint(url, "key", retries=2)) as client:
                reference = VoiceReference("file-1")
                return preview(client, reference, "Hi", notify=self.notes.append)

    def _answer(self, connection: socket, request: Request) -> None:
        self.paths.append(request.target)
        connection.sendall(self._answers[self.paths[-1]])


def test_plan_base_is_enough() -> None:
    service = Service({PLAN: PREVIEW})
    assert service.preview().text == "Hi"
    assert (service.paths, service.notes) == ([PLAN], [])


def test_open_base_replaces_a_plan_base_without_previews_and_is_announced() -> None:
    service = Service({PLAN: PLAIN_404, OPEN: PREVIEW})
    assert service.preview().text == "Hi"
    assert service.paths == [PLAN, OPEN]
    assert len(service.notes) == 1
    assert "/v1, which charges the account" in service.notes[0]


@pytest.mark.parametrize(
    "answer",
    [
        service_error("404 Not Found", "model_invalid"),
        service_error("404 Not Found", "not_found"),
        service_error("400 Bad Request", "request_params_invalid"),
        service_error("401 Unauthorized", "invalid_api_key"),
        service_error("402 Payment Required", "quota_exceeded"),
        http(b"{}", kind="application/json"),
    ],
)
def test_no_other_failure_moves_the_request_to_the_open_base(answer: bytes) -> None:
    service = Service({PLAN: answer})
    with pytest.raises(StepcliError):
        service.preview()
    assert (service.paths, service.notes) == ([PLAN], [])


@pytest.mark.parametrize(
    "answer", [PLAIN_404, service_error("503 Service Unavailable", "overloaded")]
)
def test_open_base_is_asked_once(answer: bytes) -> None:
    service = Service({PLAN: PLAIN_404, OPEN: answer})
    with pytest.raises(StepcliError):
        service.preview()
    assert service.paths == [PLAN, OPEN]


def test_open_base_as_the_base_has_no_replacement() -> None:
    service = Service({OPEN: PLAIN_404}, base="/v1")
    with pytest.raises(StepcliError):
        service.preview()
    assert (service.paths, service.notes) == ([OPEN], [])
