"""``GET`` endpoints for official voices, models and the account."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from stepcli.sandbox.http.errors import ServiceError
from stepcli.sandbox.http.responses import is_plan_request
from stepcli.sandbox.http.validation import choice, required, validate
from stepcli.sandbox.models import MODELS
from stepcli.sandbox.state import sandbox_state

_RELEASED = 1_767_225_600  # 2026-01-01, Unix time


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


async def list_models(request: Request) -> Response:
    """Return the models of the base; the response follows OpenAI's list of models."""
    plan = is_plan_request(request)
    data = [
        {"id": name, "object": "model", "created": _RELEASED, "owned_by": "stepai"}
        for name, model in MODELS.items()
        if model.on_plan or not plan
    ]
    return JSONResponse({"object": "list", "data": data})


async def show_account(_request: Request) -> Response:
    """Refuse the request: the sandbox's key is a plan key, which has no account."""
    raise ServiceError("this API key has no access to accounts", status=403)
