"""The realtime dialogue as a state machine: from client messages to actions (PROTOCOL.md §4).

It uses no socket and makes no sound; ``endpoints.realtime`` performs the actions it returns.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from stepcli.sandbox.endpoints.speech import AudioOptions, VoiceLabel
from stepcli.sandbox.http.requests import (
    any_value,
    boolean,
    choice,
    nested,
    number,
    optional,
    parse_json,
    required,
    string,
    validate,
)
from stepcli.sandbox.http.responses import ServiceError
from stepcli.sandbox.tts.encoding import MEDIA_TYPES

D = TypeVar("D", bound="SessionData")

STREAM_FORMATS = ("mp3_stream", "opus_stream", "flac_stream")

_OPENING, _CLOSING = "(（", ")）"
_SENTENCE_ENDS = "。！？!?"
_MAX_DIRECTION = 200  # characters; a longer parenthesis is not a stage direction
_AFTER_END = "」』”’\"'" + _CLOSING


@dataclass(frozen=True)
class ClientMessage:
    """Any message of a client."""

    type: str = required(string())
    data: Any = required(any_value())


@dataclass(frozen=True, kw_only=True)
class SessionData:
    """The data of any message, which names the session."""

    session_id: str = required(string())


@dataclass(frozen=True, kw_only=True)
class CreateData(SessionData, AudioOptions):
    """The data of ``tts.create``."""

    voice_id: str = required(string())
    response_format: str = optional(choice(*MEDIA_TYPES, *STREAM_FORMATS), "mp3")
    speed_ratio: float = optional(number(0.5, 2.0), 1.0)
    volume_ratio: float = optional(number(0.1, 2.0), 1.0)
    mode: str = optional(choice("default", "sentence"), "default")
    voice_label: VoiceLabel | None = optional(nested(VoiceLabel))
    timestamp: bool = optional(boolean(), False)
    text: Any = optional(any_value())
    """Accepted and ignored."""


@dataclass(frozen=True, kw_only=True)
class TextDeltaData(SessionData):
    """The data of ``tts.text.delta``."""

    text: str = required(string(1, 1000))


@dataclass(frozen=True)
class SendMessage:
    """Send a message immediately."""

    type: str
    data: dict[str, Any]


@dataclass(frozen=True)
class SpeakSentence:
    """Speak a sentence after those that are already queued."""

    sentence: str


@dataclass(frozen=True)
class EndSession:
    """End the session once everything is spoken."""


Action = SendMessage | SpeakSentence | EndSession


class RealtimeServerProtocol:
    """One session. ``on_create`` receives ``tts.create`` and may raise ServiceError."""

    def __init__(self, session_id: str, on_create: Callable[[CreateData], None]) -> None:
        self._session_id, self._on_create = session_id, on_create
        self._splitter: SentenceSplitter | None = None
        self._done = False
        self._handlers = {
            "tts.create": self._create,
            "tts.text.delta": self._delta,
            "tts.text.flush": self._flush,
            "tts.text.done": self._finish,
        }

    def receive(self, frame: str) -> list[Action]:
        """Return the actions for a client's message.

        Raise ServiceError if it is refused; the session is then unchanged.
        """
        message = parse_json(frame.encode("utf-8", "surrogatepass"), ClientMessage)
        if message.type not in self._handlers:
            raise ServiceError(f"unknown message type {message.type}", param="type")
        return self._handlers[message.type](message.data)

    def _create(self, value: Any) -> list[Action]:
        data = self._validate(CreateData, value)
        if self._splitter:
            raise _out_of_order("tts.create was already sent")
        self._on_create(data)
        self._splitter = SentenceSplitter(data.mode)
        return [SendMessage("tts.response.created", {})]

    def _delta(self, value: Any) -> list[Action]:
        data = self._validate(TextDeltaData, value)
        return [SpeakSentence(sentence) for sentence in self._active().add(data.text)]

    def _flush(self, value: Any) -> list[Action]:
        self._validate(SessionData, value)
        rest = self._active().flush()
        return [SendMessage("tts.text.flushed", {}), *map(SpeakSentence, rest)]

    def _finish(self, value: Any) -> list[Action]:
        self._validate(SessionData, value)
        rest = self._active().flush()
        self._done = True
        return [*map(SpeakSentence, rest), EndSession()]

    def _validate(self, shape: type[D], value: Any) -> D:
        data = validate(shape, value, "data.")
        if data.session_id != self._session_id:
            raise ServiceError(f"session {data.session_id} not found", type="session_not_found")
        return data

    def _active(self) -> SentenceSplitter:
        if self._splitter is None:
            raise _out_of_order("tts.create must be sent first")
        if self._done:
            raise _out_of_order("tts.text.done was already sent")
        return self._splitter


def _out_of_order(message: str) -> ServiceError:
    return ServiceError(message, type="out_of_order")


class SentenceSplitter:
    """Buffer text until a sentence is complete.

    Mode ``sentence`` ends a sentence at ``。！？!?``; mode ``default`` also at the end of a line,
    and at a full stop followed by white space. Text in parentheses is never split.
    """

    def __init__(self, mode: str) -> None:
        self._split_lines = mode == "default"
        self._buffer = ""

    def add(self, text: str) -> list[str]:
        """Return the sentences that ``text`` completes."""
        self._buffer += text
        sentences = []
        while end := self._first_end():
            sentences.append(self._buffer[:end])
            self._buffer = self._buffer[end:]
        return sentences

    def flush(self) -> list[str]:
        """Return the buffered text even if incomplete, or nothing if it is only white space."""
        rest, self._buffer = self._buffer, ""
        return [rest] if rest.strip() else []

    def _first_end(self) -> int:
        """Return the end of the first complete sentence, or 0."""
        opened: int | None = None
        for at, character in enumerate(self._buffer):
            if character in _OPENING and opened is None:
                opened = at
            if character in _CLOSING or (opened is not None and at - opened > _MAX_DIRECTION):
                opened = None
            if opened is None and self._ends(at) and re.search(r"[^\W_]", self._buffer[:at]):
                return self._past_closing(at + 1)
        return 0

    def _ends(self, at: int) -> bool:
        character, following = self._buffer[at], self._buffer[at + 1 : at + 2]
        if character in _SENTENCE_ENDS:
            return following == "" or following not in _SENTENCE_ENDS
        return self._split_lines and (
            character == "\n" or (character == "." and following.isspace())
        )

    def _past_closing(self, at: int) -> int:
        while self._buffer[at : at + 1] and self._buffer[at] in _AFTER_END:
            at += 1
        return at
