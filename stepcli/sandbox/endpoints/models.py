"""The service's models, what each of them accepts, and who may list them (PROTOCOL.md §1, §3)."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from stepcli.sandbox.http.responses import ServiceError, is_plan_request


@dataclass(frozen=True)
class ServiceModel:
    """A model. ``max_instruction`` is in characters; 0 means that no instruction is accepted."""

    id: str
    recognizes: bool = False
    on_plan: bool = False
    """Available on the plan base; every model is available on the open base."""
    realtime: bool = False
    accepts_labels: bool = False
    clones: bool = False
    """Voices can be cloned for this model; others replace a cloned voice by a stock voice."""
    max_instruction: int = 0


MODELS = {
    model.id: model
    for model in (
        ServiceModel(
            "stepaudio-2.5-tts", on_plan=True, realtime=True, clones=True, max_instruction=200
        ),
        ServiceModel("stepaudio-2.5-asr", on_plan=True, recognizes=True),
        ServiceModel("step-tts-2", realtime=True, accepts_labels=True, clones=True),
        ServiceModel("step-tts-mini", realtime=True, accepts_labels=True, clones=True),
        ServiceModel("stepaudio-3-tts", realtime=True, max_instruction=500),
        ServiceModel("stepaudio-3-asr-max", recognizes=True),
        ServiceModel("stepaudio-2-asr-pro", recognizes=True),
    )
}


def find_model(name: str, *, plan: bool, recognizes: bool = False) -> ServiceModel:
    """Return the model called ``name``; raise ServiceError if unknown or not available here."""
    model = MODELS.get(name)
    if model is None:
        message = f"The model {name} does not exist"
        raise ServiceError(message, status=404, type="model_invalid", param="model")
    if model.recognizes != recognizes or (plan and not model.on_plan):
        raise ServiceError("model not supported", param="model")
    return model


def check_instruction(model: ServiceModel, instruction: str | None) -> None:
    """Raise ServiceError if ``model`` does not accept an instruction of that length."""
    if instruction is None:
        return
    if not model.max_instruction:
        raise ServiceError(f"instruction is not supported for {model.id}", param="instruction")
    if len(instruction) > model.max_instruction:
        raise ServiceError(
            f"instruction must be at most {model.max_instruction} characters", param="instruction"
        )


_RELEASED = 1_767_225_600  # 2026-01-01, Unix time


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
