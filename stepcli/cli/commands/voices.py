"""``stepcli voices``: list, preview and clone voices."""

from __future__ import annotations

from dataclasses import replace

from stepcli.api.catalog import SPEECH_LIMITS
from stepcli.cli.commands.voice_source import (
    SAMPLE,
    SampleOptions,
    check_source,
    find_voice_source,
    is_voice,
    length_problem,
)
from stepcli.cli.context import Run
from stepcli.cli.io.audio_output import AudioOutput
from stepcli.cli.io.terminal import DECLINED
from stepcli.cli.params.command import command, command_app
from stepcli.cli.params.options import argument, flag, option
from stepcli.cli.params.output_options import AudioOutputOptions
from stepcli.cli.params.speech_options import MODEL_OPTION
from stepcli.cli.params.values import RECORDING, VOICE, Choices
from stepcli.cli.params.voice_names import voice_id
from stepcli.errors import UsageError

_SENTENCE = "Hello! This is what this voice sounds like."

app = command_app("List, preview and clone voices.")


@command(app, "list")
def list_(
    run: Run,
    cloned: bool = flag("--cloned", help="List only cloned voices."),
    official: bool = flag("--official", help="List only official voices."),
    model: str | None = option(
        "--model NAME",
        kind=Choices(tuple(SPEECH_LIMITS)),
        help="List only voices that this model speaks with.",
    ),
) -> None:
    """List official and cloned voices with their aliases."""
    from stepcli.cli.commands.voices_list import list_voices

    list_voices(run, official=official, cloned=cloned, model=model)


@command(app)
def preview(
    run: Run,
    source: str | None = argument(
        "[SOURCE]",
        show_default=False,
        kind=(RECORDING, VOICE),
        help="Audio file or file-… id to preview a clone of, or a voice.",
    ),
    say: str = option(
        "--say TEXT", default=_SENTENCE, help="Sentence to speak; about 50 characters."
    ),
    *,
    sample: SampleOptions,
    keep_upload: bool = flag(
        "--keep-upload",
        heading=SAMPLE,
        advanced=True,
        help="Keep the uploaded sample in the account's file storage.",
    ),
    model: str = MODEL_OPTION,
    audio: AudioOutputOptions,
) -> None:
    """Preview a voice, or a clone of a sample without creating it.

    A sample that is uploaded for the preview is deleted afterwards.
    """
    from stepcli.cli.commands.voices_preview import preview_clone, request_for, speak_sentence

    audio_output = AudioOutput.from_options(run, audio)
    request = request_for(say, model, audio.sample_rate)
    if source is None or sample.record is not None or not is_voice(source):
        preview_clone(run, source, sample, request, audio_output, keep_upload=keep_upload)
        return
    if {"transcript", "keep_upload"} & run.given:
        raise UsageError(f"--transcript and --keep-upload need a sample, but {source} is a voice")
    speak_sentence(run, replace(request, voice=voice_id(source, run.environ)), audio_output)


@command(app)
def clone(
    run: Run,
    source: str | None = argument(
        "[SOURCE]", show_default=False, kind=RECORDING, help="Audio file or file-… id."
    ),
    *,
    sample: SampleOptions,
    force: bool = flag(
        "--force",
        heading=SAMPLE,
        advanced=True,
        help="Accept a sample that is shorter than 5 s or longer than 10 s.",
    ),
    name: str | None = option(
        "--name NAME", help="Define NAME as an alias of the new voice, for use with -v."
    ),
    yes: bool = flag("--yes, -y", help="Accept the price without being asked."),
    model: str = MODEL_OPTION,
) -> int | None:
    """Clone a voice from 5 to 10 seconds of speech and print its id.

    The service charges for each cloned voice. You are shown the price and asked to confirm it.
    """
    from stepcli.cli.commands.voices_clone import (
        Alias,
        confirm_price,
        report_clone,
        request_clone,
        require_terminal,
    )

    check_source(source, sample)
    alias = None if name is None else Alias(name, run.environ)
    if not yes:
        require_terminal(run)
    with run.client() as client:
        voice_source = find_voice_source(run, source, sample)
        problem = length_problem(voice_source)
        if problem and not force:
            raise UsageError(problem, hint="use --force to send it anyway")
        if not (yes or confirm_price(run, voice_source)):
            run.terminal.note("cancelled; no voice was created and nothing was sent")
            return DECLINED
        created = request_clone(run, client, voice_source, sample.transcript, model)
    try:
        report_clone(run, created, name)
    finally:
        if alias and not run.connection.sandbox:
            alias.save(created.voice.id, run.terminal)
        elif alias:
            run.terminal.note("no alias was defined, because the voice ends with its sandbox")
    return None


@command(app)
def uploads(
    run: Run,
    ids: list[str] | None = argument("[ID...]", help="Files to delete; if omitted, all of them."),
    delete: bool = flag("--delete", help="Delete the files from the account's file storage."),
    yes: bool = flag("--yes, -y", help="Delete all without being asked."),
) -> int | None:
    """List or delete the samples that stepcli uploaded and that are still stored.

    The service charges for storage by the day. Samples of clones and of previews with --keep-upload
    remain. It is not documented whether a cloned voice needs its sample.
    """
    from stepcli.cli.commands.voices_uploads import delete_uploads, list_uploads

    if delete:
        return delete_uploads(run, ids or [], yes=yes)
    if ids or yes:
        raise UsageError("ID and --yes require --delete")
    list_uploads(run)
    return None
