"""libespeak-ng through ctypes: one text in one voice to samples."""

from __future__ import annotations

import _ctypes
import ctypes
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import espeakng_loader
import numpy as np
from numpy.typing import NDArray

RATE = 22050
"""Samples a second of what espeak-ng speaks."""

_SYNCHRONOUS = 2  # AUDIO_OUTPUT_SYNCHRONOUS: samples go to the callback before Synth returns
_POSITION_CHARACTER = 1
_UTF8 = 1
_SPEED, _PITCH, _RANGE = 1, 3, 4

_Sink = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p
)


@dataclass(frozen=True)
class Manner:
    """How espeak-ng speaks: ``name`` is ``language+variant``, ``pitch`` and ``range`` 0 to 99."""

    name: str
    words_per_minute: int = 150
    pitch: int = 50
    range: int = 50


def speak(text: str, manner: Manner) -> NDArray[np.int16]:
    """Mono samples at ``RATE``, the same ones every time. Not for two threads at once."""
    heard: list[bytes] = []

    def keep(samples: ctypes._Pointer[ctypes.c_short], count: int, _events: int) -> int:
        if samples and count > 0:
            heard.append(ctypes.string_at(samples, 2 * count))
        return 0

    sink = _Sink(keep)
    with _fresh_library() as espeak:
        espeak.espeak_SetSynthCallback(sink)
        _take_on(espeak, manner)
        words = text.encode() + b"\0"
        espeak.espeak_Synth(
            words, ctypes.c_size_t(len(words)), 0, _POSITION_CHARACTER, 0, _UTF8, None, None
        )
    return np.frombuffer(b"".join(heard), "<i2")


@contextmanager
def _fresh_library() -> Iterator[ctypes.CDLL]:
    """The library as just loaded: the phase of its oscillators outlives even ``espeak_Terminate``,
    and would make the second reading of a text differ from the first. Loading takes 4 ms."""
    espeak = ctypes.CDLL(espeakng_loader.get_library_path())
    try:
        espeak.espeak_Initialize(_SYNCHRONOUS, 0, str(espeakng_loader.get_data_path()).encode(), 0)
        yield espeak
    finally:
        espeak.espeak_Terminate()
        _unload(espeak)


def _unload(library: ctypes.CDLL) -> None:
    if sys.platform == "win32":
        _ctypes.FreeLibrary(library._handle)
    else:
        _ctypes.dlclose(library._handle)


def _take_on(espeak: ctypes.CDLL, manner: Manner) -> None:
    if espeak.espeak_SetVoiceByName(manner.name.encode()):
        raise ValueError(f"espeak-ng has no voice {manner.name}")
    espeak.espeak_ng_SetRandSeed(ctypes.c_long(1))
    espeak.espeak_SetParameter(_SPEED, manner.words_per_minute, 0)
    espeak.espeak_SetParameter(_PITCH, manner.pitch, 0)
    espeak.espeak_SetParameter(_RANGE, manner.range, 0)
