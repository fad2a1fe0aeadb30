"""``stepcli speak``: convert text to speech."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

from stepcli.cli.commands.speak_script import ScriptOptions, read_composition
from stepcli.cli.commands.speech_plan import DryRun, settle_plan
from stepcli.cli.commands.spending import SpendingOptions
from stepcli.cli.context import Run
from stepcli.cli.params.command import command, command_app
from stepcli.cli.params.common_options import Jobs
from stepcli.cli.params.options import argument, flag, option
from stepcli.cli.params.output_options import AudioOutputOptions, CueOptions, Follow, Subtitles
from stepcli.cli.params.speech_options import SpeechOptions, TextFile
from stepcli.cli.params.values import Directories, Files, Text
from stepcli.cli.params.voice_names import warn_about_voices
from stepcli.errors import UsageError

BATCH = "Batch"

app = command_app()


@command(app)
def speak(
    run: Run,
    text: Annotated[
        list[str] | None,
        argument(
            metavar="[TEXT...]",
            kind=Text(),
            help="Text to speak; if omitted or '-', it is read from stdin.",
        ),
    ] = None,
    file: TextFile = None,
    *,
    speech: SpeechOptions,
    audio: AudioOutputOptions,
    scripts: ScriptOptions,
    follow: Follow = False,
    subtitles: Subtitles = None,
    cues: CueOptions,
    spending: SpendingOptions,
    jobs: Jobs = None,
    dry_run: DryRun = False,
    batch: Annotated[
        Path | None,
        option(
            "--batch",
            metavar="FILE",
            kind=Files(("txt", "jsonl")),
            rich_help_panel=BATCH,
            help=(
                "Speak each line of FILE into its own file. A line is text, or a JSON "
                "object with text, id and options; '-' is stdin."
            ),
        ),
    ] = None,
    output_dir: Annotated[
        Path | None,
        option(
            "--output-dir",
            metavar="DIR",
            kind=Directories(),
            rich_help_panel=BATCH,
            help="Directory for the files of a batch.",
        ),
    ] = None,
    skip_existing: Annotated[
        bool,
        flag(
            "--skip-existing",
            rich_help_panel=BATCH,
            help="Skip lines whose file already exists in DIR.",
        ),
    ] = False,
) -> int | None:
    """Speak text of any length: play it, write it to a file, or both.

    Text in ( ) is a stage direction: the service follows it and does not speak it. Repeated blanks,
    hyphens at line ends and terminal sequences are removed, because they cost as much as letters.
    """
    from stepcli.api.speech import check
    from stepcli.cli.io.subtitle_output import SubtitleOutput

    if speech.lists_voices:
        from stepcli.cli.commands.voices_list import list_voices

        list_voices(run)
        return None
    scripts.check(run.given)
    defaults = speech.request(sample_rate=audio.sample_rate)
    if batch and ("batch" in run.given or not text):
        from stepcli.cli.commands.speak_batch import speak_batch

        _refuse_beside_batch(run.given)
        return speak_batch(
            run, defaults, batch, output_dir,
            SubtitleOutput.from_options(run, subtitles, cues, batch=True),
            format=audio.format, preparation=speech.preparation, jobs=jobs,
            skip_existing=skip_existing, spending=spending, dry_run=dry_run,
        )  # fmt: skip
    if {"output_dir", "skip_existing"} & run.given:
        raise UsageError("--output-dir and --skip-existing require --batch")
    from stepcli.cli.commands.speak_text import speak_text
    from stepcli.cli.io.audio_output import AudioOutput
    from stepcli.cli.io.output import check_apart
    from stepcli.cli.io.text_input import (
        directions_in,
        note_directions,
        note_file_names,
        read_text,
        text_file,
    )
    from stepcli.tasks.speech.requests import requests_for

    audio_output = AudioOutput.from_options(run, audio, follow=follow)
    subtitle_output = SubtitleOutput.from_options(run, subtitles, cues)
    check_apart(audio.output, subtitles, "the subtitles")
    defaults = replace(defaults, timestamp=subtitle_output.wanted or audio_output.shows_text)
    request, preparation = audio_output.apply_to(defaults), speech.preparation
    composition = read_composition(run, scripts, request, preparation.convert)
    if composition:
        _check_source(audio, subtitles, scripts.file, "the script")
        requests = composition.requests
        spoken = composition.text
    else:
        file = text_file(text or [], file, run.given)
        _check_source(audio, subtitles, file, "the text")
        note_file_names(text or [], run.terminal)
        spoken = preparation.apply(read_text(text or [], file, run.terminal))
        requests = requests_for(replace(request, text=spoken))
    directions = directions_in(spoken, speech.model, preparation)
    for one in requests:
        check(one)
    warn_about_voices(requests, run.terminal.note)
    note_directions(run.terminal, directions)
    labels = composition.labels if composition else None
    code = settle_plan(run, spending, requests, labels, dry_run=dry_run)
    if code is None:
        speak_text(run, requests, audio_output, subtitle_output, jobs, composition)
    return code


def _check_source(
    audio: AudioOutputOptions, subtitles: str | None, source: Path | None, what: str
) -> None:
    """Raise UsageError where an output would overwrite what is spoken."""
    from stepcli.cli.io.output import check_apart

    check_apart(audio.output, source, what)
    check_apart(subtitles, source, what)


def _refuse_beside_batch(given: frozenset[str]) -> None:
    for name in ("text", "file", "output", "play", "device", "follow", "script", "timed"):
        if name in given:
            what = "TEXT" if name == "text" else f"--{name}"
            raise UsageError(f"--batch cannot be combined with {what}")
