"""``--mic``: the microphone as an input, and its recording on disk."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from stepcli.audio.capture import Capture
from stepcli.audio.devices import find_input
from stepcli.audio.portaudio import why_silent
from stepcli.audio.tape import Tape
from stepcli.audio.utterances import Span, Utterances
from stepcli.audio.voice import CHUNK_SECONDS, HEARD, Voice
from stepcli.cli.meter import Meter
from stepcli.cli.output import STDOUT, EncodedOutput, check_output, completed, open_output
from stepcli.cli.recordings import new_recording
from stepcli.cli.sound_in import SoundIn
from stepcli.cli.stopping import Stop
from stepcli.cli.terminal import Terminal
from stepcli.errors import UsageError
from stepcli.sound import AudioFormat
from stepcli.tasks.dictation import Listener, Moment


@dataclass(frozen=True, slots=True)
class Dictation:
    """How to listen: seconds, except the ``threshold``; ``live`` goes on after a pause."""

    device: str | None
    silence: float
    threshold: float
    duration: float | None
    keep: str | None
    live: bool


def microphone(terminal: Terminal) -> SoundIn:
    """The microphone as an input, at the path of a recording that is yet to be made."""
    return SoundIn("microphone", new_recording(), None, terminal)


def check_keep(keep: str | None, terminal: Terminal, transcript: Path | None) -> None:
    """Raises UsageError for a recording that could not be saved."""
    if keep is None:
        return
    if keep == STDOUT:
        raise UsageError("--keep takes a FILE: stdout is the transcript's")
    if transcript and transcript.resolve() == Path(keep).resolve():
        raise UsageError(f"recording and transcript would both be written to {keep}")
    check_output(keep, terminal)


@contextmanager
def capturing(path: Path, wish: Dictation) -> Iterator[Capture]:
    """The microphone runs onto a tape at ``path``. Raises DeviceError, UsageError, OutputError."""
    from stepcli.audio.recorder import Recorder

    recorder = Recorder(HEARD.rate, wish.device, CHUNK_SECONDS)
    with Capture(recorder, Tape(path, HEARD), wish.duration) as capture:
        yield capture


def device_of(device: str | None, *, certain: bool) -> str | None:
    """The ``device`` to record from; a default that names a loudspeaker, say, steps back."""
    if device is None or certain:
        return device
    try:
        return str(find_input(device).index)
    except UsageError:
        return None


def listen(
    capture: Capture, wish: Dictation, stop: Stop, meter: Meter
) -> Iterator[Span | Moment | None]:
    """What is heard, until ``stop``; digital silence is explained once."""
    explained = False
    utterances = Utterances(wish.silence, wish.threshold, bounded=wish.live)
    for news in Listener(capture, Voice(), utterances, stop):
        if isinstance(news, Moment) and news.dead and not explained:
            meter.note(f"the microphone gives digital silence; {why_silent()}")
            explained = True
        yield news


def how_it_ends(wish: Dictation, terminal: Terminal) -> str:
    """The sentence that a recording begins with."""
    ends = [
        *([f"{wish.duration:g} s"] if wish.duration else []),
        *(["Enter"] if terminal.stdin_is_terminal else []),
        "Ctrl-C",
        *([] if wish.live else [f"a pause of {wish.silence:g} s"]),
    ]
    *others, last = ends
    told = f"{', '.join(others)} or {last}" if others else last
    return f"listening; {told} ends it"


def save(tape: Tape, target: str, terminal: Terminal) -> None:
    """The recording as a file in the format of its extension, else WAV. Raises OutputError."""
    format = AudioFormat.of_name(target) or AudioFormat.WAV
    with completed(EncodedOutput(open_output(target, terminal), format, tape.pcm)) as file:
        for block in tape.blocks():
            file.write(block)


def discard(path: Path) -> None:
    with suppress(OSError):
        path.unlink()
