"""Audio output: a file, stdout, a device, or a file and a device."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from typing import Any

from stepcli.api.speech import SpeechRequest
from stepcli.audio_types import AUDIO_EXTENSIONS, PCM, AudioFormat, Sink
from stepcli.cli.context import Run
from stepcli.cli.error_report import hint_on_failure
from stepcli.cli.io.output import STDOUT, EncodedOutput, Output, open_output, output_format
from stepcli.cli.io.terminal import Terminal
from stepcli.cli.params.output_options import AudioOutputOptions
from stepcli.cli.params.usage_errors import refuse_given
from stepcli.errors import DeviceError, UsageError
from stepcli.storage.atomic_file import AtomicFile, completed
from stepcli.storage.os_errors import output_errors

OPUS_RATE = 24000
"""Sample rate in Hz of Opus files where the request has one that Opus does not support."""


@dataclass(frozen=True, slots=True)
class AudioOutput:
    """The file, `-` for stdout or None; its format; whether to play, and on which device.

    With `follows`, the text is shown while it plays.
    """

    terminal: Terminal
    output: str | None
    format: AudioFormat
    plays: bool
    device: str | None = None
    follows: bool = False

    @classmethod
    def from_options(
        cls, run: Run, options: AudioOutputOptions, *, follow: bool = False
    ) -> AudioOutput:
        """Return the output that the options describe. Raises UsageError where they conflict."""
        output = options.output
        plays = options.play or output is None
        if output == STDOUT and run.terminal.json:
            raise UsageError(
                "--json and -o - both write to stdout", hint="write the audio to a file"
            )
        if output is None:
            refuse_given(["format"], run.given, "requires -o FILE")
        if not plays:
            refuse_given(["device", "follow"], run.given, "requires --play if -o FILE is given")
        is_given = "format" in run.given
        format = output_format(
            options.format, output, AUDIO_EXTENSIONS, is_given=is_given, force="--format mp3"
        )
        return cls(run.terminal, output, format or AudioFormat.MP3, plays, options.device, follow)

    def apply_to(self, request: SpeechRequest) -> SpeechRequest:
        """Return `request` with the format of this output and a sample rate that it supports."""
        request = replace(request, format=self.format)
        if self.output and self.format is AudioFormat.OPUS and request.sample_rate == 22050:
            return replace(request, sample_rate=OPUS_RATE)
        return request

    @property
    def shows_text(self) -> bool:
        """Whether the text is shown while it plays."""
        return self.follows and self.plays and not self.terminal.quiet

    @property
    def passes_through(self) -> bool:
        """Whether the service's bytes can go to the output as they are."""
        return self.output is not None and not self.plays

    def prepare_playback(self, *, meanwhile: str) -> None:
        """Initialize audio devices, which is mostly waiting, while the module `meanwhile` loads.

        A failure is raised when a device is opened, so that other errors come first.
        """
        if not self.plays:
            return
        from threading import Thread

        from stepcli.audio.portaudio import load_portaudio

        loading = Thread(target=import_module, args=(meanwhile,), daemon=True)
        loading.start()
        with suppress(DeviceError):
            load_portaudio()
        loading.join()

    @contextmanager
    def encoded_output(self) -> Iterator[Output]:
        """Yield the output for bytes that are in its format already."""
        assert self.output is not None
        with completed(open_output(self.output, self.terminal)) as output:
            yield output
            if self.format is AudioFormat.WAV and output.file.seekable():
                from stepcli.audio import wav

                with output_errors(output.name):
                    wav.correct_sizes(output.file)

    @contextmanager
    def pcm_sinks(self, pcm: PCM) -> Iterator[Sinks]:
        """Yield the sinks for s16le samples: an encoder, a player, or both."""
        with ExitStack() as stack:
            sinks = Sinks()
            if self.output is not None:
                output = open_output(self.output, self.terminal)
                sink = stack.enter_context(completed(EncodedOutput(output, self.format, pcm)))
                sinks.delay = sink.delay
                (sinks.files if _is_file(output) else sinks.live).append(sink)
            sinks.live += stack.enter_context(player_sinks(self, pcm))
            yield sinks

    @property
    def is_reported(self) -> bool:
        """Whether a terminal shows that the file is complete."""
        return self.output not in (None, STDOUT) and self.terminal.reports_files

    def report_written(self, duration: float | None) -> None:
        """Report on a terminal that the file is complete, with its duration in seconds."""
        if self.is_reported:
            from stepcli.cli.io.progress import format_clock

            length = "" if duration is None else f": {format_clock(duration)}"
            self.terminal.note(f"wrote {self.output}{length}")

    def report_underruns(self, count: int) -> None:
        """Report with `--verbose` how often the player ran out of audio."""
        if count:
            times = "once" if count == 1 else f"{count} times"
            self.terminal.detail(f"stepcli: playback waited for audio {times}")

    def json_fields(self, rate: int, size: int, seconds: float | None) -> dict[str, Any]:
        """Return the JSON fields about the audio, measured where there is a file.

        Otherwise they are `rate` in Hz, `size` in bytes and `seconds`.
        """
        if self.output is None:
            return _json_fields(None, AudioFormat.PCM, rate, seconds, size)
        from stepcli.audio.decode import read_info

        path = Path(self.output)
        if self.format is AudioFormat.PCM or not path.is_file():
            return _json_fields(self.output, self.format, rate, seconds, size)
        measured = read_info(path)
        duration = measured.duration if measured else seconds
        rate = measured.rate if measured else rate
        return _json_fields(self.output, self.format, rate, duration, path.stat().st_size)


