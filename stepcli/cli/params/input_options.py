"""The options of ``transcribe`` that say which audio is read, and how."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from stepcli.cli.params.options import flag, option
from stepcli.cli.params.values import Files

AUDIO_INPUT = "Audio input"


def _check_pcm(text: str) -> None:
    from stepcli.cli.io.audio_input import parse_pcm

    parse_pcm(text)


@dataclass(frozen=True, slots=True)
class InputOptions:
    """What ``transcribe`` takes about its inputs."""

    recursive: Annotated[
        bool,
        flag(
            "--recursive",
            rich_help_panel=AUDIO_INPUT,
            help="Transcribe the audio files in sub-directories of a directory as well.",
        ),
    ] = False
    files_from: Annotated[
        str | None,
        option(
            "--files-from",
            metavar="FILE",
            kind=Files(),
            rich_help_panel=AUDIO_INPUT,
            help="Read the names of more inputs from FILE, one per line or separated by NUL;"
            " '-' is stdin.",
        ),
    ] = None
    pcm: Annotated[
        str | None,
        option(
            "--pcm",
            metavar="RATE[:CHANNELS]",
            check=_check_pcm,
            rich_help_panel=AUDIO_INPUT,
            help="Read the input as raw signed 16-bit little-endian samples; with --live, '-' is"
            " transcribed while it is being written.",
        ),
    ] = None
