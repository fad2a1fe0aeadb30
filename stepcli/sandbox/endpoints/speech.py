"""``POST /audio/speech``: one text to one audio file (PROTOCOL.md §3)."""

from __future__ import annotations

from base64 import b64encode
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
from stepcli.sandbox.state import GeneratedFile, SandboxState, new_id, sandbox_state, unix_time
from stepcli.sandbox.tts.encoding import MEDIA_TYPES, EncodedChunk, encode, encode_chunks
from stepcli.sandbox.tts.synthesis import SynthesisSettings

URL_LIFETIME = 12 * 3600  # seconds


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


async def create_speech(request: Request) -> Response:
    """Return audio as bytes, as events or as a URL."""
    state = sandbox_state(request)
    body = await read_json(request, SpeechBody)
    settings = _settings(body, state, plan=is_plan_request(request))
    samples = await state.synthesize(body.input, settings)
    format, rate = body.response_format, settings.rate
    if body.return_url:
        data = await run_in_threadpool(encode, samples, format, rate)
        return JSONResponse(_store(data, format, request))
    chunks = Pacer(state.options.pace).paced(encode_chunks(samples, format, rate))
    if body.stream_format == "sse":
        return event_stream(_events(chunks))
    return StreamingResponse(_bytes(chunks), media_type=MEDIA_TYPES[format])


def _settings(body: SpeechBody, state: SandboxState, *, plan: bool) -> SynthesisSettings:
    """Return the settings of a request; raise ServiceError if it is not allowed."""
    model = find_model(body.model, plan=plan)
    check_label(model, body.voice_label)
    if body.return_url and body.stream_format == "sse":
        raise ServiceError("return_url is not supported with stream_format sse", param="return_url")
    check_moderation(body.input)
    speaker = state.speaker(body.voice, "voice")
    return body.synthesis_settings(
        model, speaker, body.response_format, speed=body.speed, volume=body.volume
    )


async def _bytes(chunks: AsyncIterator[EncodedChunk]) -> AsyncIterator[bytes]:
    async for chunk in chunks:
        if chunk.data:
            yield chunk.data


async def _events(chunks: AsyncIterator[EncodedChunk]) -> AsyncIterator[Mapping[str, Any] | str]:
    async for data in _bytes(chunks):
        yield {"type": "speech.audio.delta", "audio": b64encode(data).decode()}
    yield {"type": "speech.audio.done", "audio": ""}
    yield "[DONE]"


def _store(data: bytes, format: str, request: Request) -> dict[str, Any]:
    """Store audio for download and return the response, which is not documented."""
    name = f"{new_id('speech-')}.{format}"
    sandbox_state(request).add_download(name, GeneratedFile(data, MEDIA_TYPES[format]))
    url = str(request.url_for("download", name=name))
    return {"url": url, "expires_at": unix_time() + URL_LIFETIME}


async def download_speech(request: Request) -> Response:
    """Return the file of a ``return_url`` response; like a signed URL it needs no API key."""
    file = sandbox_state(request).downloads.get(request.path_params["name"])
    if file is None:
        raise ServiceError("no such file", status=404)
    return Response(file.data, media_type=file.media_type)
