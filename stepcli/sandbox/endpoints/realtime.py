"""``WS /realtime/audio``: speech for text that is still being written (PROTOCOL.md §4)."""

from __future__ import annotations

import asyncio
import time
from base64 import b64encode
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from starlette.concurrency import run_in_threadpool
from starlette.types import Message
from starlette.websockets import WebSocket, WebSocketDisconnect

from stepcli.sandbox.endpoints.models import ServiceModel, find_model
from stepcli.sandbox.endpoints.realtime_protocol import (
    STREAM_FORMATS,
    CreateData,
    EndSession,
    RealtimeServerProtocol,
    SendMessage,
    SpeakSentence,
)
from stepcli.sandbox.endpoints.speech import check_label
from stepcli.sandbox.http.responses import (
    Pacer,
    ServiceError,
    check_moderation,
    error_response,
    is_plan_request,
)
from stepcli.sandbox.state import SandboxState, new_id, sandbox_state, unix_milliseconds
from stepcli.sandbox.tts.alignment import align_sentence
from stepcli.sandbox.tts.encoding import FilePerChunkEncoder, StreamEncoder, encode
from stepcli.sandbox.tts.synthesis import Samples, SynthesisSettings

_DELTA = 0.4  # seconds of audio in one delta
_EPSILON = 1e-5  # seconds; less than one sample


async def serve_realtime(websocket: WebSocket) -> None:
    """Serve one session from handshake to close."""
    try:
        model = _model(websocket)
    except ServiceError as exc:
        return await websocket.send_denial_response(error_response(exc))
    with suppress(WebSocketDisconnect):
        await websocket.accept()
        await RealtimeSession(websocket, model).run()
        await websocket.close()
    return None


def _model(websocket: WebSocket) -> ServiceModel:
    name = websocket.query_params.get("model", "")
    model = find_model(name, plan=is_plan_request(websocket))
    if not model.realtime:
        raise ServiceError("model not supported", param="model")
    return model


@dataclass(frozen=True)
class _AudioOutput:
    """The audio settings of a session, from ``tts.create``."""

    settings: SynthesisSettings
    format: str
    encoder: StreamEncoder | FilePerChunkEncoder
    timestamp: bool
    spoken: list[Samples] = field(default_factory=list)

    def whole(self) -> bytes:
        """Return all audio of the session as one file."""
        return encode(np.concatenate(self.spoken), self.format, self.settings.rate)


