"""Streaming speech, `WS {plan}/realtime/audio`, as a state machine without a socket.

The frames are described in PROTOCOL.md, section 4.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum, auto
from typing import Any
from urllib.parse import urlencode

from stepcli.api.audio_payload import AudioValidator, InvalidAudio, decode_base64, is_text
from stepcli.api.service_errors import ErrorDetails, error_details
from stepcli.api.speech import SpeechRequest
from stepcli.api.spoken_sentence import SpokenSentence
from stepcli.api.strict_json import as_text, parsed_object
from stepcli.audio_types import AudioFormat
from stepcli.base_url import BaseURL
from stepcli.errors import NetworkError

LONGEST_DELTA = 1000
"""The most characters of one `tts.text.delta`."""


class Mode(StrEnum):
    """How the service finds sentences: in text that is being written, or at every `。！？!?`."""

    DEFAULT = "default"
    SENTENCE = "sentence"


class WireFormat(StrEnum):
    """The formats whose deltas form one stream that can be decoded while it arrives.

    `flac_stream` is left out: decoders read FLAC of unknown length ten frames, almost two seconds,
    ahead.
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
    """The options of a session; the text of `speech` is not used."""

    speech: SpeechRequest
    mode: Mode = Mode.DEFAULT
    wire_format: WireFormat = WireFormat.PCM

    def to_json(self, session_id: str) -> dict[str, Any]:
        """Return the data of `tts.create`, without fields that were not set."""
        return {
            "session_id": session_id,
            "voice_id": self.speech.voice,
            "response_format": self.wire_format.value,
            "mode": self.mode.value,
            **self.speech.options(speed="speed_ratio", volume="volume_ratio"),
        }


def url_of(plan: BaseURL, model: str, *, inside_tls: bool = False) -> str:
    """Return the WebSocket URL below the plan base, or for an encrypted connection to it."""
    path = f"realtime/audio?{urlencode({'model': model})}"
    return plan.websocket_url(path, inside_tls=inside_tls)


@dataclass(frozen=True, slots=True)
class Connected:
    """The service is ready for `tts.create`."""


@dataclass(frozen=True, slots=True)
class Created:
    """The service is ready for text."""


@dataclass(frozen=True, slots=True)
class SentenceStarted:
    """The audio of a sentence follows; `text` may be normalized, or empty."""

    text: str
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class AudioReceived:
    """The next audio of the session in its wire format; `data` is never empty."""

    data: bytes


@dataclass(frozen=True, slots=True)
class SentenceEnded:
    """The audio of a sentence is complete; `text` may be normalized, or empty."""

    text: str
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class WordTimesReceived:
    """The word times of a sentence, possibly after the audio of later ones."""

    sentence: SpokenSentence


@dataclass(frozen=True, slots=True)
class Flushed:
    """The buffered text will be spoken."""


@dataclass(frozen=True, slots=True)
class SessionFailed:
    """The service reported an error."""

    complaint: ErrorDetails


@dataclass(frozen=True, slots=True)
class SessionFinished:
    """All text was spoken; `data` is audio that no delta contained, usually none."""

    data: bytes


Event = (
    Connected
    | Created
    | SentenceStarted
    | AudioReceived
    | SentenceEnded
    | WordTimesReceived
    | Flushed
    | SessionFailed
    | SessionFinished
)


class _Stage(Enum):
    CONNECTING = auto()
    CREATING = auto()
    OPEN = auto()
    DONE = auto()


