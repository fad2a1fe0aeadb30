"""``transcribe --live`` and ``--mic``: delay, accuracy, and memory over an hour."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from random import Random
from statistics import median
from time import monotonic, sleep

import numpy as np

from stepcli.audio.vad import SHORT_PAUSE
from tests.bench.peak import peak_memory
from tests.bench.places import Places
from tests.bench.table import Row
from tests.support.microphones import STEP, a_microphone
from tests.support.recordings import BECKETT, RATE, reading, silence, write_wav
from tests.support.service import Sandbox
from tests.support.sounds import word_errors

DELAY = 150.0
"""Milliseconds beyond the unavoidable delay: the pause, or the recognition from its 0.4 s on."""
STOP_DELAY = 1500.0
"""Milliseconds from the end of a dictation in the middle of speech to its text."""
POINTS, DICTATED_POINTS = 3.0, 1.0
FLAT = 1.15
_PAUSE = 1.2
_UTTERANCE = reading("beckett")[: 2 * RATE * 3]
_BETWEEN = silence(3)
_TEXTS = {
    "beckett": BECKETT,
    "two_cities": """
It was the best of times, it was the worst of times, it was the age of wisdom, it was the age
of foolishness, it was the epoch of belief, it was the epoch of incredulity, it was the season
of light, it was the season of darkness, it was the spring of hope, it was the winter of
despair, we had everything before us, we had nothing before us, we were all going direct to
heaven, we were all going direct the other way. In short, the period was so far like the
present period, that some of its noisiest authorities insisted on its being received, for good
or for evil, in the superlative degree of comparison only.
""",
}
_PAUSES = (0.25, 0.5, 0.9, 1.5, 3.0)
_DICTATED_SECONDS = 300
_DICTATION_SPEED = 8
"""Times real time, at which the sandbox still answers between the segments."""
_MIXES = 3


def rows(
    places: Places, service: Sandbox, runs: int, directory: Path, minutes: tuple[int, int]
) -> Iterator[Row]:
    environ = service.environ | {"HOME": str(directory), "STEPCLI_LANGUAGE": "en"}
    live = (*places.stepcli, "transcribe", "--live")
    delays = [_delay(service, live, environ, directory / f"alsa{run}") for run in range(runs)]
    ours, against = (1000 * median(each) for each in zip(*delays, strict=True))
    what = "end of utterance to its line, less the pause"
    yield Row(what, ours - against, against, "ms", DELAY, absolute=True)
    yield _words(places, environ, directory)
    yield _dictated_words(places, environ, directory)
    few, many = (_peak(places, environ, directory / f"{one}", one) for one in minutes)
    what = "peak memory, transcribe --live: {1} / {0} min".format(*minutes)
    yield Row(what, many / 1024, few / 1024, "MiB", FLAT)


def _delay(
    service: Sandbox, live: tuple[str, ...], environ: dict[str, str], room: Path
) -> tuple[float, float]:
    """Return the seconds from the end of speech to its line, and the unavoidable part of them."""
    service.reset()
    silent = silence(2)
    with a_microphone(room) as microphone:
        microphone.hears(silent, _UTTERANCE, speed=1)
        with subprocess.Popen(
            live,
            env=environ | microphone.environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        ) as process:
            assert process.stdout
            assert process.stdout.readline()
            came = monotonic()
            process.terminate()
        ended = microphone.moments[(len(silent) + _spoken(_UTTERANCE)) // STEP]
    *_, asked = service.log("asr")
    return came - ended, max(_PAUSE, SHORT_PAUSE + asked["seconds"])


def _spoken(sound: bytes) -> int:
    """Return the number of bytes up to the last loud one."""
    samples = np.abs(np.frombuffer(sound, "<i2").astype(float))
    return 2 * int(np.flatnonzero(samples > samples.max() / 30)[-1])


def _words(places: Places, environ: dict[str, str], directory: Path) -> Row:
    """Return the words of readings separated by pauses, from the microphone and from a file."""
    sound = b"".join((silence(2), reading("beckett"), _BETWEEN, reading("two_cities"), _BETWEEN))
    wav = write_wav(directory / "said.wav", sound)
    with a_microphone(directory / "alsa-words") as microphone:
        microphone.hears(sound)
        seconds = str(len(sound) / 2 / RATE)
        command = (*places.stepcli, "transcribe", "--live", "--duration", seconds)
        heard = _printed(command, environ | microphone.environ)
    read = _printed((*places.stepcli, "transcribe", str(wav)), environ)
    said = " ".join(_TEXTS.values())
    ours, file = (100 * word_errors(said, text) / len(said.split()) for text in (heard, read))
    what = "words wrong, transcribe --live / the same file"
    return Row(what, ours, file, "%", POINTS, above=True)


def _dictated_words(places: Places, environ: dict[str, str], directory: Path) -> Row:
    """Return the wrong words of dictations, recognized in segments, and of the same files."""
    words = wrong = wrong_at_once = 0
    for seed in range(_MIXES):
        sound, said = _mix(seed)
        wav = write_wav(directory / f"mix{seed}.wav", sound)
        with a_microphone(directory / f"alsa-mix{seed}") as microphone:
            microphone.hears(sound)
            options = ("--mic", "--silence", "3600", "--duration", str(len(sound) / 2 / RATE))
            command = (*places.stepcli, "transcribe", *options)
            wrong += word_errors(said, _printed(command, environ | microphone.environ))
        wrong_at_once += word_errors(
            said, _printed((*places.stepcli, "transcribe", str(wav)), environ)
        )
        words += len(said.split())
    what = "words wrong, transcribe --mic of 5 min / the same files"
    ours, file = (100 * each / words for each in (wrong, wrong_at_once))
    return Row(what, ours, file, "%", DICTATED_POINTS, above=True)


def _mix(seed: int) -> tuple[bytes, str]:
    """Return readings with pauses in random order, and their text."""
    random, sound, texts = Random(seed), b"", []
    while len(sound) < 2 * RATE * _DICTATED_SECONDS:
        name = random.choice([*_TEXTS])
        sound += reading(name) + silence(random.choice(_PAUSES))
        texts.append(_TEXTS[name])
    return sound, " ".join(texts)


def stop_rows(
    places: Places, service: Sandbox, runs: int, directory: Path, seconds: float
) -> Iterator[Row]:
    """Yield the delay of the text after a dictation that is stopped in the middle of speech."""
    environ = service.environ | {"HOME": str(directory), "STEPCLI_LANGUAGE": "en"}
    command = (*places.stepcli, "transcribe", "--mic", "--silence", "3600")
    delays, unavoidable = [], []
    for run in range(runs):
        service.reset()
        with a_microphone(directory / f"alsa-stop{run}") as microphone:
            microphone.hears(reading("two_cities") * 8, speed=_DICTATION_SPEED)
            environment = environ | microphone.environ
            with subprocess.Popen(
                command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            ) as process:
                assert process.stdout
                while len(microphone.moments) * STEP < 2 * RATE * (seconds - 3 * run):
                    sleep(0.05)
                process.terminate()
                stopped = monotonic()
                assert process.stdout.read(1)
                delays.append(monotonic() - stopped)
        unavoidable.append(service.log("asr")[-1]["seconds"])
    ours, against = (1000 * median(each) for each in (delays, unavoidable))
    what = "end of a dictation to its text / its last request"
    yield Row(what, ours, against, "ms", STOP_DELAY, absolute=True)


def _printed(command: tuple[str, ...], environ: dict[str, str]) -> str:
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=True)
    return done.stdout


def _peak(places: Places, environ: dict[str, str], room: Path, minutes: int) -> int:
    """Return the peak memory in kB with three utterances a minute."""
    sound = (_UTTERANCE + silence(17)) * 3 * minutes
    with a_microphone(room) as microphone:
        microphone.hears(sound)
        interim = ["--format", "jsonl", "--interim", "1"]
        arguments = ["transcribe", "--live", *interim, "-q", "--duration", str(60 * minutes)]
        return peak_memory(arguments, environ | microphone.environ, places.stepcli)
