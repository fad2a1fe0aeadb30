"""``POST /audio/speech``, and the options that other endpoints share with it (PROTOCOL.md §3)."""

from __future__ import annotations

from base64 import b64encode
from collections import deque
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from stepcli.sandbox.endpoints.models import ServiceModel, check_instruction, find_model
from stepcli.sandbox.http.requests import (
    boolean,
    choice,
    nested,
    number,
    optional,
    read_json,
    required,
    string,
    strings,
)
from stepcli.sandbox.http.responses import (
    Pacer,
    ServiceError,
    check_moderation,
    event_stream,
    is_plan_request,
)
from stepcli.sandbox.state import (
    GeneratedFile,
    SandboxState,
    new_id,
    sandbox_state,
    unix_milliseconds,
    unix_time,
)
from stepcli.sandbox.tts.alignment import TimedSentence, align
from stepcli.sandbox.tts.encoding import (
    MEDIA_TYPES,
    EncodedChunk,
    encodable_rate,
    encode,
    encode_chunks,
)
from stepcli.sandbox.tts.synthesis import SynthesisSettings
from stepcli.sandbox.tts.voices import Speaker

SAMPLE_RATES = (8000, 16000, 22050, 24000, 48000)


@dataclass(frozen=True)
class PronunciationMap:
    """``{"tone": ["written/spoken", …]}``."""

    tone: tuple[str, ...] = required(strings())

    def pairs(self) -> dict[str, str]:
        """Return the spoken form of each written form; raise ServiceError if one is invalid."""
        return dict(self._pair(index, entry) for index, entry in enumerate(self.tone))

    def _pair(self, index: int, entry: str) -> tuple[str, str]:
        written, _, spoken = entry.partition("/")
        if not (written and spoken):
            name = f"pronunciation_map.tone[{index}]"
            raise ServiceError(f"{name} must be two texts joined by /", param=name)
        return written, spoken


@dataclass(frozen=True)
class VoiceLabel:
    """The manner of speaking of the older models: exactly one of three fields."""

    language: str | None = optional(string())
    emotion: str | None = optional(string())
    style: str | None = optional(string())


@dataclass(frozen=True, kw_only=True)
class AudioOptions:
    """The fields that have the same name in all three requests."""

    response_format: str = optional(choice(*MEDIA_TYPES), "mp3")
    sample_rate: int = optional(choice(*SAMPLE_RATES), 24000)
    instruction: str | None = optional(string())
    pronunciation_map: PronunciationMap | None = optional(nested(PronunciationMap))
    markdown_filter: bool = optional(boolean(), False)
    text_normalization: str = optional(choice("standard", "enhanced"), "standard")

    def synthesis_settings(
        self, model: ServiceModel, speaker: Speaker, format: str, *, speed: float, volume: float
    ) -> SynthesisSettings:
        """Return the settings for audio in ``format``; raise ServiceError if not supported."""
        check_instruction(model, self.instruction)
        return SynthesisSettings(
            speaker=speaker,
            rate=encodable_rate(format, self.sample_rate),
            speed=speed,
            volume=volume,
            directions=bool(model.max_instruction),
            markdown=self.markdown_filter,
            pronunciations=self.pronunciation_map.pairs() if self.pronunciation_map else {},
            enhanced=self.text_normalization == "enhanced",
        )


def check_label(model: ServiceModel, label: VoiceLabel | None) -> None:
    """Raise ServiceError if ``model`` does not support labels, or ``label`` is not exactly one."""
    if label is None:
        return
    if not model.accepts_labels:
        raise ServiceError("voice_label is not supported for v2 models", param="voice_label")
    if [label.language, label.emotion, label.style].count(None) != 2:
        message = "voice_label requires exactly one of language, emotion, style"
        raise ServiceError(message, param="voice_label")


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
