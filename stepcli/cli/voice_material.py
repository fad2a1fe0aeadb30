"""What a voice is taken from: a sound file, a stored one, or the microphone."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from stepcli.api.files import FILE_PREFIX
from stepcli.cli.terminal import Terminal
from stepcli.errors import UsageError

if TYPE_CHECKING:
    from stepcli.api.client import Client
    from stepcli.audio.sample import Sample
    from stepcli.tasks.voices import Deposit


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
        from stepcli.cli.voice_recording import record_sample

        return _from_file(terminal, record_sample(terminal, record, microphone))
    if source is None:
        raise UsageError("no sample named", hint="a sound FILE, a file-… id, or --record S")
    if is_stored(source):
        return Material(source, stored=source)
    return _from_file(terminal, Path(source))


def is_stored(source: str) -> bool:
    """Whether ``source`` is the id of a file that the service keeps."""
    return source.startswith(FILE_PREFIX) and not Path(source).exists()


def is_voice(source: str) -> bool:
    """Whether ``source`` names a voice: no file, and nothing that looks like one."""
    looks_like_a_file = Path(source).exists() or "/" in source or "." in source
    return not (looks_like_a_file or is_stored(source))


def _from_file(terminal: Terminal, path: Path) -> Material:
    from stepcli.audio.sample import CLIPPED, QUIET, read_sample

    sample = read_sample(path)
    if sample.peak >= CLIPPED:
        terminal.note(f"{path} is too loud: its peaks are cut off, and a clone copies that")
    elif sample.peak < QUIET:
        terminal.note(f"{path} is very faint, which makes a poor clone")
    return Material(f"{path.name} ({sample.duration:.1f} s)", sample=sample)


def length_complaint(material: Material) -> str | None:
    """What is wrong with how long the sample is, if anything."""
    from stepcli.audio.sample import LONGEST, SHORTEST

    if material.sample is None or material.sample.fits:
        return None
    return (
        f"the sample has {material.sample.duration:.1f} s of sound, without the silence around it; "
        f"cloning wants {SHORTEST:g} to {LONGEST:g} s"
    )


def deposit(terminal: Terminal, client: Client, sample: Sample, *, keep: bool = False) -> Deposit:
    """``sample``'s way into the service's storage and out again."""
    from stepcli.api import files
    from stepcli.tasks.voices import Deposit

    return Deposit(
        upload=lambda: files.upload(client, sample.wav),
        delete=lambda file_id: files.delete(client, file_id),
        tell=lambda text: terminal.say(f"stepcli: {text}"),
        keep=keep,
    )
