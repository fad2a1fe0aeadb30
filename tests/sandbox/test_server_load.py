"""Many concurrent clients."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator

import httpx
import pytest
from websockets.asyncio.client import connect

from tests.sandbox.client import SandboxClient, run_sandbox

KEY = {"Authorization": "Bearer sandbox-key"}
SPEECH = {"model": "stepaudio-2.5-tts", "voice": "lively-girl", "input": "Hello there"}


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxClient]:
    """A sandbox without a limit of concurrent requests."""
    with run_sandbox("--concurrency", "0") as server:
        yield server


def test_a_hundred_concurrent_requests_are_answered(server: SandboxClient) -> None:
    """Each on its own connection, all with the same audio."""
    expected = server.speak("Hello there").content

    async def all_of_them() -> list[httpx.Response]:
        limits = httpx.Limits(max_connections=100)
        async with httpx.AsyncClient(headers=server.api.headers, limits=limits, timeout=60) as api:
            url = f"{server.base}/audio/speech"
            return await asyncio.gather(*(api.post(url, json=SPEECH) for _ in range(100)))

    responses = asyncio.run(all_of_them())
    assert {response.status_code for response in responses} == {200}
    assert {response.content for response in responses} == {expected}


def test_fifty_concurrent_websockets_are_served(server: SandboxClient) -> None:
    """Each has its own session and ends normally."""
    url = f"{server.base.replace('http', 'ws', 1)}/realtime/audio?model=stepaudio-2.5-tts"
    gate = asyncio.Barrier(50)

    async def one() -> tuple[str, list[str]]:
        async with connect(url, additional_headers=KEY) as socket:
            session = json.loads(await socket.recv())["data"]["session_id"]
            await gate.wait()
            for type, data in (
                ("tts.create", {"voice_id": "lively-girl", "response_format": "pcm"}),
                ("tts.text.delta", {"text": "Hello there. How are you?"}),
                ("tts.text.done", {}),
            ):
                message = {"type": type, "data": {"session_id": session} | data}
                await socket.send(json.dumps(message))
            return session, [json.loads(raw)["type"] async for raw in socket]

    async def all_of_them() -> list[tuple[str, list[str]]]:
        return await asyncio.gather(*(one() for _ in range(50)))

    result = asyncio.run(all_of_them())
    assert len({session for session, _ in result}) == 50
    assert {tuple(types) for _, types in result} == {tuple(result[0][1])}
    assert result[0][1][-1] == "tts.response.audio.done"
    assert max(each["connection"]["peak"] for each in server.log("realtime")) >= 50