class RealtimeSession:
    """Receive text and send audio concurrently until everything is spoken."""

    def __init__(self, websocket: WebSocket, model: ServiceModel) -> None:
        self._websocket, self._model = websocket, model
        self._state: SandboxState = sandbox_state(websocket)
        self._id = new_id("session-")
        self._protocol = RealtimeServerProtocol(self._id, self._create)
        self._queue: asyncio.Queue[tuple[float, SpeakSentence | EndSession]] = asyncio.Queue()
        self._pacer = Pacer(self._state.options.pace)
        self._output: _AudioOutput
        self._position = 0.0  # seconds of audio before the current sentence
        self._subtitle: dict[str, Any] | None = None  # of the previous sentence, not sent yet
        self._last_activity = time.monotonic()

    async def run(self) -> None:
        """Run until the session has ended or has been idle for too long."""
        await self._send("tts.connection.done", {})
        tasks = [asyncio.create_task(self._speak()), asyncio.create_task(self._receive())]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _receive(self) -> None:
        while (frame := await self._next_frame()) is not None:
            try:
                actions = self._protocol.receive(frame)
            except ServiceError as exc:
                await self._send_error(exc)
                continue
            for action in actions:
                if isinstance(action, SendMessage):
                    await self._send(action.type, action.data)
                else:
                    self._queue.put_nowait((time.monotonic(), action))

    async def _next_frame(self) -> str | None:
        """Return the client's next message, or ``None`` after the idle timeout."""
        while (left := self._last_activity + self._state.options.idle - time.monotonic()) > 0:
            try:
                async with asyncio.timeout(left):
                    message = await self._websocket.receive()
            except TimeoutError:
                continue
            self._last_activity = time.monotonic()
            return _text(message)
        return None

    def _create(self, data: CreateData) -> None:
        check_label(self._model, data.voice_label)
        speaker = self._state.speaker(data.voice_id, self._model, "data.voice_id")
        format = data.response_format.removesuffix("_stream")
        settings = data.synthesis_settings(
            self._model, speaker, format, speed=data.speed_ratio, volume=data.volume_ratio
        )
        streamed = data.response_format in (*STREAM_FORMATS, "pcm")
        encoder = StreamEncoder if streamed else FilePerChunkEncoder
        self._output = _AudioOutput(
            settings, format, encoder(format, settings.rate, _DELTA), data.timestamp
        )

    async def _speak(self) -> None:
        while True:
            queued_at, action = await self._queue.get()
            if isinstance(action, EndSession):
                return await self._finish()
            await asyncio.sleep(queued_at + self._state.options.latency - time.monotonic())
            try:
                check_moderation(action.sentence)
                await self._speak_sentence(action.sentence)
            except ServiceError as exc:
                await self._send_error(exc)

    async def _speak_sentence(self, sentence: str) -> None:
        performance = await self._state.synthesize(sentence, self._output.settings)
        request = {"request_id": new_id(f"{self._id}-tts.")}
        await self._send_boundary("start", sentence, request)
        await self._send_deltas(performance.samples)
        await self._send_boundary("end", sentence, request)
        if self._output.timestamp:
            timed = align_sentence(performance.shown, performance.words)
            self._subtitle = request | timed.to_json(self._position)
        self._position += performance.seconds
        self._output.spoken.append(performance.samples)

    async def _send_subtitle(self) -> None:
        """Send the word times of the previous sentence.

        This happens after the first audio of the next one, because the service's order varies.
        """
        if data := self._subtitle:
            self._subtitle = None
            await self._send("tts.response.subtitle", data)

    async def _send_deltas(self, samples: Samples) -> None:
        """Send a sentence's audio; an encoder may buffer several chunks before it returns bytes."""
        remaining = len(samples) / self._output.settings.rate
        async for chunk in self._pacer.paced(self._output.encoder.feed(samples)):
            remaining -= chunk.seconds
            last = remaining < _EPSILON
            if chunk.data or last:
                await self._send_delta(chunk.data, "finished" if last else "unfinished")
                await self._send_subtitle()

    async def _finish(self) -> None:
        if tail := self._output.encoder.finish():
            await self._send_delta(tail, "finished")
        await self._send_subtitle()
        whole = await run_in_threadpool(self._output.whole) if self._output.spoken else b""
        await self._send("tts.response.audio.done", {"audio": b64encode(whole).decode()})

    async def _send_boundary(self, edge: str, sentence: str, request: dict[str, str]) -> None:
        data = {"text": sentence, **request, "timestamp": unix_milliseconds()}
        await self._send(f"tts.response.sentence.{edge}", data)

    async def _send_delta(self, data: bytes, status: str) -> None:
        audio = b64encode(data).decode()
        await self._send("tts.response.audio.delta", {"status": status, "audio": audio})

    async def _send_error(self, error: ServiceError) -> None:
        details = {"param": error.param} if error.param else {}
        data = {"code": error.type, "message": error.message, "details": details}
        await self._send("tts.response.error", data)

    async def _send(self, type: str, data: dict[str, Any]) -> None:
        self._last_activity = time.monotonic()
        frame = {
            "type": type,
            "event_id": new_id("event-"),
            "data": {"session_id": self._id} | data,
        }
        await self._websocket.send_json(frame)


def _text(message: Message) -> str:
    """Return the text of a message, which is empty for a binary message."""
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message["code"])
    return message.get("text") or ""
