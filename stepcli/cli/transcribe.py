"""``stepcli transcribe``: sound to text."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from stepcli.api.models import RECOGNITION_MODEL
from stepcli.api.recognition import Delta, RecognitionRequest, recognise
from stepcli.audio.recording import open_recording
from stepcli.cli.command import command, command_app
from stepcli.cli.options import flag, option
from stepcli.cli.run import Run
from stepcli.errors import UsageError
from stepcli.tasks.transcribe import Transcript, collect

LANGUAGES = ("zh", "en")

app = command_app()


@command(app)
def transcribe(
    run: Run,
    file: Annotated[Path, typer.Argument(metavar="FILE", show_default=False)],
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
) -> None:
    """Transcribe sound."""
    request = RecognitionRequest(
        open_recording(file),
        language=_language(language),
        model=model,
        hotwords=tuple(hotword or ()),
        itn=not no_itn,
        timestamps=run.terminal.json,
    )
    with run.client() as client, recognise(client, request) as events:
        transcript = collect(events, heard=lambda _: None)
    if run.terminal.json:
        run.terminal.result_json(_described(transcript, request.language))
    else:
        run.terminal.result(transcript.text)


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


def _described(transcript: Transcript, language: str) -> dict[str, Any]:
    return {
        "text": transcript.text,
        "language": language,
        "words": [_timed(delta) for delta in transcript.deltas],
        "usage": dict(transcript.usage),
        "ids": {"session_id": transcript.session_id},
    }


def _timed(delta: Delta) -> dict[str, Any]:
    return {"text": delta.text, "start": delta.start, "end": delta.end}
