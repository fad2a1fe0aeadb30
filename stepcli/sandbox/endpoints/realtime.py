"""``WS /realtime/audio``: text as it is written to sound as it is spoken (protocol.md §4)."""

from __future__ import annotations

import asyncio
import time
from base64 import b64encode
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from starlette.types import Message
from starlette.websockets import WebSocket, WebSocketDisconnect

from stepcli.sandbox.endpoints.realtime_protocol import (
    STREAMED,
    Create,
    Dialogue,
    Finish,
    Reply,
    Speak,
)
from stepcli.sandbox.endpoints.speech_options import check_label
from stepcli.sandbox.http.errors import Refusal, moderate
from stepcli.sandbox.http.responses import Pacer, on_plan, refused
from stepcli.sandbox.models import Model, find_model
from stepcli.sandbox.state import Service, new_id, service_of
from stepcli.sandbox.tts.encoding import Files, Piece, Stream
from stepcli.sandbox.tts.synthesis import Delivery, Pcm

_DELTA = 0.4  # seconds of sound in one delta
_LEAST = 1e-5  # seconds; less is no sample


async def realtime(websocket: WebSocket) -> None:
    """One session from handshake to close."""
    try:
        model = _model(websocket)
    except Refusal as refusal:
        return await websocket.send_denial_response(refused(refusal))
    with suppress(WebSocketDisconnect):
        await websocket.accept()
        await Session(websocket, model).run()
        await websocket.close()
    return None


def _model(websocket: WebSocket) -> Model:
    model = find_model(websocket.query_params.get("model", ""), plan=on_plan(websocket))
    if not model.realtime:
        raise Refusal("model not supported", param="model")
    return model


@dataclass(frozen=True)
class _Spoken:
    """How a session sounds, from its ``tts.create`` on."""

    delivery: Delivery
    packer: Stream | Files


class Session:
    """Listens and speaks at the same time, until all is spoken or nobody is there any more."""

    def __init__(self, websocket: WebSocket, model: Model) -> None:
        self._websocket, self._model = websocket, model
        self._service: Service = service_of(websocket)
        self._id = new_id("session-")
        self._dialogue = Dialogue(self._id, self._begin)
        self._to_speak: asyncio.Queue[tuple[float, Speak | Finish]] = asyncio.Queue()
        self._pacer = Pacer(self._service.options.pace)
        self._spoken: _Spoken
        self._position = 0.0  # seconds of sound so far
        self._active = time.monotonic()

    async def run(self) -> None:
        """To the end of the dialogue, or until it has been idle for too long."""
        await self._send("tts.connection.done", {})
        sides = [asyncio.create_task(self._speak()), asyncio.create_task(self._listen())]
        try:
            done, _ = await asyncio.wait(sides, return_when=asyncio.FIRST_COMPLETED)
            for side in done:
                side.result()
        finally:
            for side in sides:
                side.cancel()
            await asyncio.gather(*sides, return_exceptions=True)

    async def _listen(self) -> None:
        while (frame := await self._next_frame()) is not None:
            try:
                steps = self._dialogue.receive(frame)
            except Refusal as refusal:
                await self._refuse(refusal)
                continue
            for step in steps:
                if isinstance(step, Reply):
                    await self._send(step.type, step.data)
                else:
                    self._to_speak.put_nowait((time.monotonic(), step))

    async def _next_frame(self) -> str | None:
        """The next message of the client; ``None`` when there was no activity for too long."""
        while (left := self._active + self._service.options.idle - time.monotonic()) > 0:
            try:
                async with asyncio.timeout(left):
                    message = await self._websocket.receive()
            except TimeoutError:
                continue
            self._active = time.monotonic()
            return _text(message)
        return None

    def _begin(self, asked: Create) -> None:
        check_label(self._model, asked.voice_label)
        voice = self._service.voice(asked.voice_id, "data.voice_id")
        format = asked.response_format.removesuffix("_stream")
        delivery = asked.delivery(
            self._model, voice, format, speed=asked.speed_ratio, volume=asked.volume_ratio
        )
        kind = Stream if asked.response_format in (*STREAMED, "pcm") else Files
        self._spoken = _Spoken(delivery, kind(format, delivery.rate, _DELTA))

    async def _speak(self) -> None:
        while True:
            since, step = await self._to_speak.get()
            if isinstance(step, Finish):
                return await self._finish()
            await asyncio.sleep(since + self._service.options.latency - time.monotonic())
            try:
                moderate(step.sentence)
                await self._sentence(step.sentence)
            except Refusal as refusal:
                await self._refuse(refusal)

    async def _sentence(self, sentence: str) -> None:
        sound = await self._service.speak(sentence, self._spoken.delivery)
        await self._mark("start", sentence, "started_at")
        await self._deltas(sound)
        self._position += len(sound) / self._spoken.delivery.rate
        await self._mark("end", sentence, "ended_at")

    async def _deltas(self, sound: Pcm) -> None:
        """All of a sentence. An encoder may gather several pieces before it gives any bytes."""
        left, gathered = len(sound) / self._spoken.delivery.rate, 0.0
        async for piece in self._pacer.paced(self._spoken.packer.feed(sound)):
            left, gathered = left - piece.seconds, gathered + piece.seconds
            last = left < _LEAST
            if piece.data or last:
                await self._delta(Piece(piece.data, gathered), "finished" if last else "unfinished")
                gathered = 0.0

    async def _finish(self) -> None:
        if tail := self._spoken.packer.finish():
            await self._delta(Piece(tail, 0.0), "finished")
        await self._send("tts.response.audio.done", {"audio": ""})

    async def _mark(self, edge: str, sentence: str, moment: str) -> None:
        """Tell where in the session's sound, in milliseconds, a sentence starts or ends."""
        position = round(self._position * 1000)
        await self._send(f"tts.response.sentence.{edge}", {"text": sentence, moment: position})

    async def _delta(self, piece: Piece, status: str) -> None:
        audio = b64encode(piece.data).decode()
        data = {"status": status, "audio": audio, "duration": round(piece.seconds, 6)}
        await self._send("tts.response.audio.delta", data)

    async def _refuse(self, refusal: Refusal) -> None:
        details = {"param": refusal.param} if refusal.param else {}
        data = {"code": refusal.type, "message": refusal.message, "details": details}
        await self._send("tts.response.error", data)

    async def _send(self, type: str, data: dict[str, Any]) -> None:
        self._active = time.monotonic()
        frame = {
            "type": type,
            "event_id": new_id("event-"),
            "data": {"session_id": self._id} | data,
        }
        await self._websocket.send_json(frame)


def _text(message: Message) -> str:
    """What a message says; one of bytes says nothing."""
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message["code"])
    return message.get("text") or ""
