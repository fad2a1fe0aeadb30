"""``POST /audio/asr/sse``: audio to text, word by word (PROTOCOL.md §6)."""

from __future__ import annotations

import binascii
import math
from base64 import b64decode
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.concurrency import iterate_in_threadpool, run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from stepcli.sandbox.asr.decode import decode, decode_pcm
from stepcli.sandbox.asr.recognizer import RecognizedWord, Samples, split_at_pauses
from stepcli.sandbox.endpoints.models import find_model
from stepcli.sandbox.http.requests import (
    boolean,
    choice,
    nested,
    optional,
    read_json,
    required,
    string,
    strings,
)
from stepcli.sandbox.http.responses import ServiceError, event_stream, is_plan_request
from stepcli.sandbox.state import SandboxState, new_id, sandbox_state

MAX_SECONDS = 30 * 60.0
MAX_AUDIO = 10_485_760  # characters of base64
MAX_BODY = 64 << 20  # bytes
_TOKENS_PER_SECOND = 12.5
_ENGLISH_ONLY = "the sandbox recognizes only English (en)"


@dataclass(frozen=True)
class TranscriptionOptions:
    """``audio.input.transcription``."""

    model: str = required(string())
    language: str | None = optional(string(0))
    hotwords: tuple[str, ...] = optional(strings(), ())
    enable_itn: bool = optional(boolean(), True)
    enable_timestamp: bool = optional(boolean(), False)


@dataclass(frozen=True)
class InputFormat:
    """``audio.input.format``. Raw ``pcm`` has no header, so it requires every field."""

    type: str = required(choice("ogg", "mp3", "wav", "pcm", "m4a"))
    codec: str | None = optional(string())
    rate: int | None = optional(
        choice(8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)
    )
    bits: int | None = optional(choice(16))
    channel: int | None = optional(choice(1, 2))


@dataclass(frozen=True)
class RecognitionInput:
    """``audio.input``."""

    transcription: TranscriptionOptions = required(nested(TranscriptionOptions))
    format: InputFormat = required(nested(InputFormat))


@dataclass(frozen=True)
class AudioUpload:
    """``audio``; ``data`` is base64."""

    data: str = required(string())
    input: RecognitionInput = required(nested(RecognitionInput))


@dataclass(frozen=True)
class RecognitionBody:
    """The body of ``/audio/asr/sse``."""

    audio: AudioUpload = required(nested(AudioUpload))


async def recognize_speech(request: Request) -> Response:
    """Return the words of a recording as events, the first before the last is recognized."""
    upload = (await read_json(request, RecognitionBody, limit=MAX_BODY)).audio
    options = upload.input.transcription
    find_model(options.model, plan=is_plan_request(request), recognizes=True)
    if len(upload.data) > MAX_AUDIO:
        size = f"{len(upload.data)} bytes exceeds maximum allowed size {MAX_AUDIO} bytes"
        return event_stream(_error_events(f"audio data size {size}"))
    samples, rate = await run_in_threadpool(_decode, upload)
    return event_stream(_events(sandbox_state(request), samples, rate, options))


async def _error_events(message: str) -> AsyncIterator[Mapping[str, Any]]:
    """Yield a failure as the service reports it once it has answered 200."""
    yield {"type": "error", "message": message, "meta": {"session_id": new_id("asr-")}}


def _decode(upload: AudioUpload) -> tuple[Samples, int]:
    try:
        data = b64decode(upload.data, validate=True)
    except binascii.Error:
        raise ServiceError("audio.data is not valid base64", param="audio.data") from None
    format = upload.input.format
    if format.type != "pcm":
        return decode(data, format.type, max_seconds=MAX_SECONDS)
    return decode_pcm(data, *_pcm_format(format), max_seconds=MAX_SECONDS)


def _pcm_format(format: InputFormat) -> tuple[int, int]:
    """Return the rate and channels of raw samples; raise ServiceError if a field is missing."""
    for name in ("codec", "rate", "bits", "channel"):
        if getattr(format, name) is None:
            param = f"audio.input.format.{name}"
            raise ServiceError(f"{param} is required for pcm", param=param)
    if format.codec != "pcm_s16le":
        raise ServiceError("pcm must be pcm_s16le", param="audio.input.format.codec")
    return format.rate or 0, format.channel or 0


async def _events(
    state: SandboxState, samples: Samples, rate: int, options: TranscriptionOptions
) -> AsyncIterator[Mapping[str, Any]]:
    if options.language not in (None, "", "en"):
        message = f"language {options.language} is not supported: {_ENGLISH_ONLY}"
        async for event in _error_events(message):
            yield event
        return
    meta = {"session_id": new_id("asr-")}
    text = ""
    async for word in _words(state, samples, rate):
        delta = f" {word.text}" if text else word.text
        text += delta
        yield _delta(delta, word, meta, timed=options.enable_timestamp)
    if not text:
        yield {"type": "error", "message": "no speech detected", "meta": meta}
        return
    yield {
        "type": "transcript.text.done",
        "text": text,
        "usage": _usage(len(samples) / rate, text),
        "meta": meta,
    }


async def _words(state: SandboxState, samples: Samples, rate: int) -> AsyncIterator[RecognizedWord]:
    async for segment in iterate_in_threadpool(split_at_pauses(samples, rate)):
        for word in await state.recognize(segment, rate):
            yield word


def _delta(
    delta: str, word: RecognizedWord, meta: Mapping[str, str], *, timed: bool
) -> dict[str, Any]:
    event = {"type": "transcript.text.delta", "delta": delta, "meta": meta}
    if not timed:
        return event
    return event | {
        "item_id": f"item-{meta['session_id']}",
        "content_index": 0,
        "start_time": round(word.start * 1000),
        "end_time": round(word.end * 1000),
    }


def _usage(seconds: float, text: str) -> dict[str, Any]:
    """Return token counts, estimated from the audio's length and the number of words."""
    input, output = math.ceil(seconds * _TOKENS_PER_SECOND), len(text.split())
    return {
        "type": "tokens",
        "input_tokens": input,
        "output_tokens": output,
        "total_tokens": input + output,
    }
