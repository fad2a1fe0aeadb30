"""Where sound goes: the table "Sound out" of cli.md, for every command that makes sound."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from stepcli.api.speech import SpeechRequest
from stepcli.audio_types import PCM, AudioFormat, Sink
from stepcli.cli.context import Run
from stepcli.cli.error_report import kept_told
from stepcli.cli.io.output import STDOUT, EncodedOutput, open_output
from stepcli.cli.io.terminal import Terminal
from stepcli.errors import DeviceError, UsageError
from stepcli.storage.atomic_file import AtomicFile, completed
from stepcli.storage.os_errors import output_errors

OPUS_RATE = 24000


@dataclass(frozen=True, slots=True)
class SoundOut:
    """What the user chose: a file or stdout or nothing, a format, whether to play and on what."""

    terminal: Terminal
    output: str | None
    format: AudioFormat
    plays: bool
    device: str | None = None

    @classmethod
    def chosen(
        cls,
        run: Run,
        output: str | None,
        *,
        play: bool,
        format: AudioFormat | None,
        device: str | None,
    ) -> SoundOut:
        """The choice that the options amount to. Raises UsageError where flags contradict."""
        plays = play or output is None
        if output == STDOUT and run.terminal.json:
            raise UsageError("--json and -o - both want stdout", hint="write the sound to a file")
        if output is None and "format" in run.given:
            raise UsageError("--format is for a file; there is no -o FILE")
        if not plays and "device" in run.given:
            raise UsageError("--device is for playing; -o FILE is silent without --play")
        if format is None and output is not None:
            format = AudioFormat.of_name(output)
        return cls(run.terminal, output, format or AudioFormat.MP3, plays, device)

    def shaped(self, request: SpeechRequest) -> SpeechRequest:
        """``request`` in the format and at a sample rate that this output can have."""
        request = replace(request, format=self.format)
        if self.output and self.format is AudioFormat.OPUS and request.sample_rate == 22050:
            return replace(request, sample_rate=OPUS_RATE)
        return request

    @property
    def early(self) -> bool:
        """Whether somebody waits for the first sound."""
        return self.plays or self.output == STDOUT

    @property
    def takes_bytes(self) -> bool:
        """Whether the service's bytes go straight to one output."""
        return self.output is not None and not self.plays

    def wake(self, *, meanwhile: str) -> None:
        """If it plays, look for devices, which is mostly waiting; load the module ``meanwhile``.

        A failure is told when a device is opened: there may be another one to tell before.
        """
        if not self.plays:
            return
        from threading import Thread

        from stepcli.audio.portaudio import portaudio

        loading = Thread(target=import_module, args=(meanwhile,), daemon=True)
        loading.start()
        with suppress(DeviceError):
            portaudio()
        loading.join()

    @contextmanager
    def for_bytes(self) -> Iterator[list[Sink]]:
        """The sink for bytes that are already in the chosen format."""
        assert self.output is not None
        with completed(open_output(self.output, self.terminal)) as output:
            yield [output]
            if self.format is AudioFormat.WAV and output.file.seekable():
                from stepcli.audio import wav

                with output_errors(output.name):
                    wav.correct_sizes(output.file)

    @contextmanager
    def for_samples(self, pcm: PCM) -> Iterator[list[Sink]]:
        """The sinks for s16le samples: a file to encode, a device to play on, or both."""
        with ExitStack() as stack:
            sinks: list[Sink] = []
            if self.output is not None:
                output = open_output(self.output, self.terminal)
                sinks.append(
                    stack.enter_context(completed(EncodedOutput(output, self.format, pcm)))
                )
            if self.plays:
                from stepcli.audio.player import Player

                sinks.append(stack.enter_context(completed(Player(pcm, self.device))))
            yield sinks

    def tell_underruns(self, count: int) -> None:
        """How often playing had to wait for sound."""
        if count:
            times = "once" if count == 1 else f"{count} times"
            self.terminal.detail(f"stepcli: playing waited for sound {times}")

    def described(self, rate: int, size: int, seconds: float | None) -> dict[str, Any]:
        """The JSON fields about the sound: what a finished file says of itself, else what came."""
        if self.output is None:
            return _fields(None, AudioFormat.PCM, rate, seconds, size)
        from stepcli.audio.decode import measure

        path = Path(self.output)
        if self.format is AudioFormat.PCM or not path.is_file():
            return _fields(self.output, self.format, rate, seconds, size)
        found = measure(path)
        duration = found.duration if found else seconds
        rate = found.rate if found else rate
        return _fields(self.output, self.format, rate, duration, path.stat().st_size)


def _fields(
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
    """``heard`` at once; ``kept`` sentence by sentence."""

    heard: list[Sink] = field(default_factory=list)
    kept: list[Sink] = field(default_factory=list)


@contextmanager
def written(sound_out: SoundOut, pcm: PCM) -> Iterator[Sinks]:
    """What is written of s16le samples: a file is kept, stdout or a pipe hears. Nothing is played.

    Of a run that fails, the finished part of a file is set aside under another name, and told.
    """
    if sound_out.output is None:
        yield Sinks()
        return
    output = open_output(sound_out.output, sound_out.terminal)
    with completed(EncodedOutput(output, sound_out.format, pcm)) as sink:
        if not isinstance(output, AtomicFile):
            yield Sinks(heard=[sink])
            return
        with kept_told(partial(_set_aside, sink)):
            yield Sinks(kept=[sink])


def _set_aside(sink: EncodedOutput) -> str | None:
    where = sink.set_aside()
    return f"what was finished until then is in {where}" if where else None


@contextmanager
def played(sound_out: SoundOut, pcm: PCM) -> Iterator[list[Sink]]:
    """A device to play on, if that is wanted: heard to the end, or silenced by a failure."""
    if not sound_out.plays:
        yield []
        return
    from stepcli.audio.player import Player

    with completed(Player(pcm, sound_out.device)) as player:
        yield [player]
