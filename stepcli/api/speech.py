"""Speech: ``POST {plan}/audio/speech`` (protocol.md §3)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stepcli.api.models import DEFAULT_VOICE, SPEECH_LIMITS, SPEECH_MODEL, SpeechLimits
from stepcli.errors import NetworkError, UsageError
from stepcli.sound import AudioFormat

if TYPE_CHECKING:
    import httpx

    from stepcli.api.client import Client

DEFAULT_SAMPLE_RATE = 24000


@dataclass(frozen=True, slots=True)
class SpeechRequest:
    """One utterance. What is None is left to the service.

    ``pronunciations`` are pairs joined by ``/``; ``sample_rate`` is in Hz.
    """

    text: str
    voice: str = DEFAULT_VOICE
    model: str = SPEECH_MODEL
    format: AudioFormat = AudioFormat.MP3
    sample_rate: int | None = None
    speed: float | None = None
    volume: float | None = None
    instruction: str | None = None
    pronunciations: tuple[str, ...] = ()
    markdown: bool = False

    def to_json(self) -> dict[str, Any]:
        """The request's body, with no field that was not asked for."""
        body: dict[str, Any] = {
            "model": self.model,
            "input": self.text,
            "voice": self.voice,
            "response_format": self.format.value,
        }
        for name in ("sample_rate", "speed", "volume", "instruction"):
            if (value := getattr(self, name)) is not None:
                body[name] = value
        if self.pronunciations:
            body["pronunciation_map"] = {"tone": list(self.pronunciations)}
        if self.markdown:
            body["markdown_filter"] = True
        return body


def check(request: SpeechRequest) -> None:
    """Raises UsageError for what the service would refuse, before anything is sent."""
    for pair in request.pronunciations:
        _check_pronunciation(pair)
    limits = SPEECH_LIMITS.get(request.model)
    if limits is not None:
        _check_limits(request, limits)


def _check_pronunciation(pair: str) -> None:
    written, slash, spoken = pair.partition("/")
    if not (slash and written.strip() and spoken.strip()):
        raise UsageError(f"--pronounce takes WRITTEN/SPOKEN, not {pair!r}")


def _check_limits(request: SpeechRequest, limits: SpeechLimits) -> None:
    _check_length("the text", len(request.text), limits.input)
    _check_range("--speed", request.speed, limits.speed)
    _check_range("--volume", request.volume, limits.volume)
    _check_instruction(request, limits)
    if request.sample_rate not in (None, *limits.sample_rates):
        allowed = ", ".join(map(str, limits.sample_rates))
        raise UsageError(f"--sample-rate {request.sample_rate} is not one of {allowed}")


def _check_instruction(request: SpeechRequest, limits: SpeechLimits) -> None:
    if request.instruction is None:
        return
    if not limits.instruction:
        raise UsageError(f"the model {request.model} takes no --instruction")
    _check_length("the instruction", len(request.instruction), limits.instruction)


def _check_length(what: str, length: int, limit: int) -> None:
    if length > limit:
        raise UsageError(f"{what} has {length:,} characters; the service takes at most {limit:,}")


def _check_range(option: str, value: float | None, allowed: tuple[float, float]) -> None:
    low, high = allowed
    if value is not None and not low <= value <= high:
        raise UsageError(f"{option} {value:g} is outside {low:g} to {high:g}")


@contextmanager
def speak(client: Client, request: SpeechRequest) -> Iterator[Iterator[bytes]]:
    """The sound of ``request`` in its format, as bytes in the blocks they arrive in.

    Raises NetworkError where the answer is not sound, is empty or is cut off.
    """
    from stepcli.api.client import Call

    url = f"{client.service.plan}/audio/speech"
    with client.open(Call("POST", url, json=request.to_json())) as response:
        _refuse_nonsense(response, client.service.host)
        yield _sound(response, client.service.host)


def _sound(response: httpx.Response, host: str) -> Iterator[bytes]:
    empty = True
    for block in response.iter_bytes():
        empty = False
        yield block
    if empty:
        raise NetworkError(f"{host} answered without any sound", trace_id=_trace_id(response))


def _refuse_nonsense(response: httpx.Response, host: str) -> None:
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind.startswith("text/") or kind == "application/json":
        raise NetworkError(
            f"{host} answered {kind} where sound was expected",
            hint="check --base-url",
            status=response.status_code,
            trace_id=_trace_id(response),
        )


def _trace_id(response: httpx.Response) -> str | None:
    trace_id: str | None = response.headers.get("x-trace-id")
    return trace_id
