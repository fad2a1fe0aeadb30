"""Streaming speech: ``WS {plan}/realtime/audio`` as a dialogue that touches no socket.

Every frame is a JSON object ``{"type", "data": {"session_id", …}}`` (protocol.md §4).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum, auto
from typing import Any
from urllib.parse import urlencode

from stepcli.api.audio_payload import AudioValidator, InvalidAudio, decode_base64, is_text
from stepcli.api.error_mapping import ErrorDetails, error_details
from stepcli.api.speech import SpeechRequest
from stepcli.api.speech import check as check_manner
from stepcli.api.strict_json import parsed
from stepcli.audio_types import AudioFormat
from stepcli.base_url import BaseURL
from stepcli.errors import NetworkError

LONGEST_DELTA = 1000
"""Characters that one ``tts.text.delta`` may carry."""


class Mode(StrEnum):
    """How the service cuts text: words gathered into sentences, or at every ``。！？!?``."""

    DEFAULT = "default"
    SENTENCE = "sentence"


class WireFormat(StrEnum):
    """Formats whose deltas join into one stream that can be decoded as it comes.

    ``flac_stream`` is not among them: a decoder that is given FLAC without an end looks ten frames,
    almost two seconds, ahead.
    """

    PCM = "pcm"
    MP3 = "mp3_stream"
    OPUS = "opus_stream"


_CONTAINERS = {
    WireFormat.PCM: AudioFormat.PCM,
    WireFormat.MP3: AudioFormat.MP3,
    WireFormat.OPUS: AudioFormat.OPUS,
}


@dataclass(frozen=True, slots=True)
class StreamRequest:
    """How to speak what is yet to come: ``manner`` is a SpeechRequest whose text is not used."""

    manner: SpeechRequest
    mode: Mode = Mode.DEFAULT
    wire_format: WireFormat = WireFormat.PCM

    def to_json(self, session_id: str) -> dict[str, Any]:
        """The data of ``tts.create``, with no field that was not asked for."""
        data: dict[str, Any] = {
            "session_id": session_id,
            "voice_id": self.manner.voice,
            "response_format": self.wire_format.value,
            "mode": self.mode.value,
        }
        for name, attribute in _MANNER.items():
            if (value := getattr(self.manner, attribute)) is not None:
                data[name] = value
        if self.manner.pronunciations:
            data["pronunciation_map"] = {"tone": list(self.manner.pronunciations)}
        if self.manner.markdown:
            data["markdown_filter"] = True
        return data


_MANNER = {
    "sample_rate": "sample_rate",
    "speed_ratio": "speed",
    "volume_ratio": "volume",
    "instruction": "instruction",
}


def check(request: StreamRequest) -> None:
    """Raise UsageError for a value that the service would refuse."""
    check_manner(request.manner)


def url_of(plan: BaseURL, model: str) -> str:
    """Return the WebSocket URL below the plan base."""
    return plan.websocket_url(f"realtime/audio?{urlencode({'model': model})}")


@dataclass(frozen=True, slots=True)
class Connected:
    """The service knows of us: the time to create."""


@dataclass(frozen=True, slots=True)
class Created:
    """The service is ready for text."""


@dataclass(frozen=True, slots=True)
class SentenceStarted:
    text: str


@dataclass(frozen=True, slots=True)
class AudioReceived:
    """Sound in the wire format, to be joined to what came before; ``data`` is never empty.

    ``seconds`` is how long it lasts, 0 where the service does not say.
    """

    data: bytes
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class SentenceEnded:
    text: str


@dataclass(frozen=True, slots=True)
class Flushed:
    """What was gathered is about to be spoken."""


@dataclass(frozen=True, slots=True)
class SessionFailed:
    """``tts.response.error``: the service gives up."""

    complaint: ErrorDetails


@dataclass(frozen=True, slots=True)
class SessionFinished:
    """Everything has been spoken; ``data`` is sound that came in no delta, usually none."""

    data: bytes


Event = (
    Connected
    | Created
    | SentenceStarted
    | AudioReceived
    | SentenceEnded
    | Flushed
    | SessionFailed
    | SessionFinished
)


class _Stage(Enum):
    GREETING = auto()
    CREATING = auto()
    OPEN = auto()
    DONE = auto()


class RealtimeProtocol:
    """One session: which frames may be sent when, and what the received ones mean.

    Methods that send return the frame. Out of turn they raise RuntimeError: text before the
    session is created or after it is done, a second create or done.
    """

    def __init__(self, request: StreamRequest) -> None:
        self._request = request
        self._stage = _Stage.GREETING
        self._validator = AudioValidator(_CONTAINERS[request.wire_format])
        self._audio_received = False
        self.session_id: str | None = None

    def create(self) -> str:
        self._move(_Stage.GREETING, _Stage.CREATING)
        return _frame("tts.create", self._request.to_json(self.session_id or ""))

    def text(self, text: str) -> str:
        """``text`` as a delta. Raises ValueError beyond LONGEST_DELTA characters."""
        if not 0 < len(text) <= LONGEST_DELTA:
            raise ValueError(f"a delta has 1 to {LONGEST_DELTA} characters, not {len(text)}")
        return self._saying("tts.text.delta", {"text": text})

    def flush(self) -> str:
        return self._saying("tts.text.flush", {})

    def done(self) -> str:
        frame = self._saying("tts.text.done", {})
        self._stage = _Stage.DONE
        return frame

    def receive(self, frame: str | bytes) -> Event | None:
        """What ``frame`` means; None for what this program does not know.

        Raises NetworkError for a frame that is no JSON object, or sound that is no base64.
        """
        message = _object(frame)
        data = message.get("data")
        data = data if isinstance(data, Mapping) else {}
        if self.session_id is None:
            self.session_id = _session_of(data) or _session_of(message)
        return self._meaning(message.get("type"), data)

    def _meaning(self, kind: object, data: Mapping[str, Any]) -> Event | None:
        match kind:
            case "tts.connection.done":
                return Connected()
            case "tts.response.created":
                return self._created()
            case "tts.response.sentence.start":
                return SentenceStarted(_text(data))
            case "tts.response.audio.delta":
                return self._audio(data)
            case "tts.response.sentence.end":
                return SentenceEnded(_text(data))
            case "tts.text.flushed":
                return Flushed()
            case "tts.response.error":
                return SessionFailed(error_details(data))
            case "tts.response.audio.done":
                return self._finished(data)
        return None

    def _created(self) -> Created | None:
        if self._stage is not _Stage.CREATING:
            return None
        self._stage = _Stage.OPEN
        return Created()

    def _audio(self, data: Mapping[str, Any]) -> AudioReceived | None:
        sound = self._checked(_sound(data))
        self._audio_received = self._audio_received or bool(sound)
        return AudioReceived(sound, _seconds(data)) if sound else None

    def _checked(self, sound: bytes) -> bytes:
        """Return `sound`, the next of the session. Raise NetworkError if it is not audio."""
        try:
            self._validator.feed(sound)
        except InvalidAudio as exc:
            raise NetworkError(f"the service sent invalid audio: {exc}") from exc
        if is_text(sound):
            raise NetworkError("the service sent invalid audio: text")
        return sound

    def _finished(self, data: Mapping[str, Any]) -> SessionFinished:
        """The last event may repeat all audio; it is used only if none was received before."""
        return SessionFinished(b"" if self._audio_received else self._checked(_sound(data)))

    def _saying(self, kind: str, data: Mapping[str, Any]) -> str:
        self._move(_Stage.OPEN, _Stage.OPEN)
        return _frame(kind, {"session_id": self.session_id, **data})

    def _move(self, here: _Stage, there: _Stage) -> None:
        if self._stage is not here:
            raise RuntimeError(f"out of turn: {self._stage.name.lower()}, not {here.name.lower()}")
        self._stage = there


def _frame(kind: str, data: Mapping[str, Any]) -> str:
    return json.dumps({"type": kind, "data": data}, ensure_ascii=False)


def _object(frame: str | bytes) -> Mapping[str, Any]:
    try:
        value = parsed(frame)
    except ValueError:
        value = None
    if not isinstance(value, Mapping):
        raise NetworkError("the service sent a message that is not JSON")
    return value


def _session_of(data: Mapping[str, Any]) -> str | None:
    session = data.get("session_id")
    return session if isinstance(session, str) and session else None


def _text(data: Mapping[str, Any]) -> str:
    text = data.get("text")
    return text if isinstance(text, str) else ""


def _seconds(data: Mapping[str, Any]) -> float:
    value = data.get("duration")
    return float(value) if isinstance(value, int | float) and 0 <= value < 1e6 else 0.0


def _sound(data: Mapping[str, Any]) -> bytes:
    """Return the audio of an event, empty if it has none."""
    audio = data.get("audio")
    if not isinstance(audio, str):
        return b""
    try:
        return decode_base64(audio)
    except ValueError:
        raise NetworkError("the service sent audio that is not base64") from None
