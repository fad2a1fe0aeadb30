"""Run `stepcli stream`: open its inputs and outputs, speak, report the result."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from stepcli.api.realtime import StreamRequest, WireFormat
from stepcli.api.realtime_connection import open_session
from stepcli.api.speech import DEFAULT_SAMPLE_RATE
from stepcli.audio.stream_decoder import CompressedDecoder, RawDecoder, require_ffmpeg
from stepcli.audio_types import PCM, Sink
from stepcli.cli.commands.stream_prompt import converse
from stepcli.cli.context import Run
from stepcli.cli.io.audio_output import AudioOutput, player_sinks, position_of, stream_sinks
from stepcli.cli.io.speech_output import SpeechOutput
from stepcli.cli.io.terminal import Terminal
from stepcli.cli.io.text_input import (
    directions_in,
    follows_directions,
    note_directions,
    stdin_blocks,
)
from stepcli.errors import StepcliError
from stepcli.settings import state_dir
from stepcli.storage.atomic_file import write_private
from stepcli.storage.directories import remove_expired
from stepcli.tasks.streaming.sentence_output import SentenceOutput
from stepcli.tasks.streaming.stream import StreamResult, StreamSettings, StreamSpeaker
from stepcli.text.preparation import DirectionCounter, Preparation
from stepcli.text.utf8 import decode_utf8


@contextmanager
def unspoken_kept(result: StreamResult, *, repeatable: bool = False) -> Iterator[None]:
    """Save the unspoken text of a run that fails, and add to the hint how to speak it.

    The same command can read `repeatable` text again, so it is saved only if a part of it was
    spoken.
    """
    try:
        yield
    except StepcliError as failure:
        wanted = result.unspoken.strip() and (result.sentences or not repeatable)
        if wanted and (path := _keep(result.unspoken)):
            failure.add_hint(f"stepcli stream -f {path} speaks the rest")
        raise


def _keep(text: str) -> Path | None:
    """Return the private file that holds `text` for a week; None where it cannot be written."""
    root = state_dir() / "unspoken"
    path = root / secrets.token_hex(4) / "text.txt"
    remove_expired(root)
    with suppress(StepcliError):
        write_private(path, text.encode())
        return path
    return None


_CONTAINERS = {WireFormat.MP3: "mp3", WireFormat.OPUS: "ogg"}


def stream_text(
    run: Run,
    request: StreamRequest,
    speech_output: SpeechOutput,
    *,
    given: str | None,
    flush_after: float,
    preparation: Preparation,
) -> int:
    """Speak `given`, or stdin as it is written, to `speech_output`; return the exit code.

    `flush_after` is in seconds; `preparation` is applied to what is read from stdin.
    """
    if request.wire_format in _CONTAINERS:
        require_ffmpeg()
    pcm = PCM(request.speech.sample_rate or DEFAULT_SAMPLE_RATE)
    audio_output, subtitles = speech_output.audio, speech_output.subtitles
    with (
        run.service() as service,
        subtitles.open() as write_subtitles,
        stream_sinks(audio_output, pcm) as sinks,
    ):
        output = _sentence_output(request.wire_format, pcm, sinks.files)
        settings = StreamSettings(service.timeout, service.retries, flush_after)
        speaker = StreamSpeaker(
            lambda: open_session(service, request), output, settings, run.terminal.info
        )
        playback = _Playback(
            audio_output,
            sinks.live,
            speaker,
            output,
            pcm,
            markdown=request.speech.markdown,
            at_prompt=given is None and run.terminal.stdin_is_terminal,
        )
        if given is None:
            code = _Stdin(run.terminal, playback, preparation, request.speech.model).speak()
        else:
            code = _speak_given(playback, given)
        if subtitles.wanted:
            markdown = request.speech.markdown
            write_subtitles(
                speaker.word_times.timeline(output.sentences, sinks.delay, markdown=markdown)
            )
    audio_output.report_underruns(playback.underruns)
    if run.terminal.json:
        run.terminal.result_json(_described(audio_output, request, output, playback))
    return code


def _sentence_output(format: WireFormat, pcm: PCM, files: Sequence[Sink]) -> SentenceOutput:
    container = _CONTAINERS.get(format)
    decoder = partial(CompressedDecoder, container, pcm) if container else RawDecoder
    return SentenceOutput(pcm, (), files, decoder)


@dataclass(slots=True)
class _Playback:
    """Speaks texts to the `live` sinks of the run, and to a device that is opened for each.

    `output` is that of the `speaker`; `markdown` says that the texts are Markdown, `at_prompt` that
    they are typed on the terminal.
    """

    audio_output: AudioOutput
    live: list[Sink]
    speaker: StreamSpeaker
    output: SentenceOutput
    pcm: PCM
    markdown: bool
    at_prompt: bool
    underruns: int = 0

    def speak(self, texts: Iterable[str]) -> None:
        with self._following() as follow, player_sinks(self.audio_output, self.pcm) as players:
            follow(players)
            self.speaker.speak(texts, [*self.live, *players])
        self.underruns += sum(getattr(player, "underruns", 0) for player in players)

    @contextmanager
    def _following(self) -> Iterator[Callable[[Sequence[Sink]], None]]:
        """Yield a function that shows the text that the player among its sinks plays, if wanted."""
        if not self.audio_output.shows_text:
            yield lambda _: None
            return
        from stepcli.cli.io.follow import following
        from stepcli.tasks.streaming.read_along import ReadAlongSentences

        word_times = self.speaker.word_times
        read = ReadAlongSentences(self.output, word_times, markdown=self.markdown)

        def show(players: Sequence[Sink]) -> None:
            if position := position_of(players):
                follow(position, read)

        with following(self.audio_output.terminal, remains=not self.at_prompt) as follow:
            yield show


def _speak_given(playback: _Playback, text: str) -> int:
    with unspoken_kept(playback.speaker.result, repeatable=True):
        playback.speak([text])
    return 0


@dataclass(frozen=True, slots=True)
class _Stdin:
    """Speaks what is read from stdin: on a terminal line by line, else as it arrives."""

    terminal: Terminal
    playback: _Playback
    preparation: Preparation
    model: str

    def speak(self) -> int:
        """Speak until the end of the input and return the exit code."""
        if self.terminal.stdin_is_terminal:
            return converse(self.terminal, self._speak_line)
        counter = DirectionCounter()
        text = self.preparation.apply_to_blocks(decode_utf8(stdin_blocks(self.terminal), "stdin"))
        with unspoken_kept(self.playback.speaker.result):
            self.playback.speak(counter.passing(text))
        if follows_directions(self.model, self.preparation):
            note_directions(self.terminal, counter.count)
        return 0

    def _speak_line(self, line: str) -> None:
        text = self.preparation.apply(line)
        note_directions(self.terminal, directions_in(text, self.model, self.preparation))
        self.playback.speak([text])


def _described(
    audio_output: AudioOutput, request: StreamRequest, output: SentenceOutput, playback: _Playback
) -> dict[str, Any]:
    """Return the object that `--json` prints."""
    seconds, result = output.seconds, playback.speaker.result
    size = playback.pcm.size(seconds)
    return audio_output.json_fields(playback.pcm.rate, size, seconds) | {
        "characters": result.characters,
        "sentences": result.sentences,
        "sessions": result.sessions,
        "reconnects": result.reconnects,
        "first_audio_ms": result.first_audio_ms,
        "underruns": playback.underruns,
        "voice": request.speech.voice,
        "model": request.speech.model,
    }
