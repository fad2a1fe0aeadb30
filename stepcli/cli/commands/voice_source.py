"""The sample of a voice: an audio file, a stored file, or a recording."""

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
from stepcli.audio.signal import peak_level
from stepcli.audio_types import PCM
from stepcli.cli.context import Run
from stepcli.cli.io.level_meter import level_bar
from stepcli.cli.io.terminal import Terminal
from stepcli.cli.io.text_input import refuse_url
from stepcli.cli.params.options import option, option_group
from stepcli.cli.params.values import INPUT_DEVICE
from stepcli.errors import DeviceError, UsageError
from stepcli.settings import prefers_chinese, state_dir
from stepcli.storage.atomic_file import write_private

if TYPE_CHECKING:
    from stepcli.api.client import Client
    from stepcli.audio.voice_sample import VoiceSample
    from stepcli.tasks.voice_upload import SampleUpload

PASSAGES = (
    "When the sunlight strikes raindrops in the air, they act as a prism and form a rainbow. "
    "The rainbow is a division of white light into many beautiful colors.",
    "清晨的阳光照进窗户，街上渐渐热闹起来。我泡了一杯热茶，打开收音机，听着今天的天气预报，"
    "心里想着周末要去哪里走一走。",
)
"""What is read for a sample, in English and Chinese: about ten seconds."""

SAMPLE = "Sample"
RATE = 24000
_COUNTDOWN = 3
_METER = 30


def record_sample(terminal: Terminal, seconds: float, microphone: str | None, text: str) -> Path:
    """Record for ``seconds`` and return the file, which replaces the previous recording.

    ``text`` is what the user reads aloud. A recording that ends early is kept as well. Raise
    DeviceError if the microphone only delivers zeros.
    """
    path = state_dir() / "recordings" / "voice-sample.wav"
    blocks: list[bytes] = []
    with Recorder(RATE, microphone) as recorder:
        terminal.note(f"read this aloud for {seconds:g} s, at your usual pace:")
        terminal.note(f"  {text}")
        _count_down(terminal, seconds, recorder)
        try:
            for block in _metered(terminal, islice(recorder, round(seconds / BLOCK_SECONDS))):
                blocks.append(block)
        finally:
            terminal.live()
            if blocks:
                _keep(path, recorder.pcm, b"".join(blocks))
                terminal.note(f"saved the recording in {path}")
    if not any(map(any, blocks)):
        raise DeviceError(
            f"the microphone {recorder.device} delivers digital silence",
            hint="check that it is not muted and that this program may use it, or choose another",
        )
    return path


def _count_down(terminal: Terminal, seconds: float, recorder: Iterable[bytes]) -> None:
    """Count down on a terminal, discarding what is recorded meanwhile."""
    if not terminal.stderr_is_terminal:
        terminal.note(f"recording {seconds:g} s")
        return
    blocks = iter(recorder)
    for count in range(_COUNTDOWN, 0, -1):
        terminal.say(f"recording {seconds:g} s in {count} …")
        for _ in range(round(1 / BLOCK_SECONDS)):
            next(blocks)


