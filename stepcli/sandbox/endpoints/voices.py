"""Official and cloned voices, and the files that voices are cloned from (PROTOCOL.md §5)."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from python_multipart.exceptions import FormParserError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from stepcli.sandbox.asr.decode import decode
from stepcli.sandbox.endpoints.models import find_model
from stepcli.sandbox.endpoints.speech import AudioOptions
from stepcli.sandbox.http.requests import (
    choice,
    invalid_field,
    number,
    optional,
    read_json,
    required,
    string,
    validate,
)
from stepcli.sandbox.http.responses import ServiceError, check_moderation, is_plan_request
from stepcli.sandbox.state import StoredVoice, UploadedFile, new_id, sandbox_state, unix_time
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


@dataclass(frozen=True)
class SystemVoicesQuery:
    """The query of the list of official voices; ``step-tts-2`` is the only accepted model."""

    model: str = required(choice("step-tts-2"))


async def list_system_voices(request: Request) -> Response:
    """Return the official voices of the site (PROTOCOL.md §5)."""
    validate(SystemVoicesQuery, dict(request.query_params))
    voices = sandbox_state(request).system_voices
    details = {
        id: {
            "voice-name": voice.name,
            "voice-description": voice.description,
            "recommended_scene": voice.scene,
        }
        for id, voice in voices.items()
    }
    return JSONResponse({"voices": list(voices), "voices-details": details})


MAX_BYTES = 128 << 20
MAX_FILES = 1000


async def upload_file(request: Request) -> Response:
    """Store a file."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise ServiceError("the body must be multipart/form-data")
    files = sandbox_state(request).files
    if len(files) >= MAX_FILES:
        raise ServiceError(f"you already have {MAX_FILES} files")
    try:
        async with request.form() as form:
            file = await _read_form(form)
    except FormParserError as exc:
        raise ServiceError(f"the form is not valid: {exc}") from None
    files[file.id] = file
    return JSONResponse(_describe(file))


async def delete_file(request: Request) -> Response:
    """Delete a file."""
    state = sandbox_state(request)
    file = state.file(request.path_params["id"], status=404)
    del state.files[file.id]
    return JSONResponse({"id": file.id, "object": "file", "deleted": True})


async def _read_form(form: FormData) -> UploadedFile:
    for name in form:
        if name not in ("purpose", "file"):
            raise invalid_field(name, "is not a field of this request")
    if form.get("purpose") != "storage":
        raise invalid_field("purpose", "must be storage")
    file = form.get("file")
    if not isinstance(file, UploadFile):
        raise invalid_field("file", "is required and must be a file")
    if (file.size or 0) > MAX_BYTES:
        raise ServiceError(f"the file is larger than {MAX_BYTES} bytes", status=413, param="file")
    data = await file.read()
    return UploadedFile(new_id("file-"), file.filename or "", "storage", data, unix_time())


def _describe(file: UploadedFile) -> dict[str, Any]:
    return {
        "id": file.id,
        "object": "file",
        "bytes": len(file.data),
        "created_at": file.created_at,
        "filename": file.filename,
        "purpose": file.purpose,
        "status": "processed",
    }
