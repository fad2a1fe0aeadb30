"""``POST /audio/asr/sse``: sound to text, word by word (protocol.md §6)."""

from __future__ import annotations

import binascii
import math
from base64 import b64decode
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.concurrency import iterate_in_threadpool, run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from stepcli.sandbox.asr.decode import decode, decode_pcm
from stepcli.sandbox.asr.recognizer import Sound, stretches
from stepcli.sandbox.http.errors import Refusal
from stepcli.sandbox.http.responses import events, on_plan, read_json
from stepcli.sandbox.http.validation import choice, flag, optional, record, required, text, texts
from stepcli.sandbox.models import find_model
from stepcli.sandbox.state import Service, new_id, service_of

if TYPE_CHECKING:
    from stepcli.sandbox.asr.recognizer import Word

LONGEST = 30 * 60.0  # seconds of sound in one call
LARGEST = 512 << 20  # bytes of body: half an hour of 48 kHz stereo, in base64
_TOKENS_A_SECOND = 12.5


@dataclass(frozen=True)
class Transcription:
    """What is wanted of the recogniser."""

    model: str = required(text())
    language: str = required(choice("zh", "en"))
    hotwords: tuple[str, ...] = optional(texts(), ())
    enable_itn: bool = optional(flag(), True)
    enable_timestamp: bool = optional(flag(), False)


@dataclass(frozen=True)
class Format:
    """What the bytes are. A bare ``pcm`` says nothing of itself, so all of it must be said."""

    type: str = required(choice("ogg", "mp3", "wav", "pcm"))
    codec: str | None = optional(text())
    rate: int | None = optional(
        choice(8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)
    )
    bits: int | None = optional(choice(16))
    channel: int | None = optional(choice(1, 2))


@dataclass(frozen=True)
class Input:
    """``audio.input``."""

    transcription: Transcription = required(record(Transcription))
    format: Format = required(record(Format))


@dataclass(frozen=True)
class Audio:
    """``audio``; ``data`` is base64."""

    data: str = required(text())
    input: Input = required(record(Input))


@dataclass(frozen=True)
class RecognitionRequest:
    """The body of ``/audio/asr/sse``."""

    audio: Audio = required(record(Audio))


async def recognition(request: Request) -> Response:
    """The words of a recording as events, the first ones while the rest is still unheard."""
    asked = (await read_json(request, RecognitionRequest, most=LARGEST)).audio
    wanted = asked.input.transcription
    find_model(wanted.model, plan=on_plan(request), hears=True)
    sound, rate = await run_in_threadpool(_decode, asked)
    return events(_transcript(service_of(request), sound, rate, wanted))


def _decode(asked: Audio) -> tuple[Sound, int]:
    try:
        data = b64decode(asked.data, validate=True)
    except binascii.Error:
        raise Refusal("audio.data is not valid base64", param="audio.data") from None
    format = asked.input.format
    if format.type != "pcm":
        return decode(data, format.type, longest=LONGEST)
    return decode_pcm(data, *_pcm(format), longest=LONGEST)


def _pcm(format: Format) -> tuple[int, int]:
    """Rate and channels of bare samples."""
    for name in ("codec", "rate", "bits", "channel"):
        if getattr(format, name) is None:
            param = f"audio.input.format.{name}"
            raise Refusal(f"{param} is required for pcm", param=param)
    if format.codec != "pcm_s16le":
        raise Refusal("pcm must be pcm_s16le", param="audio.input.format.codec")
    return format.rate or 0, format.channel or 0


async def _transcript(
    service: Service, sound: Sound, rate: int, wanted: Transcription
) -> AsyncIterator[Mapping[str, Any]]:
    meta = {"session_id": new_id("asr-")}
    if wanted.language != "en":
        yield {
            "type": "error",
            "message": f"the sandbox's model knows only English (en), not {wanted.language}",
            "meta": meta,
        }
        return
    said = ""
    async for word in _words(service, sound, rate):
        delta = f" {word.text}" if said else word.text
        said += delta
        yield _delta(delta, word, meta, timed=wanted.enable_timestamp)
    yield {
        "type": "transcript.text.done",
        "text": said,
        "usage": _usage(len(sound) / rate, said),
        "meta": meta,
    }


async def _words(service: Service, sound: Sound, rate: int) -> AsyncIterator[Word]:
    async for stretch in iterate_in_threadpool(stretches(sound, rate)):
        for word in await service.hear(stretch, rate):
            yield word


def _delta(delta: str, word: Word, meta: Mapping[str, str], *, timed: bool) -> dict[str, Any]:
    event = {"type": "transcript.text.delta", "delta": delta, "meta": meta}
    if not timed:
        return event
    return event | {
        "item_id": f"item-{meta['session_id']}",
        "content_index": 0,
        "start_time": round(word.start * 1000),
        "end_time": round(word.end * 1000),
    }


def _usage(seconds: float, said: str) -> dict[str, Any]:
    """A count of tokens: those of the sound by its length, those of the text by its words."""
    heard, written = math.ceil(seconds * _TOKENS_A_SECOND), len(said.split())
    return {
        "type": "tokens",
        "input_tokens": heard,
        "output_tokens": written,
        "total_tokens": heard + written,
    }