def _json_fields(
    output: str | None, format: AudioFormat, rate: int, duration: float | None, size: int
) -> dict[str, Any]:
    return {
        "output": output,
        "format": format.value,
        "sample_rate": rate,
        "duration": None if duration is None else round(duration, 3),
        "bytes": size,
    }


@dataclass(slots=True)
class Sinks:
    """The sinks of a run: `live` ones get audio at once, `files` only what is complete.

    In the file or pipe, the sound begins after `delay` seconds.
    """

    live: list[Sink] = field(default_factory=list)
    files: list[Sink] = field(default_factory=list)
    delay: float = 0.0

    @property
    def position(self) -> Callable[[], float] | None:
        """What returns the seconds that a device has played; None without one."""
        return position_of(self.live)

    @property
    def underruns(self) -> int:
        """How often playback ran out of audio."""
        names = ("underruns", "xruns")
        return sum(getattr(sink, name, 0) for sink in self.live for name in names)


def position_of(sinks: Sequence[Sink]) -> Callable[[], float] | None:
    """Return what returns the seconds that a player of `sinks` has played; None without one."""
    player = next((sink for sink in sinks if hasattr(sink, "position")), None)
    return None if player is None else lambda: float(player.position)


def _is_file(output: Output) -> bool:
    """Return whether `output` is a file, which stdout may be, rather than a pipe to a player."""
    if isinstance(output, AtomicFile):
        return True
    with suppress(OSError):
        return stat.S_ISREG(os.fstat(output.file.fileno()).st_mode)
    return False


@contextmanager
def stream_sinks(audio_output: AudioOutput, pcm: PCM) -> Iterator[Sinks]:
    """Yield the sinks for s16le samples, without players; stdout and pipes are live.

    Where the run fails, the hint of the error names the file in which the sound is kept.
    """
    if audio_output.output is None:
        yield Sinks()
        return
    from stepcli.cli.io.copied_output import CopiedOutput

    output = open_output(audio_output.output, audio_output.terminal)
    encoded = EncodedOutput(output, audio_output.format, pcm)
    with completed(CopiedOutput(encoded, pcm)) as sink, hint_on_failure(sink.set_aside):
        sinks = Sinks(delay=encoded.delay)
        (sinks.files if isinstance(output, AtomicFile) else sinks.live).append(sink)
        yield sinks


@contextmanager
def player_sinks(audio_output: AudioOutput, pcm: PCM) -> Iterator[list[Sink]]:
    """Yield a player if the audio is to be played; it plays to the end unless the block fails."""
    if not audio_output.plays:
        yield []
        return
    from stepcli.audio.player import Player

    with _file_suggested(audio_output), completed(Player(pcm, audio_output.device)) as player:
        yield [player]


@contextmanager
def _file_suggested(audio_output: AudioOutput) -> Iterator[None]:
    """Add to the hint of a DeviceError that a file needs no device."""
    try:
        yield
    except DeviceError as exc:
        if audio_output.output is None:
            exc.add_hint("without a loudspeaker, write a file: -o FILE")
        raise
