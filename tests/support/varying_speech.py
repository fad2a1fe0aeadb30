"""A speech service that never gives the same sound twice, in memory and on a socket."""

from __future__ import annotations

import re
import socket
import struct
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from stepcli.api.speech import SpeechRequest
from stepcli.api.spoken_sentence import SpokenItem, SpokenSentence
from stepcli.errors import NetworkError, StepcliError
from tests.support.raw_server import Request, http, raw_server

T = TypeVar("T")

SAMPLES = 100
"""Samples for each character of a text."""


@dataclass
class Sound:
    """A sound as `stepcli.api.speech.speak` yields it."""

    blocks: Iterable[bytes]
    sentences: list[SpokenSentence] = field(default_factory=list)

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.blocks)


def _word_times(text: str) -> SpokenSentence:
    """Return the times of words in a sound with SAMPLES a character, at 1000 Hz."""
    items = [
        SpokenItem(found[0], found.start() * SAMPLES / 1000, found.end() * SAMPLES / 1000)
        for found in re.finditer(r"\S+", text)
    ]
    return SpokenSentence(text, tuple(items))


@dataclass
class VaryingSpeech:
    """All samples of an answer have its number, from 1: so the sound says where it comes from.

    `cuts` maps the beginning of a text to the numbers of bytes after which its answers are
    truncated, in order; `failures` maps it to an error. `before_cut` is called before a truncation,
    `before_answer` before an answer over HTTP. `bodies` are bodies and content types that are
    sent instead of sound.
    """

    cuts: dict[str, list[int]] = field(default_factory=dict)
    failures: dict[str, StepcliError] = field(default_factory=dict)
    bodies: dict[str, list[tuple[bytes, str]]] = field(default_factory=dict)
    before_cut: Callable[[], object] = lambda: None
    before_answer: Callable[[], object] = lambda: None
    texts: list[str] = field(default_factory=list)
    most_at_once: int = 0
    _at_once: int = 0
    _turn: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def speak(self, request: SpeechRequest) -> Iterator[Sound]:
        """Answer as `stepcli.api.speech.speak` does."""
        with self._turn:
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            if failure := self._planned(self.failures, request.text):
                raise failure
            blocks = self._blocks(*self.answer(request.text))
            yield Sound(blocks, [_word_times(request.text)] if request.timestamp else [])
        finally:
            with self._turn:
                self._at_once -= 1

    def answer(self, text: str) -> tuple[bytes, int | None]:
        """Return the sound of a new answer, and the size at which it is truncated."""
        with self._turn:
            self.texts.append(text)
            number = len(self.texts)
            cuts = self._planned(self.cuts, text)
            cut = cuts.pop(0) if cuts else None
        return struct.pack("<h", number) * SAMPLES * len(text), cut

    def serve(self, connection: socket.socket, request: Request) -> None:
        """Answer an HTTP request for PCM on a socket."""
        text = request.json["input"]
        sound, cut = self.answer(text)
        self.before_answer()
        if bodies := self._planned(self.bodies, text):
            body, kind = bodies.pop(0)
            connection.sendall(http(body, kind=kind))
            return
        connection.sendall(http(sound[:cut], kind="audio/pcm", length=len(sound)))

    def requests_for(self, text: str) -> int:
        """Return how often exactly `text` was requested."""
        return self.texts.count(text)

    def _blocks(self, sound: bytes, cut: int | None) -> Iterator[bytes]:
        size = len(sound) if cut is None else cut
        for start in range(0, size, 1000):
            yield sound[start : min(size, start + 1000)]
        if cut is not None:
            self.before_cut()
            raise NetworkError("the answer was truncated")

    @staticmethod
    def _planned(plan: dict[str, T], text: str) -> T | None:
        return next((value for start, value in plan.items() if text.startswith(start)), None)


@contextmanager
def serving(service: VaryingSpeech) -> Iterator[str]:
    """Serve `service` over HTTP; yield the base URL."""
    with raw_server(service.serve) as server:
        yield server.base


def answers_in(sound: bytes) -> list[tuple[int, int]]:
    """Return the number of each answer in `sound`, in order, and how many samples it has."""
    runs: list[tuple[int, int]] = []
    for (number,) in struct.iter_unpack("<h", sound):
        if runs and runs[-1][0] == number:
            runs[-1] = (number, runs[-1][1] + 1)
        else:
            runs.append((number, 1))
    return runs
