"""``stepcli transcribe``: convert speech to text."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from stepcli.api.catalog import RECOGNITION_MODEL
from stepcli.cli.commands.spending import SpendingOptions, is_recognition_agreed
from stepcli.cli.context import Run
from stepcli.cli.io.terminal import DECLINED
from stepcli.cli.io.text_input import STDIN
from stepcli.cli.params.command import command, command_app
from stepcli.cli.params.common_options import Jobs
from stepcli.cli.params.input_options import InputOptions, PieceOptions
from stepcli.cli.params.microphone_options import LONGEST_SILENCE, MicrophoneOptions
from stepcli.cli.params.options import argument, flag, option
from stepcli.cli.params.output_options import CueOptions
from stepcli.cli.params.values import (
    RECORDING,
    TRANSCRIPT,
    Choices,
    Directories,
)
from stepcli.errors import UsageError
from stepcli.settings import REPLACE, own_names, prefers_chinese
from stepcli.tasks.transcription.transcript import TranscriptFormat

if TYPE_CHECKING:
    from stepcli.cli.commands.transcribe_files import TranscriptionJob
    from stepcli.cli.io.audio_input import AudioInput

LANGUAGES = ("zh", "en")
TRANSCRIPT_OUTPUT = "Transcript output"

app = command_app()

_LANGUAGE_CODE = re.compile(r"([a-z]{2,8})((?:[-_][a-z0-9]+)*)", re.IGNORECASE)


def normalized_language(code: str) -> str:
    """Return `code` as the service knows it: `zh` for `zh-CN`; other regions are kept.

    Raise UsageError for anything but a language code.
    """
    found = _LANGUAGE_CODE.fullmatch(code)
    if not found:
        raise UsageError(
            f"--language takes a language code such as zh or en, or auto, not {code!r}"
        )
    language, region = found[1].lower(), found[2]
    return language if language in LANGUAGES else language + region


@command(app)
def transcribe(
    run: Run,
    inputs: InputOptions,
    pieces: PieceOptions,
    microphone: MicrophoneOptions,
    files: Annotated[
        list[str] | None,
        argument(
            metavar="INPUT...",
            kind=RECORDING,
            help="Audio or video files of any format and length, directories of them, or http(s)"
            " URLs; '-' is stdin.",
        ),
    ] = None,
    language: Annotated[
        str,
        option(
            "--language",
            "-l",
            metavar="CODE",
            kind=Choices(("auto", *LANGUAGES)),
            check=normalized_language,
            help="Spoken language: zh, en or another code. With auto, a piece in which no words"
            " are recognized is sent again as zh and en.",
        ),
    ] = "auto",
    hotword: Annotated[
        list[str] | None,
        option(
            "--hotword",
            metavar="WORD|@FILE",
            repeatable=True,
            reads_files=True,
            help="Word or name that is likely to occur. Repeatable. @FILE reads one per line.",
        ),
    ] = None,
    no_itn: Annotated[
        bool, flag("--no-itn", advanced=True, help="Keep numbers and dates as spoken words.")
    ] = False,
    model: Annotated[
        str,
        option(
            "--model",
            metavar="NAME",
            kind=Choices((RECOGNITION_MODEL,)),
            advanced=True,
            help="Recognition model.",
        ),
    ] = RECOGNITION_MODEL,
    jobs: Jobs = None,
    replace: Annotated[
        list[str] | None,
        option(
            "--replace",
            metavar="A=B",
            repeatable=True,
            rich_help_panel=TRANSCRIPT_OUTPUT,
            help="Print B for the word or phrase A, such as 'step fun=StepFun'. Repeatable."
            " The table [replace] of the config file has more.",
        ),
    ] = None,
    format: Annotated[
        TranscriptFormat | None,
        option(
            "--format",
            metavar="NAME",
            rich_help_panel=TRANSCRIPT_OUTPUT,
            help="Transcript format: text, json, jsonl, srt, vtt, lrc or tsv.",
            default_text="from FILE's extension, else text",
        ),
    ] = None,
    output: Annotated[
        str | None,
        option(
            "--output",
            "-o",
            metavar="FILE",
            kind=TRANSCRIPT,
            rich_help_panel=TRANSCRIPT_OUTPUT,
            help="Write the transcript to FILE; '-' is stdout.",
        ),
    ] = None,
    output_dir: Annotated[
        Path | None,
        option(
            "--output-dir",
            metavar="DIR",
            kind=Directories(),
            rich_help_panel=TRANSCRIPT_OUTPUT,
            help="Write each transcript to its own file in DIR; those of the files in a directory"
            " keep their sub-directories.",
        ),
    ] = None,
    skip_existing: Annotated[
        bool,
        flag(
            "--skip-existing",
            rich_help_panel=TRANSCRIPT_OUTPUT,
            help="Skip inputs whose transcript file exists already.",
        ),
    ] = False,
    *,
    cues: CueOptions,
    spending: SpendingOptions,
    dry_run: Annotated[
        bool,
        flag("--dry-run", help="Show the pieces and their estimated cost without sending them."),
    ] = False,
    no_cache: Annotated[
        bool,
        flag(
            "--no-cache",
            advanced=True,
            help="Discard the results kept from a failed run, and keep none from this run.",
        ),
    ] = False,
) -> int | None:
    """Transcribe audio of any format and length.

    If a run fails, run the same command again: only the missing pieces are sent. Microphone
    recordings are written to disk while you speak, so that --last can transcribe them again.

    In --output-dir, files of a directory keep their path below it. Two that differ in their
    extension only keep it: talk.mp3.txt and talk.wav.txt. The word after --channels is its value
    only if it contains a comma and is not the name of a file; --channels=NAME,NAME always is.
    """
    from stepcli.cli.commands.transcribe_files import (
        AUTO,
        RecognitionOptions,
        TranscriptionJob,
        show_plan,
        transcribe_files,
    )
    from stepcli.cli.commands.transcript_output import TranscriptDestination
    from stepcli.cli.io.audio_input import audio_inputs
    from stepcli.cli.io.input_names import InputName, input_names
    from stepcli.text.replacements import Replacements

    words = list(files or [])
    mic, last = microphone.mic or microphone.live or microphone.toggle, microphone.last
    is_pipe = microphone.live and words == [STDIN] and not last
    if is_pipe:
        _check_pipe(run.given, inputs.pcm)
    else:
        _check_source(words, run.given, mic=mic, last=last)
    language = normalized_language(language)
    recognition = RecognitionOptions(
        None if language == AUTO else language,
        model,
        tuple(hotword or ()),
        not no_itn,
        languages_to_try(run.environ) if language == AUTO else (),
    )

    replacements = Replacements.parse(replace or (), own_names(REPLACE, run.environ))

    def job(audio: Sequence[AudioInput]) -> TranscriptionJob:
        destination = TranscriptDestination.from_options(
            audio, output, output_dir, format, run, recognition.to_json(), replacements, cues.style
        )
        if skip_existing:
            destination = destination.without_existing()
        return TranscriptionJob(recognition, destination, pieces.upload(jobs), jobs, not no_cache)

    settings = inputs.settings(run.connection)
    if mic:
        from stepcli.cli.commands.microphone import input_device, live_input
        from stepcli.cli.commands.transcribe_mic import transcribe_mic

        is_certain = is_pipe or "device" in run.given
        device = microphone.device if is_certain else input_device(microphone.device)
        waits = microphone.toggle and "silence" not in run.given
        recording = dataclasses.replace(
            microphone, device=device, silence=LONGEST_SILENCE if waits else microphone.silence
        )
        source = live_input(run.terminal, settings.pcm if is_pipe else None)
        return transcribe_mic(run, job([source]), recording, dry_run=dry_run)
    if last:
        from stepcli.cli.commands.microphone import last_recording

        names = [InputName.of(str(last_recording()))]
    else:
        files_from = None if words and "files_from" not in run.given else inputs.files_from
        names = input_names(words, files_from, run.terminal, recursive=inputs.recursive)
    with audio_inputs(names, settings, run.terminal) as audio:
        work = job(audio)
        if dry_run:
            return show_plan(run, work)
        if not is_recognition_agreed(run, spending, work.inputs, model):
            return DECLINED
        code = transcribe_files(run, work)
    if last:
        from stepcli.cli.commands.microphone import mark_transcribed

        mark_transcribed(Path(names[0].name))
    return code


_OF_MICROPHONE = ("device", "silence", "duration", "threshold", "keep", "interim")
_OF_FILES = ("pcm", "recursive", "files_from")
_OF_EXCERPTS = ("from_", "to", "channels")


def _check_source(files: Sequence[str], given: Collection[str], *, mic: bool, last: bool) -> None:
    """Raise UsageError for more than one source, or for an option of another source."""
    if mic + last + bool(files) > 1:
        raise UsageError("INPUT, --mic and --last cannot be combined")
    if mic:
        _refuse((*_OF_FILES, *_OF_EXCERPTS), given, "INPUT")
    else:
        _refuse(_OF_MICROPHONE, given, "--mic")
    if last:
        _refuse(_OF_FILES, given, "INPUT")


def _refuse(names: Sequence[str], given: Collection[str], source: str) -> None:
    """Raise UsageError if an option that applies to another `source` is given."""
    if idle := next((name for name in names if name in given), None):
        raise UsageError(f"--{idle.strip('_').replace('_', '-')} requires {source}")


def _check_pipe(given: Collection[str], pcm: str | None) -> None:
    """Raise UsageError if stdin cannot be transcribed while it is being written."""
    if pcm is None:
        raise UsageError(
            "--live - requires --pcm RATE",
            hint="to convert other audio: ffmpeg -i - -f s16le -ac 1 -ar 16000 -",
        )
    if idle := next((one for one in ("device", "recursive", "files_from") if one in given), None):
        raise UsageError(f"--{idle.replace('_', '-')} and --live - cannot be combined")


def languages_to_try(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return zh and en: first zh for a Chinese locale, else en."""
    return LANGUAGES if prefers_chinese(environ) else LANGUAGES[::-1]
