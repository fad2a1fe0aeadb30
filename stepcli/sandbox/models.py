"""The models the service knows, and what each of them takes (protocol.md §1, §3)."""

from __future__ import annotations

from dataclasses import dataclass

from stepcli.sandbox.http.errors import Refusal


@dataclass(frozen=True)
class Model:
    """One model. ``instruction`` is the longest it obeys, in characters; 0 is none at all."""

    id: str
    hears: bool = False
    plan: bool = False
    """Served under the plan base; all are under the open one."""
    realtime: bool = False
    labels: bool = False
    """Takes ``voice_label``."""
    instruction: int = 0


MODELS = {
    model.id: model
    for model in (
        Model("stepaudio-2.5-tts", plan=True, realtime=True, instruction=200),
        Model("stepaudio-2.5-asr", plan=True, hears=True),
        Model("step-tts-2", realtime=True, labels=True),
        Model("step-tts-mini", realtime=True, labels=True),
        Model("stepaudio-3-tts", instruction=500),
        Model("stepaudio-3-asr-max", hears=True),
    )
}


def find_model(name: str, *, plan: bool, hears: bool = False) -> Model:
    """The model of that name, if it does this work on this base."""
    model = MODELS.get(name)
    if model is None or model.hears != hears or (plan and not model.plan):
        raise Refusal("model not supported", param="model")
    return model


def check_instruction(model: Model, instruction: str | None) -> None:
    """Refuse stage directions to a model that takes none, or not so long ones."""
    if instruction is None:
        return
    if not model.instruction:
        raise Refusal(f"instruction is not supported for {model.id}", param="instruction")
    if len(instruction) > model.instruction:
        raise Refusal(
            f"instruction must be at most {model.instruction} characters", param="instruction"
        )
