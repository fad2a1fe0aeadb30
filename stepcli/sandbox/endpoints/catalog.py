"""What there is to choose from, and who pays: official voices, models, the account."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from stepcli.sandbox.http.validation import choice, read, required
from stepcli.sandbox.models import MODELS
from stepcli.sandbox.tts.synthesis import OFFICIAL

_RELEASED = 1_767_225_600  # 2026-01-01, Unix time


@dataclass(frozen=True)
class SystemVoicesRequest:
    """The query of the list of official voices; ``step-tts-2`` is the only model it takes."""

    model: str = required(choice("step-tts-2"))


async def system_voices(request: Request) -> Response:
    """The official voices of both sites (protocol.md §5)."""
    read(SystemVoicesRequest, dict(request.query_params))
    details = {
        name: {
            "voice-name": each.name,
            "voice-description": each.description,
            "recommended_scene": each.scene,
        }
        for name, each in OFFICIAL.items()
    }
    return JSONResponse({"voices": list(OFFICIAL), "voices-details": details})


async def models(_request: Request) -> Response:
    """The models; the answer's shape is not documented and follows the custom of such lists."""
    data = [
        {"id": name, "object": "model", "created": _RELEASED, "owned_by": "stepai"}
        for name in MODELS
    ]
    return JSONResponse({"object": "list", "data": data})


async def accounts(_request: Request) -> Response:
    """The account and its balance; the answer's shape is not documented."""
    return JSONResponse(
        {
            "object": "account",
            "type": "prepaid",
            "balance": 100.0,
            "total_cash_balance": 100.0,
            "total_voucher_balance": 0.0,
        }
    )
