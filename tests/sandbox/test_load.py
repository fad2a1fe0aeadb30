"""Many at once."""

from __future__ import annotations

import asyncio
import json

import httpx
from websockets.asyncio.client import connect

from tests.sandbox.running import Running

KEY = {"Authorization": "Bearer sandbox-key"}
SPEECH = {"model": "stepaudio-2.5-tts", "voice": "lively-girl", "input": "Hello there"}


def test_two_hundred_requests_at_once(server: Running) -> None:
    """Each on a connection of its own, each with the same right answer."""
    expected = server.speak("Hello there").content

    async def all_of_them() -> list[httpx.Response]:
        limits = httpx.Limits(max_connections=200)
        async with httpx.AsyncClient(headers=server.api.headers, limits=limits, timeout=60) as api:
            url = f"{server.base}/audio/speech"
            return await asyncio.gather(*(api.post(url, json=SPEECH) for _ in range(200)))

    answers = asyncio.run(all_of_them())
    assert {answer.status_code for answer in answers} == {200}
    assert {answer.content for answer in answers} == {expected}


def test_fifty_websockets_at_once(server: Running) -> None:
    """All open at the same time, each with its own session, each spoken to its end."""
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

    told = asyncio.run(all_of_them())
    assert len({session for session, _ in told}) == 50
    assert {tuple(types) for _, types in told} == {tuple(told[0][1])}
    assert told[0][1][-1] == "tts.response.audio.done"
    assert max(each["connection"]["peak"] for each in server.log("realtime")) >= 50


def test_the_log_tells_how_many_there_were_at_once(server: Running) -> None:
    """Connections and requests in progress, so that a client can be held to its limit."""
    assert server.is_alone()
    with httpx.Client(headers=server.api.headers) as api:
        server.control("DELETE", "log")
        for _ in range(3):
            api.post(f"{server.base}/audio/speech", json=SPEECH)
    entries = server.log("speech")
    assert [each["busy"] for each in entries] == [1, 1, 1]
    assert len({each["connection"]["id"] for each in entries}) == 1
