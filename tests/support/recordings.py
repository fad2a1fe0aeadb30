"""Human speech from the package of the recognizer, and long recordings made of it."""

from __future__ import annotations

import wave
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

import numpy as np
import soundfile
import soxr

RATE = 16000
SILENCE = 1.5
"""Seconds after each reading in a long recording."""
BECKETT = "Ever tried. Ever failed. No matter. Try again. Fail again. Fail better."
"""The words of the reading ``beckett``."""


def reading(name: str) -> bytes:
    """Return s16le at 16 kHz: beckett (10 s), two_cities (44 s) or endgame_nagg_nell (28 s)."""
    path = files("moonshine_voice") / "assets" / f"{name}.wav"
    sound, rate = soundfile.read(str(path), dtype="float32", always_2d=True)
    samples = soxr.resample(sound.mean(axis=1), rate, RATE)
    return bytes((samples * 32767).astype("<i2").tobytes())


def silence(seconds: float) -> bytes:
    return bytes(2 * round(seconds * RATE))


def noise(seconds: float, loudness: int = 3000) -> bytes:
    """Return noise, the same each time."""
    samples = np.random.default_rng(1).integers(-loudness, loudness, round(seconds * RATE))
    return samples.astype("<i2").tobytes()


def breathless(sound: bytes) -> bytes:
    """Return ``sound`` without every 50 ms that are almost silent."""
    step = RATE // 20
    samples = np.frombuffer(sound, "<i2")
    steps = samples[: len(samples) // step * step].reshape(-1, step)
    loudness = np.abs(steps.astype(float)).mean(axis=1)
    return bytes(steps[loudness > 0.15 * np.percentile(loudness, 90)].tobytes())


def write_wav(path: Path, *sounds: bytes, rate: int = RATE) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, rate, 0, "NONE", ""))
        for sound in sounds:
            file.writeframes(sound)
    return path


def write_long(path: Path, readings: Sequence[str], seconds: float) -> list[tuple[str, float]]:
    """Write ``readings`` repeatedly for ``seconds``; return each with its start in seconds."""
    sounds = {name: reading(name) + silence(SILENCE) for name in readings}
    reported: list[tuple[str, float]] = []
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        while file.tell() < seconds * RATE:
            name = readings[len(reported) % len(readings)]
            reported.append((name, file.tell() / RATE))
            file.writeframes(sounds[name])
    return reported
