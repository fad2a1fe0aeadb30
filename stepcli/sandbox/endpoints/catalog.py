"""``GET`` endpoints for official voices, models and the account."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from stepcli.sandbox.http.validation import choice, required, validate
from stepcli.sandbox.models import MODELS
from stepcli.sandbox.tts.voices import SYSTEM_VOICES

_RELEASED = 1_767_225_600  # 2026-01-01, Unix time


@dataclass(frozen=True)
class SystemVoicesQuery:
    """The query of the list of official voices; ``step-tts-2`` is the only accepted model."""

    model: str = required(choice("step-tts-2"))


async def list_system_voices(request: Request) -> Response:
    """Return the official voices of both sites (PROTOCOL.md §5)."""
    validate(SystemVoicesQuery, dict(request.query_params))
    details = {
        id: {
            "voice-name": voice.name,
            "voice-description": voice.description,
            "recommended_scene": voice.scene,
        }
        for id, voice in SYSTEM_VOICES.items()
    }
    return JSONResponse({"voices": list(SYSTEM_VOICES), "voices-details": details})


async def list_models(_request: Request) -> Response:
    """Return the models; the response is not documented and follows OpenAI's list of models."""
    data = [
        {"id": name, "object": "model", "created": _RELEASED, "owned_by": "stepai"}
        for name in MODELS
    ]
    return JSONResponse({"object": "list", "data": data})


async def show_account(_request: Request) -> Response:
    """Return the account and its balance; the response is not documented."""
    return JSONResponse(
        {
            "object": "account",
            "type": "prepaid",
            "balance": 100.0,
            "total_cash_balance": 100.0,
            "total_voucher_balance": 0.0,
        }
    )
