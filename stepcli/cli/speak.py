"""``stepcli speak``: text to sound."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stepcli.api.models import DEFAULT_VOICE, SPEECH_MODEL
from stepcli.api.speech import DEFAULT_SAMPLE_RATE, SpeechRequest, check
from stepcli.cli import options
from stepcli.cli.command import command, command_app
from stepcli.cli.output import STDOUT, completed, open_output
from stepcli.cli.run import Run
from stepcli.cli.text_in import read_text
from stepcli.errors import UsageError
from stepcli.sound import PCM, AudioFormat

if TYPE_CHECKING:
    from stepcli.tasks.speak import Delivery

app = command_app()


@command(app)
def speak(
    run: Run,
    text: Annotated[
        list[str] | None,
        typer.Argument(metavar="[TEXT]...", help="What to say; '-' or nothing reads stdin."),
    ] = None,
    file: Annotated[
        Path | None, options.option("--file", "-f", metavar="FILE", help="Read the text from FILE.")
    ] = None,
    voice: options.Voice = DEFAULT_VOICE,
    instruction: options.Instruction = None,
    speed: options.Speed = None,
    volume: options.Volume = None,
    pronounce: options.Pronounce = None,
    markdown: options.Markdown = False,
    model: options.SpeechModel = SPEECH_MODEL,
    output: options.Output = None,
    format: options.Format = None,
    sample_rate: options.SampleRate = None,
) -> None:
    """Speak text.

    Text inside ( ) is a stage direction: obeyed, not spoken.
    """
    request = SpeechRequest(
        text=read_text(text or [], file, run.terminal),
        voice=voice,
        model=model,
        format=format or _format_of(output),
        sample_rate=sample_rate,
        speed=speed,
        volume=volume,
        instruction=instruction,
        pronunciations=tuple(pronounce or ()),
        markdown=markdown,
    )
    check(request)
    _to_file(run, request, output)


def _format_of(output: str | None) -> AudioFormat:
    return (AudioFormat.of_name(output) if output else None) or AudioFormat.MP3


def _to_file(run: Run, request: SpeechRequest, output: str | None) -> None:
    from stepcli.api.speech import speak as request_speech
    from stepcli.tasks.speak import deliver

    if output is None:
        raise UsageError("no output named", hint="-o FILE writes the sound to a file")
    if run.terminal.json and output == STDOUT:
        raise UsageError("--json and -o - both want stdout", hint="write the sound to a file")
    with (
        run.client() as client,
        completed(open_output(output, run.terminal)) as sink,
        request_speech(client, request) as sound,
    ):
        delivery = deliver(sound, sink)
    if run.terminal.json:
        run.terminal.result_json(_described(output, request, delivery))


def _described(output: str, request: SpeechRequest, delivery: Delivery) -> dict[str, Any]:
    """The JSON object of cli.md, "speak"."""
    rate, duration = _measured(output, request, delivery.size)
    return {
        "output": output,
        "format": request.format.value,
        "sample_rate": rate,
        "duration": duration,
        "bytes": delivery.size,
        "characters": len(request.text),
        "requests": 1,
        "first_audio_ms": delivery.first_audio_ms,
        "voice": request.voice,
        "model": request.model,
    }


def _measured(output: str, request: SpeechRequest, size: int) -> tuple[int, float | None]:
    from stepcli.audio.measure import measure

    rate = request.sample_rate or DEFAULT_SAMPLE_RATE
    if request.format is AudioFormat.PCM:
        return rate, PCM(rate).seconds(size)
    found = measure(Path(output))
    return (found.rate, found.duration) if found else (rate, None)
