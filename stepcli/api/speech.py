"""Speech: ``POST {plan}/audio/speech`` (protocol.md §3)."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stepcli.api import responses
from stepcli.api.catalog import DEFAULT_VOICE, SPEECH_LIMITS, SPEECH_MODEL, SpeechLimits
from stepcli.api.endpoint import Endpoint
from stepcli.api.responses import read_object
from stepcli.audio_types import AudioFormat
from stepcli.errors import NetworkError, UsageError

if TYPE_CHECKING:
    import httpx

    from stepcli.api.client import Client

DEFAULT_SAMPLE_RATE = 24000

_MOST_BYTES = 16 * 1024 * 1024
_MOST_BYTES_OF_A_CHARACTER = 128 * 1024


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
def speak(
    client: Client, request: SpeechRequest, *, events: bool = False
) -> Iterator[Iterator[bytes]]:
    """The sound of ``request`` in its format, as bytes in the blocks they arrive in.

    With ``events`` the sound is asked for as server-sent events, so that a service which
    synthesises piece by piece can send each at once; a plain body is taken as well.
    Raises NetworkError where the answer is not sound, is empty or is cut off.
    """
    from stepcli.api.client import ApiRequest

    body = request.to_json() | ({"stream_format": "sse"} if events else {})
    url = f"{client.endpoint.plan}/audio/speech"
    with client.open(ApiRequest("POST", url, json=body)) as response:
        most = _MOST_BYTES + len(request.text) * _MOST_BYTES_OF_A_CHARACTER
        yield _measured(_sound(response, client, most), response, client.endpoint.host, most)


def _sound(response: httpx.Response, client: Client, most: int) -> Iterator[bytes]:
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "text/event-stream":
        incoming = responses.events(response, client.endpoint, 2 * most)
        return _decoded(incoming, client, _trace_id(response))
    _refuse_nonsense(kind, response, client.endpoint)
    return response.iter_bytes()


def _decoded(
    incoming: Iterator[dict[str, Any]], client: Client, trace_id: str | None
) -> Iterator[bytes]:
    """The bytes in ``speech.audio.delta`` events, until ``speech.audio.done``."""
    for event in incoming:
        match event.get("type"):
            case "speech.audio.delta":
                yield _audio(event, client.endpoint.host, trace_id)
            case "speech.audio.done":
                if event.get("audio"):
                    yield _audio(event, client.endpoint.host, trace_id)
                return
            case responses.DONE:
                return
            case "speech.audio.error":
                from stepcli.api import error_mapping

                raise error_mapping.error_for_event(event, "speech failed", trace_id)
    raise NetworkError(f"{client.endpoint.host} ended the sound early", trace_id=trace_id)


def _audio(event: dict[str, Any], host: str, trace_id: str | None) -> bytes:
    try:
        return b64decode(event["audio"], validate=True)
    except (KeyError, TypeError, ValueError):
        raise NetworkError(f"{host} sent sound that is not base64", trace_id=trace_id) from None


def _measured(
    sound: Iterator[bytes], response: httpx.Response, host: str, most: int
) -> Iterator[bytes]:
    """``sound``, if there is any, and not more than ``most`` bytes of it."""
    size = 0
    for block in sound:
        size += len(block)
        if size > most:
            raise NetworkError(f"{host} sends sound without an end", trace_id=_trace_id(response))
        yield block
    if not size:
        raise NetworkError(f"{host} answered without any sound", trace_id=_trace_id(response))


def _refuse_nonsense(kind: str, response: httpx.Response, service: Endpoint) -> None:
    if kind == "application/json":
        read_object(response, service)
    if kind.startswith("text/") or kind == "application/json":
        raise NetworkError(
            f"{service.host} answered {kind} where sound was expected",
            hint="check --base-url",
            status=response.status_code,
            trace_id=_trace_id(response),
        )


def _trace_id(response: httpx.Response) -> str | None:
    trace_id: str | None = response.headers.get("x-trace-id")
    return trace_id
