"""The realtime dialogue as a state machine: what a client's message leads to (protocol.md §4).

It touches no socket and makes no sound; ``endpoints.realtime`` does both with the steps it gives.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from stepcli.sandbox.endpoints.speech_options import Sounding, VoiceLabel
from stepcli.sandbox.http.errors import Refusal
from stepcli.sandbox.http.responses import parse
from stepcli.sandbox.http.validation import (
    anything,
    choice,
    number,
    optional,
    read,
    record,
    required,
    text,
)
from stepcli.sandbox.tts.encoding import MEDIA_TYPES

_OPENING, _CLOSING = "(（", ")）"
_ENDS = "。！？!?"
_LONGEST_DIRECTION = 200  # characters; a parenthesis still open after that is none
_AFTER_END = "」』”’\"'" + _CLOSING


class Gatherer:
    """Holds back text until a sentence is complete.

    Mode ``sentence`` ends one at ``。！？!?``; mode ``default`` also at a line's end, and at a full
    stop that white space follows. What stands in parentheses is never cut.
    """

    def __init__(self, mode: str) -> None:
        self._by_lines = mode == "default"
        self._held = ""

    def add(self, text: str) -> list[str]:
        """The sentences that this text completes."""
        self._held += text
        sentences = []
        while end := self._first_end():
            sentences.append(self._held[:end])
            self._held = self._held[end:]
        return sentences

    def flush(self) -> list[str]:
        """What is held back, complete or not; nothing if it is only white space."""
        rest, self._held = self._held, ""
        return [rest] if rest.strip() else []

    def _first_end(self) -> int:
        """Where the first complete sentence ends, 0 if none is."""
        opened: int | None = None
        for at, character in enumerate(self._held):
            if character in _OPENING and opened is None:
                opened = at
            if character in _CLOSING or (opened is not None and at - opened > _LONGEST_DIRECTION):
                opened = None
            if opened is None and self._ends(at) and re.search(r"[^\W_]", self._held[:at]):
                return self._past_closing(at + 1)
        return 0

    def _ends(self, at: int) -> bool:
        character, following = self._held[at], self._held[at + 1 : at + 2]
        if character in _ENDS:
            return following == "" or following not in _ENDS
        return self._by_lines and (character == "\n" or (character == "." and following.isspace()))

    def _past_closing(self, at: int) -> int:
        while self._held[at : at + 1] and self._held[at] in _AFTER_END:
            at += 1
        return at


D = TypeVar("D", bound="Data")

STREAMED = ("mp3_stream", "opus_stream", "flac_stream")


@dataclass(frozen=True)
class Message:
    """Any message of a client."""

    type: str = required(text())
    data: Any = required(anything())


@dataclass(frozen=True, kw_only=True)
class Data:
    """The data of any message: at least the session it is for."""

    session_id: str = required(text())


@dataclass(frozen=True, kw_only=True)
class Create(Data, Sounding):
    """The data of ``tts.create``."""

    voice_id: str = required(text())
    response_format: str = optional(choice(*MEDIA_TYPES, *STREAMED), "mp3")
    speed_ratio: float = optional(number(0.5, 2.0), 1.0)
    volume_ratio: float = optional(number(0.1, 2.0), 1.0)
    mode: str = optional(choice("default", "sentence"), "default")
    voice_label: VoiceLabel | None = optional(record(VoiceLabel))


@dataclass(frozen=True, kw_only=True)
class TextDelta(Data):
    """The data of ``tts.text.delta``."""

    text: str = required(text(1, 1000))


@dataclass(frozen=True)
class Reply:
    """Say this at once."""

    type: str
    data: dict[str, Any]


@dataclass(frozen=True)
class Speak:
    """Speak this after what is already to be spoken."""

    sentence: str


@dataclass(frozen=True)
class Finish:
    """End the session once all is spoken."""


Step = Reply | Speak | Finish


class Dialogue:
    """One session. ``begin`` is told what ``tts.create`` asked for, and may refuse it."""

    def __init__(self, session_id: str, begin: Callable[[Create], None]) -> None:
        self._session_id, self._begin = session_id, begin
        self._gatherer: Gatherer | None = None
        self._done = False
        self._handlers = {
            "tts.create": self._create,
            "tts.text.delta": self._delta,
            "tts.text.flush": self._flush,
            "tts.text.done": self._finish,
        }

    def receive(self, frame: str) -> list[Step]:
        """What a client's message leads to. One that is refused (``Refusal``) changes nothing."""
        message = parse(frame.encode("utf-8", "surrogatepass"), Message)
        if message.type not in self._handlers:
            raise Refusal(f"message type {message.type} is not known", param="type")
        return self._handlers[message.type](message.data)

    def _create(self, data: Any) -> list[Step]:
        asked = self._read(Create, data)
        if self._gatherer:
            raise _out_of_order("tts.create was sent before")
        self._begin(asked)
        self._gatherer = Gatherer(asked.mode)
        return [Reply("tts.response.created", {})]

    def _delta(self, data: Any) -> list[Step]:
        given = self._read(TextDelta, data)
        return [Speak(sentence) for sentence in self._gathering().add(given.text)]

    def _flush(self, data: Any) -> list[Step]:
        self._read(Data, data)
        rest = self._gathering().flush()
        return [Reply("tts.text.flushed", {}), *map(Speak, rest)]

    def _finish(self, data: Any) -> list[Step]:
        self._read(Data, data)
        rest = self._gathering().flush()
        self._done = True
        return [*map(Speak, rest), Finish()]

    def _read(self, shape: type[D], data: Any) -> D:
        given = read(shape, data, "data.")
        if given.session_id != self._session_id:
            raise Refusal(f"session {given.session_id} not found", type="session_not_found")
        return given

    def _gathering(self) -> Gatherer:
        if self._gatherer is None:
            raise _out_of_order("tts.create must come first")
        if self._done:
            raise _out_of_order("tts.text.done was sent before")
        return self._gatherer


def _out_of_order(complaint: str) -> Refusal:
    return Refusal(complaint, type="out_of_order")
