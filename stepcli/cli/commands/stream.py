"""``stepcli stream``: speak text while it is still being written."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path

from stepcli.api.realtime import Mode, StreamRequest, WireFormat
from stepcli.api.speech import check
from stepcli.cli.context import Run
from stepcli.cli.io.speech_output import SpeechOutput
from stepcli.cli.io.terminal import Terminal
from stepcli.cli.io.text_input import (
    STDIN,
    directions_in,
    note_directions,
    read_text,
    text_file,
)
from stepcli.cli.params.command import command, command_app
from stepcli.cli.params.options import argument, option, option_group
from stepcli.cli.params.output_options import (
    FOLLOW_OPTION,
    SUBTITLES_OPTION,
    AudioOutputOptions,
    CueOptions,
)
from stepcli.cli.params.speech_options import FILE_OPTION, SpeechOptions
from stepcli.cli.params.values import Text
from stepcli.cli.params.voice_names import warn_about_voices
from stepcli.errors import UsageError


class ModeChoice(StrEnum):
    """The service's modes, and ``auto``, which is ``sentence`` for complete text."""

    AUTO = "auto"
    DEFAULT = Mode.DEFAULT.value
    SENTENCE = Mode.SENTENCE.value


app = command_app()


@option_group("Streaming")
class StreamingOptions:
    """The options of ``stream`` about the session."""

    flush_after: float = option(
        "--flush-after MS",
        default=600,
        min=0,
        max=86_400_000,
        advanced=True,
        help="Speak an incomplete sentence after MS milliseconds without new text.",
    )
    mode: ModeChoice = option(
        "--mode NAME",
        default=ModeChoice.AUTO,
        advanced=True,
        help="How the service splits text: default collects words into sentences, "
        "sentence splits at 。！？!?; auto uses sentence for TEXT and -f, default "
        "for stdin.",
    )
    wire_format: WireFormat = option(
        "--wire-format NAME",
        default=WireFormat.PCM,
        advanced=True,
        help="Audio format for the transfer: pcm, or mp3_stream or opus_stream for "
        "slow connections (requires ffmpeg).",
    )


@command(app)
def stream(
    run: Run,
    text: list[str] | None = argument(
        "[TEXT...]",
        kind=Text(),
        help="Text to speak; if omitted or '-', it is read from stdin, on a terminal line by line.",
    ),
    file: Path | None = FILE_OPTION,
    *,
    speech: SpeechOptions,
    audio: AudioOutputOptions,
    follow: bool = FOLLOW_OPTION,
    subtitles: str | None = SUBTITLES_OPTION,
    cues: CueOptions,
    streaming: StreamingOptions,
) -> int | None:
    """Speak text while it is still being written, from a pipe or a prompt.

    According to the service, stepaudio-2.5-tts sounds better over HTTP than over the WebSocket that
    this command uses. If the text is already complete, use `stepcli speak`.
    """
    if speech.lists_voices:
        from stepcli.cli.commands.voices_list import list_voices

        list_voices(run)
        return None
    output = SpeechOutput.from_options(run, audio, subtitles, cues, follow=follow)
    file = text_file(text or [], file, run.given)
    output.check_apart(file, "the text")
    preparation = speech.preparation
    given = _given(text or [], file, run.terminal)
    if given is not None:
        given = preparation.apply(given)
        note_directions(run.terminal, directions_in(given, speech.model, preparation))
    spoken = output.apply_to(speech.request(sample_rate=audio.sample_rate))
    check(spoken)
    request = StreamRequest(spoken, _mode(streaming.mode, given), streaming.wire_format)
    warn_about_voices([spoken], run.terminal.info)
    if output.audio.shows_text and given is None:
        _check_prompt(run.terminal)
    output.audio.prepare_playback(meanwhile="stepcli.cli.commands.stream_run")
    from stepcli.cli.commands.stream_run import stream_text

    return stream_text(
        run,
        request,
        output,
        given=given,
        flush_after=streaming.flush_after / 1000,
        preparation=preparation,
    )


def _given(words: Sequence[str], file: Path | None, terminal: Terminal) -> str | None:
    """Return the text if it is complete; None if it arrives on stdin."""
    from_stdin = list(words) in ([], [STDIN]) and (file is None or str(file) == STDIN)
    return None if from_stdin else read_text(words, file, terminal)


def _check_prompt(terminal: Terminal) -> None:
    """Raise UsageError if keys that are typed while the text is shown would appear in it.

    The prompt hides keys only where its line editor shows them later, which is on stdout.
    """
    drawn = terminal.stdin_is_terminal and terminal.stderr_is_terminal
    if drawn and not terminal.stdout_is_terminal:
        raise UsageError(
            "--follow at the prompt requires a terminal on stdout, or keys that are typed while a"
            " line is spoken appear in its text",
            hint="redirect stderr as well, or leave out --follow",
        )


def _mode(choice: ModeChoice, given: str | None) -> Mode:
    if choice is ModeChoice.AUTO:
        return Mode.DEFAULT if given is None else Mode.SENTENCE
    return Mode(choice.value)
