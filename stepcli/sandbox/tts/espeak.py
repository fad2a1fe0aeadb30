"""libespeak-ng through ctypes: synthesize one text in one voice."""

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
"""The sample rate of espeak-ng's output in Hz."""

_SYNCHRONOUS = 2  # AUDIO_OUTPUT_SYNCHRONOUS: samples go to the callback before Synth returns
_POSITION_CHARACTER = 1
_UTF8 = 1
_SPEED, _PITCH, _RANGE = 1, 3, 4

_Callback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p
)


@dataclass(frozen=True)
class EspeakVoice:
    """A voice and its parameters: ``name`` is ``language+variant``, ``pitch`` is 0 to 99."""

    name: str
    words_per_minute: int = 150
    pitch: int = 50
    range: int = 50


def speak(text: str, voice: EspeakVoice) -> NDArray[np.int16]:
    """Return ``text`` as mono samples at ``RATE``, the same ones every time. Not thread-safe."""
    chunks: list[bytes] = []

    def collect(samples: ctypes._Pointer[ctypes.c_short], count: int, _events: int) -> int:
        if samples and count > 0:
            chunks.append(ctypes.string_at(samples, 2 * count))
        return 0

    callback = _Callback(collect)
    with _loaded_library() as espeak:
        espeak.espeak_SetSynthCallback(callback)
        _select(espeak, voice)
        data = text.encode() + b"\0"
        espeak.espeak_Synth(
            data, ctypes.c_size_t(len(data)), 0, _POSITION_CHARACTER, 0, _UTF8, None, None
        )
    return np.frombuffer(b"".join(chunks), "<i2")


@contextmanager
def _loaded_library() -> Iterator[ctypes.CDLL]:
    """Load the library afresh, which takes 4 ms.

    The phase of its oscillators survives even ``espeak_Terminate``, and would make the second
    synthesis of a text differ from the first.
    """
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


def _select(espeak: ctypes.CDLL, voice: EspeakVoice) -> None:
    if espeak.espeak_SetVoiceByName(voice.name.encode()):
        raise ValueError(f"espeak-ng has no voice {voice.name}")
    espeak.espeak_ng_SetRandSeed(ctypes.c_long(1))
    espeak.espeak_SetParameter(_SPEED, voice.words_per_minute, 0)
    espeak.espeak_SetParameter(_PITCH, voice.pitch, 0)
    espeak.espeak_SetParameter(_RANGE, voice.range, 0)
