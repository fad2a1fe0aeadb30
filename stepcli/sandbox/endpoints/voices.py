"""``/audio/voices``: how a cloned voice would sound, its making, and the list (protocol.md §5)."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from stepcli.sandbox.asr.decode import decode
from stepcli.sandbox.endpoints.speech_options import Sounding
from stepcli.sandbox.http.errors import Refusal, moderate
from stepcli.sandbox.http.responses import on_plan, read_json
from stepcli.sandbox.http.validation import choice, invalid, number, optional, read, required, text
from stepcli.sandbox.models import find_model
from stepcli.sandbox.state import Clone, Service, StoredFile, new_id, service_of
from stepcli.sandbox.tts.encoding import encode
from stepcli.sandbox.tts.synthesis import Delivery, Voice, fundamental, voice_like

SHORTEST, LONGEST = 1.5, 22.9  # seconds of sample; 5 to 10 are recommended
_PREVIEW_MOST, _CLONE_MOST = 100, 50  # characters of sample_text
_PAGE = 20


@dataclass(frozen=True, kw_only=True)
class PreviewRequest(Sounding):
    """The body of ``/audio/voices/preview``. Whatever format is asked for, the sound is WAV."""

    model: str = required(text())
    file_id: str = required(text())
    sample_text: str = required(text(1, _PREVIEW_MOST))
    speed: float = optional(number(0.5, 2.0), 1.0)
    volume: float = optional(number(0.1, 2.0), 1.0)
    text: str | None = optional(text())


@dataclass(frozen=True)
class CloneRequest:
    """The body of ``/audio/voices``."""

    model: str = required(text())
    file_id: str = required(text())
    sample_text: str | None = optional(text(1, _CLONE_MOST))
    text: str | None = optional(text())


@dataclass(frozen=True)
class PageRequest:
    """The query of the list of voices."""

    limit: str = optional(choice(*map(str, range(1, 101))), str(_PAGE))
    order: str = optional(choice("asc", "desc"), "desc")
    before: str | None = optional(text())
    after: str | None = optional(text())


async def preview(request: Request) -> Response:
    """A sentence in the voice of a sample, of which no voice is made."""
    service = service_of(request)
    asked = await read_json(request, PreviewRequest)
    model = find_model(asked.model, plan=on_plan(request))
    moderate(asked.sample_text)
    stored = service.file(asked.file_id)
    voice = await run_in_threadpool(_voice, stored)
    delivery = asked.delivery(model, voice, "wav", speed=asked.speed, volume=asked.volume)
    if service.previewed.setdefault(stored.digest, asked.sample_text) != asked.sample_text:
        raise invalid("sample_text", "differs from the one this file was previewed with")
    sample = await _sample(service, asked.sample_text, delivery)
    return JSONResponse(sample | {"request_id": new_id("req-")})


async def clone(request: Request) -> Response:
    """A new voice from a sample, or the one that was made of the same sample before."""
    service = service_of(request)
    asked = await read_json(request, CloneRequest)
    find_model(asked.model, plan=on_plan(request))
    moderate(asked.sample_text or "")
    stored = service.file(asked.file_id)
    voice = await run_in_threadpool(_voice, stored)
    known = service.clone_of(stored)
    made = known or service.clone(stored, voice)
    answer = {"id": made.id, "object": "audio.voice", "duplicated": known is not None}
    if asked.sample_text is not None:
        answer |= await _sample(service, asked.sample_text, Delivery(voice))
    return JSONResponse(answer)


async def voices(request: Request) -> Response:
    """A page of the cloned voices: those next after one of them, or those just before it."""
    asked = read(PageRequest, dict(request.query_params))
    limit = int(asked.limit)
    made = list(service_of(request).clones.values())
    ordered = made if asked.order == "asc" else made[::-1]
    if asked.after is not None:
        ordered = ordered[_place(ordered, asked.after, "after") + 1 :]
    if asked.before is not None:
        ordered = ordered[: _place(ordered, asked.before, "before")]
        return JSONResponse(_page(ordered[-limit:], has_more=len(ordered) > limit))
    return JSONResponse(_page(ordered[:limit], has_more=len(ordered) > limit))


def _voice(stored: StoredFile) -> Voice:
    """The voice in a sample, which must be WAV or MP3 and neither too short nor too long."""
    format = "wav" if stored.data.startswith(b"RIFF") else "mp3"
    try:
        sound, rate = decode(stored.data, format, longest=LONGEST)
    except Refusal as refusal:
        raise Refusal(refusal.message, param="file_id") from None
    if len(sound) < SHORTEST * rate:
        raise Refusal(f"the audio is shorter than {SHORTEST} seconds", param="file_id")
    return voice_like(fundamental(sound, rate))


async def _sample(service: Service, said: str, delivery: Delivery) -> dict[str, str]:
    sound = await service.speak(said, delivery)
    wav = await run_in_threadpool(encode, sound, "wav", delivery.rate)
    return {"sample_text": said, "sample_audio": b64encode(wav).decode()}


def _place(ordered: Sequence[Clone], name: str, param: str) -> int:
    for index, each in enumerate(ordered):
        if each.id == name:
            return index
    raise invalid(param, f"{name} is no voice of yours")


def _page(page: Sequence[Clone], *, has_more: bool) -> dict[str, Any]:
    return {
        "object": "list",
        "data": [
            {"id": each.id, "file_id": each.file_id, "created_at": each.created_at} for each in page
        ],
        "has_more": has_more,
        "first_id": page[0].id if page else None,
        "last_id": page[-1].id if page else None,
    }
