"""What a voice is taken from: a sound file, a stored one, or the microphone."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from stepcli.api.files import FILE_PREFIX
from stepcli.audio import wav
from stepcli.audio.recorder import BLOCK_SECONDS, Recorder
from stepcli.audio.signal import level
from stepcli.audio_types import PCM
from stepcli.cli.io.level_meter import level_bar
from stepcli.cli.io.terminal import Terminal
from stepcli.errors import DeviceError, UsageError
from stepcli.settings import state_dir
from stepcli.storage.atomic_file import write_private

if TYPE_CHECKING:
    from stepcli.api.client import Client
    from stepcli.audio.voice_sample import Sample
    from stepcli.tasks.voice_upload import Deposit

RATE = 24000
_COUNTDOWN = 3
_METER = 30


def record_sample(terminal: Terminal, seconds: float, microphone: str | None) -> Path:
    """Record for ``seconds``; the file, which takes the place of the last one.

    What was recorded is kept and told also where it ends early. Raises DeviceError for a
    microphone that gives nothing but zeros.
    """
    path = state_dir() / "recordings" / "voice-sample.wav"
    blocks: list[bytes] = []
    with Recorder(RATE, microphone) as recorder:
        _count_down(terminal, seconds, recorder)
        try:
            for block in _metered(terminal, islice(recorder, round(seconds / BLOCK_SECONDS))):
                blocks.append(block)
        finally:
            terminal.live("")
            if blocks:
                _keep(path, recorder.pcm, b"".join(blocks))
                terminal.note(f"the recording is kept: {path}")
    if not any(map(any, blocks)):
        raise DeviceError(
            f"the microphone {recorder.device} gave digital silence",
            hint="see that this program may use it, that it is not muted, or name another",
        )
    return path


def _count_down(terminal: Terminal, seconds: float, recorder: Iterable[bytes]) -> None:
    """Time to take a breath, while what the microphone hears is dropped."""
    if not terminal.stderr_is_terminal:
        terminal.note(f"recording {seconds:g} s")
        return
    blocks = iter(recorder)
    for count in range(_COUNTDOWN, 0, -1):
        terminal.say(f"speak for {seconds:g} s in {count} …")
        for _ in range(round(1 / BLOCK_SECONDS)):
            next(blocks)


def _metered(terminal: Terminal, blocks: Iterable[bytes]) -> Iterator[bytes]:
    """``blocks``, and on a terminal a line that shows how loud each one is."""
    for number, block in enumerate(blocks, 1):
        yield block
        terminal.live(f"{number * BLOCK_SECONDS:5.1f} s  {level_bar(level(block), _METER)}")


def _keep(path: Path, pcm: PCM, samples: bytes) -> None:
    write_private(path, wav.header(pcm, len(samples)) + samples)


@dataclass(frozen=True, slots=True)
class Material:
    """Either the id of a file that is ``stored`` already or a ``sample`` to upload.

    ``name`` is what to call it in a sentence.
    """

    name: str
    stored: str | None = None
    sample: Sample | None = None


def find_material(
    terminal: Terminal, source: str | None, record: float | None, microphone: str | None
) -> Material:
    """What the user named. Raises UsageError for nothing, for two things, and for no sound."""
    if microphone is not None and record is None:
        raise UsageError("--microphone goes with --record S")
    if record is not None:
        if source is not None:
            raise UsageError("give SOURCE or --record S, not both")

        return _from_file(terminal, record_sample(terminal, record, microphone))
    if source is None:
        raise UsageError("no sample named", hint="a sound FILE, a file-… id, or --record S")
    if is_stored(source):
        return Material(source, stored=source)
    return _from_file(terminal, Path(source))


def _exists(source: str) -> bool:
    """Return whether there is such a file; a name that is too long for one is no error."""
    return os.path.exists(source)  # noqa: PTH110 - Path.exists raises OSError


def is_stored(source: str) -> bool:
    """Whether ``source`` is the id of a file that the service keeps."""
    return source.startswith(FILE_PREFIX) and not _exists(source)


def is_voice(source: str) -> bool:
    """Whether ``source`` names a voice: no file, and nothing that looks like one."""
    looks_like_a_file = _exists(source) or "/" in source or "." in source
    return not (looks_like_a_file or is_stored(source))


def _from_file(terminal: Terminal, path: Path) -> Material:
    from stepcli.audio.voice_sample import CLIPPED, QUIET, read_sample

    sample = read_sample(path)
    if sample.peak >= CLIPPED:
        terminal.note(f"{path} is too loud: its peaks are cut off, and a clone copies that")
    elif sample.peak < QUIET:
        terminal.note(f"{path} is very faint, which makes a poor clone")
    return Material(f"{path.name} ({sample.duration:.1f} s)", sample=sample)


def length_complaint(material: Material) -> str | None:
    """What is wrong with how long the sample is, if anything."""
    from stepcli.audio.voice_sample import LONGEST, SHORTEST

    if material.sample is None or material.sample.fits:
        return None
    return (
        f"the sample has {material.sample.duration:.1f} s of sound, without the silence around it; "
        f"cloning wants {SHORTEST:g} to {LONGEST:g} s"
    )


def deposit(terminal: Terminal, client: Client, sample: Sample, *, keep: bool = False) -> Deposit:
    """``sample``'s way into the service's storage and out again."""
    from stepcli.api import files
    from stepcli.tasks.voice_upload import Deposit

    return Deposit(
        upload=lambda: files.upload(client, sample.wav),
        delete=lambda file_id: files.delete(client, file_id),
        tell=lambda text: terminal.say(f"stepcli: {text}"),
        keep=keep,
    )
