"""JSON errors, event streams and paced audio."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from stepcli.sandbox.http import responses
from stepcli.sandbox.http.responses import (
    BLOCKED_MARKER,
    Pacer,
    ServiceError,
    check_moderation,
    error_response,
    event_stream,
)
from stepcli.sandbox.tts.encoding import EncodedChunk


def test_error_has_the_type_of_its_status_and_the_parameter_if_known() -> None:
    assert ServiceError("no", param="voice").body() == {
        "error": {"message": "no", "type": "request_params_invalid", "param": "voice"}
    }
    assert ServiceError("no", status=404, type="model_invalid").body() == {
        "error": {"message": "no", "type": "model_invalid"}
    }
    assert ServiceError("no", status=418).type == "server_error"
    assert error_response(ServiceError("no", status=404)).status_code == 404


def test_marked_text_is_blocked() -> None:
    check_moderation("Hello")
    with pytest.raises(ServiceError) as refused:
        check_moderation(f"a {BLOCKED_MARKER}.")
    assert (refused.value.status, refused.value.type) == (451, "censorship_block")


def test_event_is_one_line_of_data() -> None:
    async def events() -> AsyncIterator[Any]:
        yield {"text": "你好"}
        yield "[DONE]"

    async def body() -> str:
        response = event_stream(events())
        assert response.media_type == "text/event-stream"
        return "".join([str(part) async for part in response.body_iterator])

    assert asyncio.run(body()) == 'data: {"text": "你好"}\n\ndata: [DONE]\n\n'


CHUNKS = [EncodedChunk(b"a", 2.0), EncodedChunk(b"b", 2.0), EncodedChunk(b"c", 2.0)]


@pytest.mark.parametrize(("pace", "waits"), [(None, []), (4.0, [0.0, 0.5, 0.5])])
def test_chunk_is_sent_when_those_before_it_have_been_played(
    pace: float | None, waits: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    now, slept = [100.0], []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        now[0] += seconds

    async def threadless(chunks: Iterator[EncodedChunk]) -> AsyncIterator[EncodedChunk]:
        for chunk in chunks:
            yield chunk

    async def paced() -> list[EncodedChunk]:
        return [chunk async for chunk in Pacer(pace).paced(iter(CHUNKS))]

    with monkeypatch.context() as patched:
        patched.setattr(responses, "iterate_in_threadpool", threadless)
        patched.setattr("asyncio.sleep", sleep)
        patched.setattr(responses, "time", SimpleNamespace(monotonic=lambda: now[0]))
        assert asyncio.run(paced()) == CHUNKS
    assert slept == waits
