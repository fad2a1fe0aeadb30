"""The microphone as an input, and the recordings on disk."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from stepcli.audio.portaudio import find_input, silent_microphone_hint
from stepcli.audio.recorder import Capture, CaptureSource
from stepcli.audio.recording_file import RecordingFile
from stepcli.audio.vad import (
    CHUNK_SECONDS,
    VAD_PCM,
    UtteranceDetector,
    VoiceActivityModel,
)
from stepcli.audio_types import AUDIO_EXTENSIONS, PCM, AudioFormat
from stepcli.cli.io.audio_input import AudioInput, InputSettings
from stepcli.cli.io.level_meter import LevelMeter
from stepcli.cli.io.output import (
    STDOUT,
    EncodedOutput,
    check_output,
    format_of_output,
    open_output,
)
from stepcli.cli.io.terminal import Terminal
from stepcli.cli.io.text_input import STDIN
from stepcli.cli.params.microphone_options import MicrophoneOptions
from stepcli.cli.params.options import option_names
from stepcli.errors import UsageError
from stepcli.settings import state_dir
from stepcli.storage.atomic_file import completed, real_path
from stepcli.storage.directories import remove, remove_expired
from stepcli.storage.temporary_files import fallback_directory
from stepcli.tasks.transcription.recording_monitor import (
    RecordingEvent,
    RecordingMonitor,
    RecordingStatus,
)
from stepcli.tasks.transcription.segment_requests import SHORTEST_SEGMENT

_NEW_RECORDINGS = "mic-*.wav"
_ABOUT_RECORDING = option_names(MicrophoneOptions) | {"--pcm": True, STDIN: False}
"""The words that a recording makes meaningless, and whether a value follows."""


def new_recording() -> Path:
    """Return the path of a recording that begins now, after old ones have expired."""
    directory = _directory()
    remove_expired(directory, _NEW_RECORDINGS)
    return directory / time.strftime(f"mic-%Y%m%d-%H%M%S-{os.getpid()}.wav")


def last_path() -> Path:
    """Return the path of the last recording that was transcribed."""
    return _directory() / "last.wav"


def mark_transcribed(path: Path) -> None:
    """Make the recording at `path`, which was transcribed, the one that `--last` finds.

    One outside the state directory, which could not be written, is removed.
    """
    if path.parent != _directory():
        remove(path)
    elif path != last_path():
        with suppress(OSError):
            if last_path().is_dir():
                remove(last_path())
            path.replace(last_path())


def last_recording() -> Path:
    """Return the newest recording. Raise UsageError if there is none."""
    found = [*_directory().glob(_NEW_RECORDINGS), last_path()]
    found = [path for path in found if path.is_file()]
    if not found:
        raise UsageError(
            "there is no recording to transcribe again", hint="record one: stepcli transcribe --mic"
        )
    return max(found, key=lambda path: path.stat().st_mtime)


def repeat_command(arguments: Sequence[str], saved: str | None = None) -> str:
    """Return the command that transcribes a recording again: ``--last``, or the file ``saved``.

    ``arguments`` are those of the failed run; options that are not about recording are kept.
    """
    kept: list[str] = []
    rest = iter(arguments[1:])
    for argument in rest:
        name, equals, _ = argument.partition("=")
        if name not in _ABOUT_RECORDING:
            kept.append(argument)
        elif _ABOUT_RECORDING[name] and not equals:
            next(rest, None)
    words = ["stepcli", "transcribe", saved or "--last", *kept]
    return subprocess.list2cmdline(words) if sys.platform == "win32" else shlex.join(words)


def toggle_lock() -> Path:
    """Return the path of the lock of the dictation that `--toggle` has started."""
    return state_dir() / "toggle.lock"


def _directory() -> Path:
    return state_dir() / "recordings"


def live_input(terminal: Terminal, pcm: PCM | None) -> AudioInput:
    """Return the microphone, or stdin for `pcm`, as an input with the path of a future recording.

    Raise UsageError if stdin is a terminal.
    """
    if pcm is None:
        return AudioInput("microphone", "microphone", new_recording(), InputSettings(), terminal)
    if terminal.stdin_is_terminal:
        raise UsageError("stdin is a terminal", hint="pipe raw samples into the command")
    return AudioInput(STDIN, "stdin", new_recording(), InputSettings(pcm), terminal)


def check_keep(keep: str | None, terminal: Terminal, transcript: Path | None) -> None:
    """Raise UsageError if the recording could not be saved."""
    if keep is None:
        return
    if keep == STDOUT:
        raise UsageError("--keep requires a FILE: stdout is used for the transcript")
    if transcript and real_path(transcript) == real_path(keep):
        raise UsageError(f"the recording and the transcript would both be written to {keep}")
    format_of_output(keep, AUDIO_EXTENSIONS)
    check_output(keep, terminal)


@contextmanager
def record(
    input: AudioInput, options: MicrophoneOptions, notify: Callable[[str], None]
) -> Iterator[Capture]:
    """Record `input` into its file, or elsewhere where that cannot be written.

    Raises DeviceError, UsageError or OutputError.
    """
    source = _source(input, options)
    file = RecordingFile(input.path, VAD_PCM, fallback_directory(), notify)
    with Capture(source, file, options.duration, may_pause=input.is_stdin) as capture:
        yield capture


def _source(input: AudioInput, options: MicrophoneOptions) -> CaptureSource:
    from stepcli.audio.recorder import RawStream, Recorder

    if pcm := input.settings.pcm:
        return RawStream(input.terminal.stdin.fileno(), pcm, VAD_PCM.rate)
    return Recorder(VAD_PCM.rate, options.device, CHUNK_SECONDS)


def input_device(default: str | None) -> str | None:
    """Return the device to record from; ignore a ``default`` that is not an input device."""
    if default is None:
        return None
    try:
        return str(find_input(default).index)
    except UsageError:
        return None


def monitor(
    capture: Capture,
    input: AudioInput,
    options: MicrophoneOptions,
    stop: Callable[[], bool],
    meter: LevelMeter,
) -> Iterator[RecordingEvent | None]:
    """Yield what happens in a recording until ``stop``; explain digital silence once."""
    explained = False
    utterances = UtteranceDetector(options.silence, options.threshold, SHORTEST_SEGMENT)
    for event in RecordingMonitor(capture, VoiceActivityModel(), utterances, stop):
        if isinstance(event, RecordingStatus) and event.silent and not explained:
            meter.note(_explain_silence(input))
            explained = True
        yield event


def _explain_silence(input: AudioInput) -> str:
    if input.is_stdin:
        return "stdin delivers digital silence; check the program that writes to it"
    return f"the microphone gives digital silence; {silent_microphone_hint()}"


def stop_message(options: MicrophoneOptions, input: AudioInput) -> str:
    """Return the message that is shown when a recording starts."""
    ends = [
        *([f"{options.duration:g} s"] if options.duration else []),
        *(["Enter"] if input.terminal.stdin_is_terminal else []),
        *(["the end of stdin"] if input.is_stdin else []),
        "Ctrl-C",
        *(["the same command"] if options.toggle else []),
        *([] if options.live or options.toggle else [f"a pause of {options.silence:g} s"]),
    ]
    *others, last = ends
    how = f"{', '.join(others)} or {last}" if others else last
    return f"recording; {how} ends it"


def save(recording_file: RecordingFile, target: str, terminal: Terminal) -> None:
    """Save the recording in the format of its extension, else as WAV. Raise OutputError."""
    format = format_of_output(target, AUDIO_EXTENSIONS) or AudioFormat.WAV
    with completed(
        EncodedOutput(open_output(target, terminal), format, recording_file.pcm)
    ) as file:
        for block in recording_file.blocks():
            file.write(block)