def _metered(terminal: Terminal, blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield ``blocks`` and show the level of each one on a terminal."""
    for number, block in enumerate(blocks, 1):
        yield block
        room = min(_METER, terminal.area.width - 10) if terminal.area else 0
        bar = level_bar(peak_level(block), max(0, room))
        terminal.live(f"{number * BLOCK_SECONDS:5.1f} s  {bar}")


def _keep(path: Path, pcm: PCM, samples: bytes) -> None:
    write_private(path, wav.header(pcm, len(samples)) + samples)


@option_group(SAMPLE)
class SampleOptions:
    """The options of ``voices preview`` and ``voices clone`` about the sample."""

    transcript: str | None = option(
        "--transcript TEXT",
        help="Text spoken in the sample.",
        default_text="recognized by the service",
    )
    record: float | None = option(
        "--record S",
        min=1,
        max=60,
        help="Record S seconds from the microphone instead of reading a file.",
    )
    microphone: str | None = option(
        "--microphone NAME|N",
        kind=INPUT_DEVICE,
        help="Input device: its number or part of its name.",
        default_text="system default",
    )


@dataclass(frozen=True, slots=True)
class VoiceSource:
    """Either the id of a ``stored`` file or a ``sample`` to upload; ``name`` is for messages."""

    name: str
    stored: str | None = None
    sample: VoiceSample | None = None


def check_source(source: str | None, options: SampleOptions) -> None:
    """Raise UsageError if the options do not select exactly one sample."""
    if options.microphone is not None and options.record is None:
        raise UsageError("--microphone requires --record S")
    if source is not None and options.record is not None:
        raise UsageError("SOURCE and --record cannot be combined")
    if source is None and options.record is None:
        raise UsageError("no sample given", hint="give an audio file, a file-… id, or --record S")


def find_voice_source(run: Run, source: str | None, options: SampleOptions) -> VoiceSource:
    """Return the sample that the options select. Raise UsageError if there is not exactly one.

    A recording is of the transcript, if that is given.
    """
    check_source(source, options)
    if source is None:
        assert options.record is not None
        text = options.transcript or PASSAGES[prefers_chinese(run.environ)]
        path = record_sample(run.terminal, options.record, options.microphone, text)
        return _from_file(run.terminal, path)
    if is_stored(source):
        return VoiceSource(source, stored=source)
    return _from_file(run.terminal, Path(source))


def _exists(source: str) -> bool:
    """Return whether the file exists; False if the name is too long for one."""
    return os.path.exists(source)  # noqa: PTH110 - Path.exists raises OSError


def is_stored(source: str) -> bool:
    """Return whether ``source`` is the id of a file in the account's file storage."""
    return source.startswith(FILE_PREFIX) and not _exists(source)


def is_voice(source: str) -> bool:
    """Return whether ``source`` is a voice, because it neither is nor looks like a file."""
    looks_like_a_file = _exists(source) or "/" in source or "." in source
    return not (looks_like_a_file or is_stored(source))


def _from_file(terminal: Terminal, path: Path) -> VoiceSource:
    from stepcli.audio.voice_sample import CLIPPED_PEAK, FAINT_PEAK, read_voice_sample

    refuse_url(path)
    sample = read_voice_sample(path)
    if sample.peak >= CLIPPED_PEAK:
        terminal.note(f"{path} is clipped; a clone reproduces the distortion")
    elif sample.peak < FAINT_PEAK:
        terminal.note(f"{path} is very quiet; the clone may be poor")
    return VoiceSource(f"{path.name} ({sample.duration:.1f} s)", sample=sample)


def length_problem(voice_source: VoiceSource) -> str | None:
    """Return a message if the sample is too short or too long to be cloned."""
    from stepcli.audio.voice_sample import MAX_SECONDS, MIN_SECONDS

    if voice_source.sample is None or voice_source.sample.fits:
        return None
    return (
        f"the sample is {voice_source.sample.duration:.1f} s long without silence at its ends; "
        f"cloning needs {MIN_SECONDS:g} to {MAX_SECONDS:g} s"
    )


def sample_upload(
    run: Run, client: Client, sample: VoiceSample, name: str, *, keep: bool = False
) -> SampleUpload:
    """Return the upload of ``sample``, which is deleted afterwards unless ``keep`` is set.

    It is recorded under ``name`` until it is deleted, except in a private sandbox.
    """
    from stepcli.api import files
    from stepcli.cli.commands.voices_uploads import new_upload, remaining, upload_record
    from stepcli.tasks.voice_upload import SampleUpload

    base = client.endpoint.open

    def upload() -> str:
        if base != client.endpoint.plan:
            run.terminal.note(f"uploading the sample to {base}, outside the plan")
        file_id = files.upload(client, sample.wav)
        if not run.connection.sandbox:
            upload_record().add(new_upload(base, file_id, name, len(sample.wav)))
        return file_id

    def delete(file_id: str) -> None:
        files.delete(client, file_id)
        if not run.connection.sandbox:
            upload_record().remove(file_id, str(base))

    return SampleUpload(
        upload=upload,
        delete=delete,
        report=lambda text: run.terminal.say(f"stepcli: {text}"),
        remaining=lambda file_id: remaining(run, file_id),
        keep=keep,
    )
