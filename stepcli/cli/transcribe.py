"""``stepcli transcribe``: sound to text."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from stepcli.api.models import RECOGNITION_MODEL
from stepcli.cli import options
from stepcli.cli.command import command, command_app
from stepcli.cli.options import flag, option
from stepcli.cli.run import Run
from stepcli.errors import UsageError
from stepcli.tasks.rendering import TranscriptFormat

LANGUAGES = ("zh", "en")
SOUND_IN = "Sound in"
TEXT_OUT = "Text out"

app = command_app()


@command(app)
def transcribe(
    run: Run,
    files: Annotated[
        list[str] | None,
        typer.Argument(metavar="FILE...", help="Sounds of any format and length; '-' is stdin."),
    ] = None,
    language: Annotated[
        str | None,
        option("--language", "-l", metavar="LANG", help="zh or en.  [default: the locale's]"),
    ] = None,
    hotword: Annotated[
        list[str] | None,
        option("--hotword", metavar="WORD", help="A word to listen for. Repeatable."),
    ] = None,
    no_itn: Annotated[
        bool, flag("--no-itn", help="Leave numbers and dates as they were spoken.")
    ] = False,
    model: Annotated[
        str, option("--model", metavar="NAME", help="The model that listens.")
    ] = RECOGNITION_MODEL,
    pcm: Annotated[
        str | None,
        option(
            "--pcm",
            metavar="RATE[:CHANNELS]",
            rich_help_panel=SOUND_IN,
            help="The input is raw signed 16-bit little-endian samples.",
        ),
    ] = None,
    piece_minutes: Annotated[
        float,
        option(
            "--piece-minutes",
            metavar="M",
            min=0.05,
            max=30,
            rich_help_panel=SOUND_IN,
            help="Longer sounds are cut at a pause before M minutes.",
        ),
    ] = 25.0,
    jobs: options.Jobs = 2,
    format: Annotated[
        TranscriptFormat | None,
        option(
            "--format",
            metavar="NAME",
            rich_help_panel=TEXT_OUT,
            help="text, json, jsonl, srt, vtt or tsv.  [default: FILE's extension, else text]",
        ),
    ] = None,
    output: Annotated[
        str | None,
        option(
            "--output",
            "-o",
            metavar="FILE",
            rich_help_panel=TEXT_OUT,
            help="Write the transcript to FILE; '-' is stdout.",
        ),
    ] = None,
    output_dir: Annotated[
        Path | None,
        option(
            "--output-dir",
            metavar="DIR",
            rich_help_panel=TEXT_OUT,
            help="Write each transcript to a file of its own in DIR.",
        ),
    ] = None,
    dry_run: Annotated[
        bool, flag("--dry-run", help="Show the pieces and what they would cost; send nothing.")
    ] = False,
    no_cache: Annotated[
        bool,
        flag("--no-cache", help="Forget what a failed run has kept, and keep nothing of this one."),
    ] = False,
) -> int | None:
    """Transcribe sound of any format and length.

    A run that failed is continued by the same command: only what is missing is sent.
    """
    from stepcli.cli.sound_in import raw_shape, sounds_in
    from stepcli.cli.transcribe_files import Job, Manner, transcribe_files
    from stepcli.cli.transcripts_out import transcripts_out

    manner = Manner(_language(language), model, tuple(hotword or ()), itn=not no_itn)
    with sounds_in(files or [], raw_shape(pcm), run.terminal) as inputs:
        out = transcripts_out(inputs, output, output_dir, format, run, manner.told())
        longest = 60 * piece_minutes
        if dry_run:
            from stepcli.cli.transcribe_plan import show_plan

            return show_plan(run.terminal, inputs, longest)
        return transcribe_files(run, Job(inputs, manner, out, longest, jobs, not no_cache))


def _language(asked: str | None) -> str:
    if asked is None:
        return language_of_locale(os.environ)
    if asked not in LANGUAGES:
        raise UsageError(f"--language takes {' or '.join(LANGUAGES)}, not {asked!r}")
    return asked


def language_of_locale(environ: Mapping[str, str]) -> str:
    """``zh`` for a Chinese locale, else ``en`` (cli.md, "transcribe")."""
    names = (environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    locale = next((name for name in names if name), "")
    return "zh" if locale.startswith("zh") else "en"
