"""Plays a file of raw samples through Player and prints, as JSON, what came of it.

A program of its own, as PortAudio finds its devices once in the life of a process, and as Ctrl-C
is for a process.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from stepcli.audio import portaudio
from stepcli.audio.player import BUFFER_SECONDS, Player
from stepcli.audio_types import PCM
from stepcli.errors import INTERRUPTED, StepcliError
from tests.devices.urgency import go_first


def main() -> int:
    signal.signal(signal.SIGINT, signal.default_int_handler)
    arguments = _parsed()
    if arguments.urgent:
        go_first()
    if arguments.only:
        _refuse_all_but(PCM(*arguments.only))
    try:
        player = Player(PCM(arguments.rate), arguments.device, buffer=arguments.ring)
    except StepcliError as exc:
        return _tell(exc.exit_code, message=exc.message, hint=exc.hint)
    time.sleep(arguments.wait)
    began, used = time.monotonic(), time.process_time()
    code, failure = _play(player, arguments)
    return _tell(
        code,
        **failure,
        underruns=player.underruns,
        xruns=player.xruns,
        first_sound=player.first_sound,
        position=player.position,
        began=began,
        took=time.monotonic() - began,
        cpu=time.process_time() - used,
    )


def _play(player: Player, arguments: argparse.Namespace) -> tuple[int, dict[str, str | None]]:
    try:
        for block in _paced(arguments):
            player.write(block)
        player.close()
    except KeyboardInterrupt:
        player.abort()
        return INTERRUPTED, {}
    except StepcliError as exc:
        player.abort()
        return exc.exit_code, {"message": exc.message, "hint": exc.hint}
    return 0, {}


def _parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("sound", type=Path)
    parser.add_argument("--rate", type=int, required=True)
    parser.add_argument("--device")
    parser.add_argument("--ring", type=float, default=BUFFER_SECONDS)
    parser.add_argument("--wait", type=float, default=0.0, help="seconds before the first byte")
    parser.add_argument("--pace", type=float, help="times real time at which the sound comes")
    parser.add_argument("--block", type=float, default=0.02, help="seconds that come at once")
    parser.add_argument("--only", type=int, nargs=2, help="the rate and channels the device takes")
    parser.add_argument("--urgent", action="store_true", help="be no test of the scheduler")
    return parser.parse_args()


def _refuse_all_but(shape: PCM) -> None:
    """Stand in for a device that takes one shape; what it takes is played as ever."""
    sounddevice = portaudio.load_portaudio()
    takes_all = sounddevice.RawOutputStream

    def takes_one(**wanted: Any) -> Any:
        if wanted["samplerate"] != shape.rate:
            raise sounddevice.PortAudioError("Invalid sample rate", -9997)
        if wanted["channels"] != shape.channels:
            raise sounddevice.PortAudioError("Invalid number of channels", -9998)
        return takes_all(**wanted)

    sounddevice.RawOutputStream = takes_one


def _paced(arguments: argparse.Namespace) -> Iterator[bytes]:
    """Blocks that fall due one after another, and are not whole frames."""
    sound, pcm, pace = arguments.sound.read_bytes(), PCM(arguments.rate), arguments.pace
    size = int(arguments.block * pcm.rate) * pcm.frame_bytes - 1
    start = time.monotonic()
    for begin in range(0, len(sound), size):
        if pace:
            due = start + pcm.seconds(begin) / pace
            time.sleep(max(0.0, due - time.monotonic()))
        yield sound[begin : begin + size]


def _tell(code: int, **reported: object) -> int:
    print(json.dumps(reported))  # noqa: T201 - the test reads it
    return code


if __name__ == "__main__":
    sys.exit(main())
