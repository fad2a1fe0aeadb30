"""Speech, `POST {plan}/audio/speech` (PROTOCOL.md, section 3)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from stepcli.api import responses
from stepcli.api.audio_payload import (
    InvalidAudio,
    TruncatedAudio,
    decode_base64,
    is_text,
    validated,
)
from stepcli.api.catalog import (
    DEFAULT_VOICE,
    SPEECH_LIMITS,
    SPEECH_MODEL,
    SpeechLimits,
    TextNormalization,
)
from stepcli.api.endpoint import Endpoint
from stepcli.api.service_errors import error_for_event, is_error
from stepcli.api.spoken_sentence import SpokenSentence
from stepcli.api.strict_json import parsed_object
from stepcli.audio_types import AudioFormat
from stepcli.errors import NetworkError, StepcliError, UnknownVoiceError, UsageError

if TYPE_CHECKING:
    import httpx

    from stepcli.api.client import Client

DEFAULT_SAMPLE_RATE = 24000

_LARGEST_ERROR = 64 * 1024
_MOST_BYTES = 16 * 1024 * 1024
_MOST_BYTES_OF_A_CHARACTER = 128 * 1024


@dataclass(frozen=True, slots=True)
class SpeechRequest:
    """Text to speak in one request. Options that are None are left to the service.

    `pronunciations` are pairs joined by `/`; `sample_rate` is in Hz; `timestamp` asks for the times
    of words.
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
    text_normalization: TextNormalization | None = None
    timestamp: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return the body, without fields that were not set."""
        return {
            "model": self.model,
            "input": self.text,
            "voice": self.voice,
            "response_format": self.format.value,
            **self.options(speed="speed", volume="volume"),
            **({"stream_format": "sse"} if self.timestamp else {}),
        }

    def options(self, *, speed: str, volume: str) -> dict[str, Any]:
        """Return the options that were set; streaming has other names for `speed` and `volume`."""
        pairs = {"tone": list(self.pronunciations)} if self.pronunciations else None
        options = {
            "sample_rate": self.sample_rate,
            speed: self.speed,
            volume: self.volume,
            "instruction": self.instruction,
            "pronunciation_map": pairs,
            "markdown_filter": self.markdown or None,
            "text_normalization": self.text_normalization,
            "timestamp": self.timestamp or None,
        }
        return {name: value for name, value in options.items() if value is not None}


def check(request: SpeechRequest) -> None:
    """Raise UsageError for a value that the service would refuse."""
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


class SpokenAudio(Protocol):
    """Audio in blocks as they arrive, and the `sentences` that were reported so far."""

    @property
    def sentences(self) -> Sequence[SpokenSentence]: ...

    def __iter__(self) -> Iterator[bytes]: ...


@contextmanager
def speak(client: Client, request: SpeechRequest, *, events: bool = False) -> Iterator[SpokenAudio]:
    """Yield the audio of `request` in its format.

    With `events`, or with `timestamp`, it is requested as server-sent events, so that a service
    that synthesizes piece by piece can send each at once; a plain body is accepted as well. Raise
    NetworkError for a response that is not audio of the format, is empty or is truncated.
    """
    from stepcli.api.client import ApiRequest

    body = request.to_json() | ({"stream_format": "sse"} if events else {})
    url = client.endpoint.plan.url("audio/speech")
    with (
        _naming_voice(request),
        client.open(ApiRequest("POST", url, json=body)) as response,
    ):
        yield _Answer(response, client.endpoint, request)


@contextmanager
def _naming_voice(request: SpeechRequest) -> Iterator[None]:
    try:
        yield
    except UnknownVoiceError as exc:
        exc.voice, exc.model = request.voice, request.model
        raise


class _Answer:
    """The response to one speech request."""

    def __init__(
        self, response: httpx.Response, endpoint: Endpoint, request: SpeechRequest
    ) -> None:
        self._response = response
        self._endpoint = endpoint
        self._format = request.format
        self._most = _MOST_BYTES + len(request.text) * _MOST_BYTES_OF_A_CHARACTER
        self._trace_id: str | None = response.headers.get("x-trace-id")
        self.sentences: list[SpokenSentence] = []

    def __iter__(self) -> Iterator[bytes]:
        """Yield the audio, checked and bounded."""
        endless = self._failure("sent endless audio")
        held, blocks = bytearray(), responses.bounded(self._blocks(), self._most, endless)
        try:
            yield from validated(blocks, self._format, held)
        except TruncatedAudio as exc:
            if "json" in self._media_type or self._media_type == "text/html":
                raise self._invalid(exc) from exc
            raise self._failure(f"sent {exc}") from exc
        except InvalidAudio as exc:
            raise self._error_in(bytes(held), blocks) or self._invalid(exc) from exc

    def _blocks(self) -> Iterator[bytes]:
        if self._media_type == "text/event-stream":
            return self._from_events()
        return self._response.iter_bytes()

    @property
    def _media_type(self) -> str:
        header: str = self._response.headers.get("content-type", "")
        return header.partition(";")[0].strip().lower()

    def _from_events(self) -> Iterator[bytes]:
        """Yield the audio of `speech.audio.delta` events until `speech.audio.done`."""
        for event in responses.events(self._response, self._endpoint, 2 * self._most):
            match event.get("type"):
                case "speech.audio.delta":
                    yield self._decoded(event)
                case "speech.audio.done":
                    if event.get("audio"):
                        yield self._decoded(event)
                    return
                case "response.subtitle":
                    self.sentences.append(SpokenSentence.from_json(event.get("data")))
                case responses.DONE:
                    return
                case _ if is_error(event):
                    raise error_for_event(
                        event, "speech failed", self._endpoint.plan, self._trace_id
                    )
        raise self._failure("ended the audio early")

    def _decoded(self, event: dict[str, Any]) -> bytes:
        try:
            audio = decode_base64(event.get("audio"))
        except ValueError:
            raise self._failure("sent audio that is not base64") from None
        if is_text(audio):
            raise InvalidAudio("JSON or HTML instead of audio")
        return audio

    def _error_in(self, head: bytes, rest: Iterator[bytes]) -> StepcliError | None:
        """Return the error that a JSON body in place of audio reports, if it does."""
        body = bytearray(head)
        while len(body) < _LARGEST_ERROR and (block := next(rest, b"")):
            body += block
        value = parsed_object(bytes(body))
        if value is None or not is_error(value):
            return None
        what = f"{self._endpoint.host} reported an error"
        failure = error_for_event(value, what, self._endpoint.plan, self._trace_id)
        failure.status = self._response.status_code
        return failure

    def _invalid(self, reason: InvalidAudio) -> NetworkError:
        return NetworkError(
            f"{self._endpoint.host} returned invalid audio: {reason}",
            hint="check --base-url",
            status=self._response.status_code,
            trace_id=self._trace_id,
        )

    def _failure(self, what: str) -> NetworkError:
        """Return an error without status: a part of a long text is then requested again."""
        return NetworkError(f"{self._endpoint.host} {what}", trace_id=self._trace_id)
