"""``/audio/voices``: preview, clone and list cloned voices (PROTOCOL.md §5)."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from stepcli.sandbox.asr.decode import decode
from stepcli.sandbox.endpoints.speech_options import AudioOptions
from stepcli.sandbox.http.errors import ServiceError, check_moderation
from stepcli.sandbox.http.responses import is_plan_request, read_json
from stepcli.sandbox.http.validation import (
    choice,
    invalid_field,
    number,
    optional,
    required,
    string,
    validate,
)
from stepcli.sandbox.models import find_model
from stepcli.sandbox.state import StoredVoice, UploadedFile, new_id, sandbox_state
from stepcli.sandbox.tts.encoding import encode
from stepcli.sandbox.tts.voices import Speaker, fundamental_frequency, imitate

MIN_SECONDS, MAX_SECONDS = 1.5, 22.9  # of a sample; 5 to 10 are recommended
_MAX_PREVIEW_TEXT = 100  # characters
_PAGE_SIZE = 20


@dataclass(frozen=True, kw_only=True)
class PreviewBody(AudioOptions):
    """The body of ``/audio/voices/preview``. The audio is always WAV."""

    model: str = required(string())
    file_id: str = required(string())
    sample_text: str = required(string(1, _MAX_PREVIEW_TEXT))
    speed: float = optional(number(0.5, 2.0), 1.0)
    volume: float = optional(number(0.1, 2.0), 1.0)
    text: str | None = optional(string())


@dataclass(frozen=True)
class CloneBody:
    """The body of ``/audio/voices``."""

    model: str = required(string())
    file_id: str = required(string())
    text: str | None = optional(string())


@dataclass(frozen=True)
class VoicesQuery:
    """The query of the list of cloned voices."""

    limit: str = optional(choice(*map(str, range(1, 101))), str(_PAGE_SIZE))
    order: str = optional(choice("asc", "desc"), "desc")
    before: str | None = optional(string())
    after: str | None = optional(string())


async def preview_voice(request: Request) -> Response:
    """Speak a text like a sample, without creating a voice."""
    state = sandbox_state(request)
    body = await read_json(request, PreviewBody)
    model = find_model(body.model, plan=is_plan_request(request))
    check_moderation(body.sample_text)
    file = state.file(body.file_id)
    speaker = await run_in_threadpool(_speaker, file)
    settings = body.synthesis_settings(model, speaker, "wav", speed=body.speed, volume=body.volume)
    if state.preview_texts.setdefault(file.digest, body.sample_text) != body.sample_text:
        raise invalid_field("sample_text", "differs from the one this file was previewed with")
    performance = await state.synthesize(body.sample_text, settings)
    wav = await run_in_threadpool(encode, performance.samples, "wav", settings.rate)
    return JSONResponse(
        {
            "sample_text": body.sample_text,
            "sample_audio": b64encode(wav).decode(),
            "request_id": new_id("req-"),
        }
    )


async def clone_voice(request: Request) -> Response:
    """Create a voice, or return the one that was created from the same sample."""
    state = sandbox_state(request)
    body = await read_json(request, CloneBody)
    if not find_model(body.model, plan=is_plan_request(request)).clones:
        raise ServiceError("model not supported", param="model")
    file = state.file(body.file_id)
    speaker = await run_in_threadpool(_speaker, file)
    existing = state.clone_of(file)
    clone = existing or state.add_clone(file, speaker)
    return JSONResponse(
        {"id": clone.id, "object": "audio.voice", "duplicated": existing is not None}
    )


async def list_voices(request: Request) -> Response:
    """Return a page of the cloned voices after or before a cursor."""
    query = validate(VoicesQuery, dict(request.query_params))
    limit = int(query.limit)
    clones = list(sandbox_state(request).clones.values())
    ordered = clones if query.order == "asc" else clones[::-1]
    if query.after is not None:
        ordered = ordered[_index(ordered, query.after, "after") + 1 :]
    if query.before is not None:
        ordered = ordered[: _index(ordered, query.before, "before")]
        return JSONResponse(_page(ordered[-limit:], has_more=len(ordered) > limit))
    return JSONResponse(_page(ordered[:limit], has_more=len(ordered) > limit))


def _speaker(file: UploadedFile) -> Speaker:
    """Return the speaker of a sample; raise ServiceError unless it is usable WAV or MP3."""
    format = "wav" if file.data.startswith(b"RIFF") else "mp3"
    try:
        samples, rate = decode(file.data, format, max_seconds=MAX_SECONDS)
    except ServiceError as exc:
        raise ServiceError(exc.message, param="file_id") from None
    if len(samples) < MIN_SECONDS * rate:
        raise ServiceError(f"the audio is shorter than {MIN_SECONDS} seconds", param="file_id")
    return imitate(fundamental_frequency(samples, rate))


def _index(ordered: Sequence[StoredVoice], id: str, param: str) -> int:
    for index, clone in enumerate(ordered):
        if clone.id == id:
            return index
    raise invalid_field(param, f"{id} is not one of your voices")


def _page(page: Sequence[StoredVoice], *, has_more: bool) -> dict[str, Any]:
    return {
        "object": "list",
        "data": [
            {"id": clone.id, "file_id": clone.file_id, "created_at": clone.created_at}
            for clone in page
        ],
        "has_more": has_more,
        "first_id": page[0].id if page else None,
        "last_id": page[-1].id if page else None,
    }
