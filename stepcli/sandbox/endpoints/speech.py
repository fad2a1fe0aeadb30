"""``POST /audio/speech``: one text to one file of sound (protocol.md §3)."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from stepcli.sandbox.checks import (
    choice,
    flag,
    number,
    optional,
    record,
    required,
    text,
    texts,
)
from stepcli.sandbox.models import Model, check_instruction, find_model
from stepcli.sandbox.refusals import Refusal, moderate
from stepcli.sandbox.service import Download, Service, new_id, now, service_of
from stepcli.sandbox.voice.containers import MEDIA_TYPES, Piece, encode, pieces
from stepcli.sandbox.voice.synthesis import Delivery, Pcm
from stepcli.sandbox.wire import events, paced, read_json

SAMPLE_RATES = (8000, 16000, 22050, 24000, 48000)
URL_LIFE = 12 * 3600  # seconds


@dataclass(frozen=True)
class Pronunciations:
    """``{"tone": ["written/spoken", …]}``."""

    tone: tuple[str, ...] = required(texts())

    def pairs(self) -> dict[str, str]:
        """What is written to what is spoken for it."""
        return dict(self._pair(index, entry) for index, entry in enumerate(self.tone))

    def _pair(self, index: int, entry: str) -> tuple[str, str]:
        written, slash, spoken = entry.partition("/")
        if not (written and slash and spoken):
            name = f"pronunciation_map.tone[{index}]"
            raise Refusal(f"{name} must be two texts joined by /", param=name)
        return written, spoken


@dataclass(frozen=True)
class VoiceLabel:
    """How a voice of the older models is to sound: exactly one of the three."""

    language: str | None = optional(text())
    emotion: str | None = optional(text())
    style: str | None = optional(text())


@dataclass(frozen=True)
class SpeechRequest:
    """The body of ``/audio/speech``."""

    model: str = required(text())
    input: str = required(text(1, 1000))
    voice: str = required(text())
    response_format: str = optional(choice(*MEDIA_TYPES), "mp3")
    speed: float = optional(number(0.5, 2.0), 1.0)
    volume: float = optional(number(0.1, 2.0), 1.0)
    sample_rate: int = optional(choice(*SAMPLE_RATES), 24000)
    instruction: str | None = optional(text())
    voice_label: VoiceLabel | None = optional(record(VoiceLabel))
    pronunciation_map: Pronunciations | None = optional(record(Pronunciations))
    markdown_filter: bool = optional(flag(), False)
    stream_format: str = optional(choice("audio", "sse"), "audio")
    return_url: bool = optional(flag(), False)


async def speech(request: Request) -> Response:
    """Sound for a text: bytes, events or a URL, as asked."""
    service = service_of(request)
    asked = await read_json(request, SpeechRequest)
    sound = await service.speak(asked.input, delivery_of(asked, request, service))
    if asked.return_url:
        return JSONResponse(_store(sound, asked, request))
    stream = paced(pieces(sound, asked.response_format, asked.sample_rate), service.options.pace)
    if asked.stream_format == "sse":
        return events(_deltas(stream))
    return StreamingResponse(_bytes(stream), media_type=MEDIA_TYPES[asked.response_format])


def delivery_of(asked: SpeechRequest, request: Request, service: Service) -> Delivery:
    """How the text is to be spoken, once the request as a whole is known to be allowed."""
    model = find_model(asked.model, plan=on_plan(request))
    check_instruction(model, asked.instruction)
    check_label(model, asked.voice_label)
    if asked.return_url and asked.stream_format == "sse":
        raise Refusal("return_url cannot be had with stream_format sse", param="return_url")
    moderate(asked.input)
    return Delivery(
        voice=service.voice(asked.voice, "voice"),
        rate=asked.sample_rate,
        speed=asked.speed,
        volume=asked.volume,
        directions=bool(model.instruction),
        markdown=asked.markdown_filter,
        pronunciations=asked.pronunciation_map.pairs() if asked.pronunciation_map else {},
    )


def check_label(model: Model, label: VoiceLabel | None) -> None:
    """Refuse ``voice_label`` where it is unknown, or says more or less than one thing."""
    if label is None:
        return
    if not model.labels:
        raise Refusal("voice_label is not supported for v2 models", param="voice_label")
    if [label.language, label.emotion, label.style].count(None) != 2:
        raise Refusal("voice_label takes exactly one of language, emotion, style")


def on_plan(request: Request) -> bool:
    """Whether a request came by the plan base."""
    return request.url.path.startswith("/step_plan/")


async def _bytes(stream: AsyncIterator[Piece]) -> AsyncIterator[bytes]:
    async for piece in stream:
        if piece.data:
            yield piece.data


async def _deltas(stream: AsyncIterator[Piece]) -> AsyncIterator[Mapping[str, Any] | str]:
    async for data in _bytes(stream):
        yield {"type": "speech.audio.delta", "audio": b64encode(data).decode()}
    yield {"type": "speech.audio.done", "audio": ""}
    yield "[DONE]"


def _store(sound: Pcm, asked: SpeechRequest, request: Request) -> dict[str, Any]:
    name = f"{new_id('speech-')}.{asked.response_format}"
    data = encode(sound, asked.response_format, asked.sample_rate)
    service_of(request).keep_download(name, Download(data, MEDIA_TYPES[asked.response_format]))
    return {"url": str(request.url_for("download", name=name)), "expires_at": now() + URL_LIFE}


async def download(request: Request) -> Response:
    """The file behind a ``return_url``; like any signed URL it asks for no key."""
    found = service_of(request).downloads.get(request.path_params["name"])
    if found is None:
        raise Refusal("no such file", status=404)
    return Response(found.data, media_type=found.media_type)
