"""libespeak-ng through ctypes: synthesize one text in one voice."""

from __future__ import annotations

import _ctypes
import ctypes
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import ClassVar

import espeakng_loader
import numpy as np
from numpy.typing import NDArray

RATE = 22050
"""The sample rate of espeak-ng's output in Hz."""

_SYNCHRONOUS = 2  # AUDIO_OUTPUT_SYNCHRONOUS: samples go to the callback before Synth returns
_PHONEME_EVENTS = 1
_POSITION_CHARACTER = 1
_UTF8 = 1
_SPEED, _PITCH, _WORD_GAP = 1, 3, 7
_LIST_END, _WORD, _PHONEME = 0, 1, 7


class _Event(ctypes.Structure):
    """``espeak_EVENT`` of speak_lib.h; positions in the text count characters from 1."""

    _fields_: ClassVar = [
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", ctypes.c_char * 8),
    ]


_Callback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event)
)


@dataclass(frozen=True)
class EspeakVoice:
    """A voice and its parameters: ``name`` is ``language+variant``, ``pitch`` is 0 to 99."""

    name: str
    words_per_minute: int = 150
    pitch: int = 50
    word_gap: int = 0
    """An additional pause between words, in units of 10 ms at the normal speed."""


@dataclass(frozen=True)
class WordStart:
    """The index of a word's first character, and of its first sample."""

    position: int
    sample: int


def speak(text: str, voice: EspeakVoice) -> tuple[NDArray[np.int16], list[WordStart]]:
    """Return ``text`` as mono samples at ``RATE``, and where its words start.

    The same text and voice give the same samples every time. Not thread-safe.
    """
    chunks: list[bytes] = []
    words = _WordStarts()

    def collect(
        samples: ctypes._Pointer[ctypes.c_short], count: int, events: ctypes._Pointer[_Event]
    ) -> int:
        if samples and count > 0:
            chunks.append(ctypes.string_at(samples, 2 * count))
        index = 0
        while events[index].type != _LIST_END:
            words.add(events[index])
            index += 1
        return 0

    callback = _Callback(collect)
    with _loaded_library() as espeak:
        espeak.espeak_SetSynthCallback(callback)
        _select(espeak, voice)
        data = text.encode() + b"\0"
        espeak.espeak_Synth(
            data, ctypes.c_size_t(len(data)), 0, _POSITION_CHARACTER, 0, _UTF8, None, None
        )
    return np.frombuffer(b"".join(chunks), "<i2"), words.found


class _WordStarts:
    """Collect words from events.

    A word starts with its first phoneme that is not a pause: the word's own event precedes the
    closure of a plosive by up to 50 ms.
    """

    def __init__(self) -> None:
        self.found: list[WordStart] = []
        self._pending: int | None = None

    def add(self, event: _Event) -> None:
        """Add an event of espeak-ng."""
        if event.type == _WORD:
            self._pending = event.text_position - 1
        elif self._pending is not None and self._is_sounding(event):
            self.found.append(WordStart(self._pending, event.sample))
            self._pending = None

    @staticmethod
    def _is_sounding(event: _Event) -> bool:
        """Return whether an event is a phoneme, not a pause or a change of language."""
        return event.type == _PHONEME and not event.id.startswith((b"_", b"("))


@contextmanager
def _loaded_library() -> Iterator[ctypes.CDLL]:
    """Load the library afresh, which takes 4 ms.

    The phase of its oscillators survives even ``espeak_Terminate``, and would make the second
    synthesis of a text differ from the first.
    """
    espeak = ctypes.CDLL(espeakng_loader.get_library_path())
    try:
        data_path = str(espeakng_loader.get_data_path()).encode()
        espeak.espeak_Initialize(_SYNCHRONOUS, 0, data_path, _PHONEME_EVENTS)
        yield espeak
    finally:
        espeak.espeak_Terminate()
        _unload(espeak)


def _unload(library: ctypes.CDLL) -> None:
    if sys.platform == "win32":
        _ctypes.FreeLibrary(library._handle)
    else:
        _ctypes.dlclose(library._handle)


def _select(espeak: ctypes.CDLL, voice: EspeakVoice) -> None:
    if espeak.espeak_SetVoiceByName(voice.name.encode()):
        raise ValueError(f"espeak-ng has no voice {voice.name}")
    espeak.espeak_ng_SetRandSeed(ctypes.c_long(1))
    espeak.espeak_SetParameter(_SPEED, voice.words_per_minute, 0)
    espeak.espeak_SetParameter(_PITCH, voice.pitch, 0)
    espeak.espeak_SetParameter(_WORD_GAP, voice.word_gap, 0)
