"""``POST /audio/speech``: one text to one audio file (PROTOCOL.md §3)."""

from __future__ import annotations

from base64 import b64encode
from collections import deque
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from stepcli.sandbox.endpoints.speech_options import AudioOptions, VoiceLabel, check_label
from stepcli.sandbox.http.errors import ServiceError, check_moderation
from stepcli.sandbox.http.responses import Pacer, event_stream, is_plan_request, read_json
from stepcli.sandbox.http.validation import (
    boolean,
    choice,
    nested,
    number,
    optional,
    required,
    string,
)
from stepcli.sandbox.models import find_model
from stepcli.sandbox.state import (
    GeneratedFile,
    SandboxState,
    new_id,
    sandbox_state,
    unix_milliseconds,
    unix_time,
)
from stepcli.sandbox.tts.alignment import TimedSentence, align
from stepcli.sandbox.tts.encoding import MEDIA_TYPES, EncodedChunk, encode, encode_chunks
from stepcli.sandbox.tts.synthesis import SynthesisSettings


@dataclass(frozen=True, kw_only=True)
class SpeechBody(AudioOptions):
    """The body of ``/audio/speech``."""

    model: str = required(string())
    input: str = required(string(1, 1000))
    voice: str = required(string())
    speed: float = optional(number(0.5, 2.0), 1.0)
    volume: float = optional(number(0.1, 2.0), 1.0)
    voice_label: VoiceLabel | None = optional(nested(VoiceLabel))
    stream_format: str = optional(choice("audio", "sse"), "audio")
    return_url: bool = optional(boolean(), False)
    timestamp: bool = optional(boolean(), False)


async def create_speech(request: Request) -> Response:
    """Return audio as bytes, as events or as a URL."""
    state = sandbox_state(request)
    body = await read_json(request, SpeechBody)
    settings = _settings(body, state, plan=is_plan_request(request))
    performance = await state.synthesize(body.input, settings)
    samples, format, rate = performance.samples, body.response_format, settings.rate
    sentences = align(performance.shown, performance.words) if body.timestamp else []
    if body.return_url:
        data = await run_in_threadpool(encode, samples, format, rate)
        return JSONResponse(_store(data, format, sentences, request))
    chunks = Pacer(state.options.pace).paced(encode_chunks(samples, format, rate))
    if body.stream_format == "sse":
        return event_stream(_events(chunks, sentences))
    return StreamingResponse(_bytes(chunks), media_type=MEDIA_TYPES[format])


def _settings(body: SpeechBody, state: SandboxState, *, plan: bool) -> SynthesisSettings:
    """Return the settings of a request; raise ServiceError if it is not allowed."""
    model = find_model(body.model, plan=plan)
    check_label(model, body.voice_label)
    if body.return_url and body.stream_format == "sse":
        raise ServiceError("return_url is not supported with stream_format sse", param="return_url")
    if body.timestamp and not (body.return_url or body.stream_format == "sse"):
        message = "timestamp requires return_url=true or stream_format=sse"
        raise ServiceError(message, param="timestamp")
    check_moderation(body.input)
    speaker = state.speaker(body.voice, model, "voice")
    return body.synthesis_settings(
        model, speaker, body.response_format, speed=body.speed, volume=body.volume
    )


async def _bytes(chunks: AsyncIterator[EncodedChunk]) -> AsyncIterator[bytes]:
    async for chunk in chunks:
        if chunk.data:
            yield chunk.data


async def _events(
    chunks: AsyncIterator[EncodedChunk], sentences: list[TimedSentence]
) -> AsyncIterator[Mapping[str, Any] | str]:
    """Yield the audio, and each sentence's word times once its first audio was sent."""
    request_id = new_id("req-")
    pending, position = deque(sentences), 0.0
    async for chunk in chunks:
        position += chunk.seconds
        if chunk.data:
            yield {"type": "speech.audio.delta", "audio": b64encode(chunk.data).decode()}
        while pending and _start(pending[0]) < position:
            yield _subtitle_event(pending.popleft(), request_id)
    for sentence in pending:
        yield _subtitle_event(sentence, request_id)
    yield {"type": "speech.audio.done", "audio": ""}
    yield "[DONE]"


def _start(sentence: TimedSentence) -> float:
    return sentence.items[0].start if sentence.items else 0.0


def _subtitle_event(sentence: TimedSentence, request_id: str) -> dict[str, Any]:
    data = {"request_id": request_id, "timestamp": unix_milliseconds()} | sentence.to_json()
    return {"type": "response.subtitle", "event_id": new_id("event-"), "data": data}


def _store(
    data: bytes, format: str, sentences: list[TimedSentence], request: Request
) -> dict[str, Any]:
    """Store audio for download, and return its URL and its word times if requested."""
    name = f"{new_id('speech-')}.{format}"
    sandbox_state(request).add_download(name, GeneratedFile(data, MEDIA_TYPES[format]))
    result: dict[str, Any] = {"url": str(request.url_for("download", name=name))}
    if sentences:
        result["subtitles"] = [sentence.to_json() for sentence in sentences]
    return {"created": unix_time(), "data": result}


async def download_speech(request: Request) -> Response:
    """Return the file of a ``return_url`` response; like a signed URL it needs no API key."""
    file = sandbox_state(request).downloads.get(request.path_params["name"])
    if file is None:
        raise ServiceError("no such file", status=404)
    return Response(file.data, media_type=file.media_type)
