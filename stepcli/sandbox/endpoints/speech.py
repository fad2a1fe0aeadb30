"""``POST /audio/speech``: one text to one file of sound (protocol.md §3)."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from stepcli.sandbox.endpoints.speech_options import Sounding, VoiceLabel, check_label
from stepcli.sandbox.http.errors import Refusal, moderate
from stepcli.sandbox.http.responses import Pacer, events, on_plan, read_json
from stepcli.sandbox.http.validation import choice, flag, number, optional, record, required, text
from stepcli.sandbox.models import find_model
from stepcli.sandbox.state import Download, Service, new_id, now, service_of
from stepcli.sandbox.tts.encoding import MEDIA_TYPES, Piece, encode, pieces
from stepcli.sandbox.tts.synthesis import Delivery

URL_LIFE = 12 * 3600  # seconds


@dataclass(frozen=True, kw_only=True)
class SpeechRequest(Sounding):
    """The body of ``/audio/speech``."""

    model: str = required(text())
    input: str = required(text(1, 1000))
    voice: str = required(text())
    speed: float = optional(number(0.5, 2.0), 1.0)
    volume: float = optional(number(0.1, 2.0), 1.0)
    voice_label: VoiceLabel | None = optional(record(VoiceLabel))
    stream_format: str = optional(choice("audio", "sse"), "audio")
    return_url: bool = optional(flag(), False)


async def speech(request: Request) -> Response:
    """Sound for a text: bytes, events or a URL, as asked."""
    service = service_of(request)
    asked = await read_json(request, SpeechRequest)
    delivery = _delivery(asked, service, plan=on_plan(request))
    sound = await service.speak(asked.input, delivery)
    format, rate = asked.response_format, delivery.rate
    if asked.return_url:
        data = await run_in_threadpool(encode, sound, format, rate)
        return JSONResponse(_store(data, format, request))
    stream = Pacer(service.options.pace).paced(pieces(sound, format, rate))
    if asked.stream_format == "sse":
        return events(_deltas(stream))
    return StreamingResponse(_bytes(stream), media_type=MEDIA_TYPES[format])


def _delivery(asked: SpeechRequest, service: Service, *, plan: bool) -> Delivery:
    """How the text is to be spoken, once the request as a whole is known to be allowed."""
    model = find_model(asked.model, plan=plan)
    check_label(model, asked.voice_label)
    if asked.return_url and asked.stream_format == "sse":
        raise Refusal("return_url cannot be had with stream_format sse", param="return_url")
    moderate(asked.input)
    voice = service.voice(asked.voice, "voice")
    format = asked.response_format
    return asked.delivery(model, voice, format, speed=asked.speed, volume=asked.volume)


async def _bytes(stream: AsyncIterator[Piece]) -> AsyncIterator[bytes]:
    async for piece in stream:
        if piece.data:
            yield piece.data


async def _deltas(stream: AsyncIterator[Piece]) -> AsyncIterator[Mapping[str, Any] | str]:
    async for data in _bytes(stream):
        yield {"type": "speech.audio.delta", "audio": b64encode(data).decode()}
    yield {"type": "speech.audio.done", "audio": ""}
    yield "[DONE]"


def _store(data: bytes, format: str, request: Request) -> dict[str, Any]:
    """The shape of this answer is not documented."""
    name = f"{new_id('speech-')}.{format}"
    service_of(request).keep_download(name, Download(data, MEDIA_TYPES[format]))
    return {"url": str(request.url_for("download", name=name)), "expires_at": now() + URL_LIFE}


async def download(request: Request) -> Response:
    """The file behind a ``return_url``; like any signed URL it asks for no key."""
    found = service_of(request).downloads.get(request.path_params["name"])
    if found is None:
        raise Refusal("no such file", status=404)
    return Response(found.data, media_type=found.media_type)