class RealtimeProtocol:
    """The client's side of one session.

    The methods that send return a frame. They raise RuntimeError in the wrong state: text before
    the session is created or after it is done, a second `create` or `done`.
    """

    def __init__(self, request: StreamRequest) -> None:
        self._request = request
        self._stage = _Stage.CONNECTING
        self._validator = AudioValidator(_CONTAINERS[request.wire_format])
        self._audio_received = False
        self.session_id: str | None = None

    def create(self) -> str:
        """Return the frame that creates the session."""
        self._move(_Stage.CONNECTING, _Stage.CREATING)
        return _frame("tts.create", self._request.to_json(self.session_id or ""))

    def text(self, text: str) -> str:
        """Return a frame with `text`; raise ValueError if it is empty or too long for one."""
        if not 0 < len(text) <= LONGEST_DELTA:
            raise ValueError(f"a delta has 1 to {LONGEST_DELTA} characters, not {len(text)}")
        return self._in_session("tts.text.delta", {"text": text})

    def flush(self) -> str:
        """Return the frame that has the buffered text spoken."""
        return self._in_session("tts.text.flush", {})

    def done(self) -> str:
        """Return the frame that announces the end of the text."""
        frame = self._in_session("tts.text.done", {})
        self._stage = _Stage.DONE
        return frame

    def receive(self, frame: str | bytes) -> Event | None:
        """Return the event in `frame`; None for one that is not used here.

        Raise NetworkError if the frame is not a JSON object or its audio is invalid.
        """
        message = parsed_object(frame)
        if message is None:
            raise NetworkError("the service sent a message that is not JSON")
        data = message.get("data")
        data = data if isinstance(data, Mapping) else {}
        if self.session_id is None:
            named = as_text(data.get("session_id")) or as_text(message.get("session_id"))
            self.session_id = named or None
        return self._event(message.get("type"), data)

    def _event(self, kind: object, data: Mapping[str, Any]) -> Event | None:
        match kind:
            case "tts.connection.done":
                return Connected()
            case "tts.response.created":
                return self._created()
            case "tts.response.sentence.start":
                return SentenceStarted(*_sentence(data))
            case "tts.response.audio.delta":
                return self._audio(data)
            case "tts.response.sentence.end":
                return SentenceEnded(*_sentence(data))
            case "tts.response.subtitle":
                return WordTimesReceived(SpokenSentence.from_json(data))
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

    def receive_oversized(self) -> SessionFinished | None:
        """Return the event of a frame that is too large to be read, None if it is unknown.

        When the text has ended and audio has arrived, it is the last event, which repeats all of
        the audio (PROTOCOL.md, section 4).
        """
        is_last = self._stage is _Stage.DONE and self._audio_received
        return SessionFinished(b"") if is_last else None

    def _audio(self, data: Mapping[str, Any]) -> AudioReceived | None:
        sound = self._checked(_sound(data))
        self._audio_received = self._audio_received or bool(sound)
        return AudioReceived(sound) if sound else None

    def _checked(self, sound: bytes) -> bytes:
        """Return `sound`, the next of the session. Raise NetworkError if it is not audio."""
        try:
            self._validator.feed(sound)
        except InvalidAudio as exc:
            raise NetworkError(f"the service sent invalid audio: {exc}") from exc
        if is_text(sound):
            raise NetworkError("the service sent invalid audio: JSON or HTML")
        return sound

    def _finished(self, data: Mapping[str, Any]) -> SessionFinished:
        """Handle the last event, which may repeat all audio; it is used only if none arrived."""
        return SessionFinished(b"" if self._audio_received else self._checked(_sound(data)))

    def _in_session(self, kind: str, data: Mapping[str, Any]) -> str:
        self._move(_Stage.OPEN, _Stage.OPEN)
        return _frame(kind, {"session_id": self.session_id, **data})

    def _move(self, here: _Stage, there: _Stage) -> None:
        if self._stage is not here:
            raise RuntimeError(
                f"the session is {self._stage.name.lower()}, not {here.name.lower()}"
            )
        self._stage = there


def _frame(kind: str, data: Mapping[str, Any]) -> str:
    return json.dumps({"type": kind, "data": data}, ensure_ascii=False)


def _sentence(data: Mapping[str, Any]) -> tuple[str, str]:
    """Return the text and the request id of a sentence."""
    return as_text(data.get("text")), as_text(data.get("request_id"))


def _sound(data: Mapping[str, Any]) -> bytes:
    """Return the audio of an event, empty if it has none."""
    audio = data.get("audio")
    if not isinstance(audio, str):
        return b""
    try:
        return decode_base64(audio)
    except ValueError:
        raise NetworkError("the service sent audio that is not base64") from None
