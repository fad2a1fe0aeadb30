"""``--record S``: a voice sample from the microphone, kept as a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from stepcli.audio import wav
from stepcli.audio.level import level
from stepcli.audio.recorder import BLOCK_SECONDS, Recorder
from stepcli.cli.meter import level_bar
from stepcli.cli.output import completed, open_output
from stepcli.cli.terminal import Terminal
from stepcli.errors import DeviceError, OutputError
from stepcli.settings import state_dir
from stepcli.sound import PCM

RATE = 24000
_COUNTDOWN = 3
_METER = 30


def record_sample(terminal: Terminal, seconds: float, microphone: str | None) -> Path:
    """Record for ``seconds``; the file, which takes the place of the last one.

    What was recorded is kept and told also where it ends early. Raises DeviceError for a
    microphone that gives nothing but zeros.
    """
    path = state_dir() / "recordings" / "voice-sample.wav"
    blocks: list[bytes] = []
    with Recorder(RATE, microphone) as recorder:
        _count_down(terminal, seconds, recorder)
        try:
            for block in _metered(terminal, islice(recorder, round(seconds / BLOCK_SECONDS))):
                blocks.append(block)
        finally:
            terminal.live("")
            if blocks:
                _keep(path, recorder.pcm, b"".join(blocks))
                terminal.note(f"the recording is kept: {path}")
    if not any(map(any, blocks)):
        raise DeviceError(
            f"the microphone {recorder.device} gave digital silence",
            hint="see that this program may use it, that it is not muted, or name another",
        )
    return path


def _count_down(terminal: Terminal, seconds: float, recorder: Iterable[bytes]) -> None:
    """Time to take a breath, while what the microphone hears is dropped."""
    if not terminal.stderr_is_terminal:
        terminal.note(f"recording {seconds:g} s")
        return
    blocks = iter(recorder)
    for count in range(_COUNTDOWN, 0, -1):
        terminal.say(f"speak for {seconds:g} s in {count} …")
        for _ in range(round(1 / BLOCK_SECONDS)):
            next(blocks)


def _metered(terminal: Terminal, blocks: Iterable[bytes]) -> Iterator[bytes]:
    """``blocks``, and on a terminal a line that shows how loud each one is."""
    for number, block in enumerate(blocks, 1):
        yield block
        terminal.live(f"{number * BLOCK_SECONDS:5.1f} s  {level_bar(level(block), _METER)}")


def _keep(path: Path, pcm: PCM, samples: bytes) -> None:
    """In a directory that is its owner's alone: a voice is nobody else's business."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as exc:
        raise OutputError(f"cannot make {path.parent}: {exc.strerror}") from exc
    with completed(open_output(str(path), Terminal(), private=True)) as file:
        file.write(wav.header(pcm, len(samples)) + samples)
