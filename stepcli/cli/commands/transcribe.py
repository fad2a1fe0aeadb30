"""``stepcli transcribe``: convert speech to text."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from stepcli.cli.commands.spending import SpendingOptions, is_recognition_agreed
from stepcli.cli.context import Run
from stepcli.cli.io.terminal import DECLINED
from stepcli.cli.io.text_input import STDIN
from stepcli.cli.params.command import command, command_app
from stepcli.cli.params.common_options import JOBS_OPTION
from stepcli.cli.params.input_options import InputOptions, PieceOptions
from stepcli.cli.params.microphone_options import LONGEST_SILENCE, MicrophoneOptions
from stepcli.cli.params.options import argument, flag, options_of
from stepcli.cli.params.output_options import CueOptions
from stepcli.cli.params.transcription_options import RecognitionOptions, TranscriptOptions
from stepcli.cli.params.usage_errors import refuse_given
from stepcli.cli.params.values import RECORDING
from stepcli.errors import UsageError

if TYPE_CHECKING:
    from stepcli.cli.commands.transcribe_files import TranscriptionJob
    from stepcli.cli.io.audio_input import AudioInput
    from stepcli.cli.io.input_names import InputName

app = command_app()


@command(app)
def transcribe(
    run: Run,
    inputs: InputOptions,
    pieces: PieceOptions,
    microphone: MicrophoneOptions,
    files: list[str] | None = argument(
        "INPUT...",
        kind=RECORDING,
        help="Audio or video files of any format and length, directories of them, or http(s)"
        " URLs; '-' is stdin.",
    ),
    *,
    recognition: RecognitionOptions,
    jobs: int | None = JOBS_OPTION,
    transcript: TranscriptOptions,
    cues: CueOptions,
    spending: SpendingOptions,
    dry_run: bool = flag(
        "--dry-run", help="Show the pieces and their estimated cost without sending them."
    ),
    no_cache: bool = flag(
        "--no-cache",
        advanced=True,
        help="Discard the results kept from a failed run, and keep none from this run.",
    ),
) -> int | None:
    """Transcribe audio of any format and length.

    If a run fails, run the same command again: only the missing pieces are sent. Microphone
    recordings are written to disk while you speak, so that --last can transcribe them again.

    In --output-dir, files of a directory keep their path below it. Two that differ in their
    extension only keep it: talk.mp3.txt and talk.wav.txt. The word after --channels is its value
    only if it contains a comma and is not the name of a file; --channels=NAME,NAME always is.
    """
    from stepcli.cli.commands.transcribe_files import TranscriptionJob, show_plan, transcribe_files
    from stepcli.cli.commands.transcript_destination import TranscriptDestination
    from stepcli.cli.io.audio_input import audio_inputs

    words = list(files or [])
    is_pipe = microphone.live and words == [STDIN] and not microphone.last
    if is_pipe:
        _check_pipe(run.given, inputs.pcm)
    else:
        _check_source(words, run.given, mic=microphone.records, last=microphone.last)
    how = recognition.settings(run.environ)

    def job(audio: Sequence[AudioInput]) -> TranscriptionJob:
        destination = TranscriptDestination.from_options(run, transcript, audio, how, cues.style)
        return TranscriptionJob(how, destination, pieces.upload(jobs), jobs, not no_cache)

    settings = inputs.settings(run.connection)
    if microphone.records:
        from stepcli.cli.commands.microphone import live_input
        from stepcli.cli.commands.transcribe_mic import transcribe_mic

        recording = _recording(run.given, microphone, is_pipe=is_pipe)
        source = live_input(run.terminal, settings.pcm if is_pipe else None)
        return transcribe_mic(run, job([source]), recording, dry_run=dry_run)
    names = _names(run, inputs, words, last=microphone.last)
    with audio_inputs(names, settings, run.terminal) as audio:
        work = job(audio)
        if dry_run:
            return show_plan(run, work)
        if not is_recognition_agreed(run, spending, work.inputs, how.model):
            return DECLINED
        code = transcribe_files(run, work)
    if microphone.last:
        from stepcli.cli.commands.microphone import mark_transcribed

        mark_transcribed(Path(names[0].name))
    return code


def _recording(
    given: Collection[str], microphone: MicrophoneOptions, *, is_pipe: bool
) -> MicrophoneOptions:
    """Return the options with the device that is recorded and the silence that ends it."""
    from stepcli.cli.commands.microphone import input_device

    is_certain = is_pipe or "device" in given
    waits = microphone.toggle and "silence" not in given
    return replace(
        microphone,
        device=microphone.device if is_certain else input_device(microphone.device),
        silence=LONGEST_SILENCE if waits else microphone.silence,
    )


def _names(run: Run, inputs: InputOptions, words: list[str], *, last: bool) -> list[InputName]:
    """Return the names of the inputs: the last recording, or those of the command line."""
    from stepcli.cli.io.input_names import InputName, input_names

    if last:
        from stepcli.cli.commands.microphone import last_recording

        return [InputName.of(str(last_recording()))]
    files_from = None if words and "files_from" not in run.given else inputs.files_from
    return input_names(words, files_from, run.terminal, recursive=inputs.recursive)


_SOURCES = ("mic", "live", "last", "toggle")
_OF_MICROPHONE = [name for name in options_of(MicrophoneOptions) if name not in _SOURCES]
_OF_FILES = ("pcm", "recursive", "files_from")
_OF_RECORDINGS = ("from_", "to", "channels", "paragraphs")


def _check_source(files: Sequence[str], given: Collection[str], *, mic: bool, last: bool) -> None:
    """Raise UsageError for more than one source, or for an option of another source."""
    if mic + last + bool(files) > 1:
        raise UsageError("INPUT, --mic and --last cannot be combined")
    if mic:
        refuse_given((*_OF_FILES, *_OF_RECORDINGS), given, "requires INPUT")
    else:
        refuse_given(_OF_MICROPHONE, given, "requires --mic")
    if last:
        refuse_given(_OF_FILES, given, "requires INPUT")


def _check_pipe(given: Collection[str], pcm: str | None) -> None:
    """Raise UsageError if stdin cannot be transcribed while it is being written."""
    if pcm is None:
        raise UsageError(
            "--live - requires --pcm RATE",
            hint="to convert other audio: ffmpeg -i - -f s16le -ac 1 -ar 16000 -",
        )
    refuse_given(["device", "recursive", "files_from"], given, "and --live - cannot be combined")
