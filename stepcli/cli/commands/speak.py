"""``stepcli speak``: convert text to speech."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from stepcli.cli.commands.speak_script import ScriptOptions, read_composition
from stepcli.cli.commands.speech_plan import SpeechPlanOptions, settle_plan
from stepcli.cli.context import Run
from stepcli.cli.params.command import command, command_app
from stepcli.cli.params.options import argument
from stepcli.cli.params.output_options import (
    FOLLOW_OPTION,
    SUBTITLES_OPTION,
    AudioOutputOptions,
    CueOptions,
)
from stepcli.cli.params.speech_options import FILE_OPTION, BatchOptions, SpeechOptions
from stepcli.cli.params.values import Text

app = command_app()


@command(app)
def speak(
    run: Run,
    text: list[str] | None = argument(
        "[TEXT...]", kind=Text(), help="Text to speak; if omitted or '-', it is read from stdin."
    ),
    file: Path | None = FILE_OPTION,
    *,
    speech: SpeechOptions,
    audio: AudioOutputOptions,
    scripts: ScriptOptions,
    follow: bool = FOLLOW_OPTION,
    subtitles: str | None = SUBTITLES_OPTION,
    cues: CueOptions,
    plan: SpeechPlanOptions,
    batch: BatchOptions,
) -> int | None:
    """Speak text of any length: play it, write it to a file, or both.

    Text in ( ) is a stage direction: the service follows it and does not speak it. Repeated blanks,
    hyphens at line ends and terminal sequences are removed, because they cost as much as letters.
    """
    if speech.lists_voices:
        from stepcli.cli.commands.voices_list import list_voices

        list_voices(run)
        return None
    scripts = scripts.checked(run.given)
    defaults, preparation = speech.request(sample_rate=audio.sample_rate), speech.preparation
    if batch.applies(run.given):
        from stepcli.cli.commands.speak_batch import speak_batch
        from stepcli.cli.io.subtitle_output import SubtitleOutput

        subtitle_output = SubtitleOutput.from_options(run, subtitles, cues, batch=True)
        if audio.format:
            defaults = replace(defaults, format=audio.format)
        return speak_batch(run, batch, defaults, preparation, subtitle_output, plan)
    from stepcli.cli.commands.speak_text import check_requests, read_requests, speak_text
    from stepcli.cli.io.speech_output import SpeechOutput
    from stepcli.cli.io.text_input import text_file

    output = SpeechOutput.from_options(run, audio, subtitles, cues, follow=follow)
    source = scripts.file or text_file(text or [], file, run.given)
    output.check_apart(source, "the script" if scripts.file else "the text")
    request = output.apply_to(defaults)
    composition = read_composition(run, scripts, request, preparation.convert)
    requests = (
        composition.requests
        if composition
        else read_requests(run, text or [], source, request, preparation)
    )
    check_requests(run, requests, speech, composition)
    labels = composition.labels if composition else None
    code = settle_plan(run, plan, requests, labels)
    if code is None:
        speak_text(run, requests, output, plan.jobs, composition)
    return code
