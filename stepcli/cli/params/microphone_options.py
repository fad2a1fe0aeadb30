"""The options of ``transcribe`` about the microphone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from stepcli.cli.params.options import flag, option
from stepcli.cli.params.values import AUDIO, INPUT_DEVICE

MICROPHONE = "Microphone"
LONGEST_SILENCE = 3600.0


@dataclass(frozen=True, slots=True)
class MicrophoneOptions:
    """How to record; times are in seconds. ``live`` continues after a pause."""

    mic: Annotated[
        bool,
        flag(
            "--mic",
            rich_help_panel=MICROPHONE,
            help="Record from the microphone until Enter, Ctrl-C or a pause.",
        ),
    ] = False
    live: Annotated[
        bool,
        flag(
            "--live",
            rich_help_panel=MICROPHONE,
            help="Keep recording after a pause, and print each utterance when it ends.",
        ),
    ] = False
    last: Annotated[
        bool,
        flag("--last", rich_help_panel=MICROPHONE, help="Transcribe the last recording again."),
    ] = False
    toggle: Annotated[
        bool,
        flag(
            "--toggle",
            rich_help_panel=MICROPHONE,
            help="End the dictation that was started with --toggle, or start one that no pause"
            " ends, unless --silence is given. For a key of the desktop.",
        ),
    ] = False
    device: Annotated[
        str | None,
        option(
            "--device",
            "--microphone",
            metavar="NAME|N",
            kind=INPUT_DEVICE,
            rich_help_panel=MICROPHONE,
            help="Input device: its number or part of its name.",
            default_text="system default",
        ),
    ] = None
    silence: Annotated[
        float,
        option(
            "--silence",
            metavar="S",
            min=0.2,
            max=LONGEST_SILENCE,
            rich_help_panel=MICROPHONE,
            help="Seconds without speech that end an utterance.",
        ),
    ] = 1.2
    interim: Annotated[
        float,
        option(
            "--interim",
            metavar="S",
            min=0,
            max=60,
            rich_help_panel=MICROPHONE,
            advanced=True,
            help="Show the words of the current utterance on a terminal every S seconds; 0 does"
            " not. With --format jsonl, print them as lines of the type 'partial'.",
        ),
    ] = 1.0
    duration: Annotated[
        float | None,
        option(
            "--duration",
            metavar="S",
            min=0.1,
            max=86400,
            rich_help_panel=MICROPHONE,
            help="Stop recording after S seconds.",
        ),
    ] = None
    threshold: Annotated[
        float,
        option(
            "--threshold",
            metavar="P",
            min=0.01,
            max=0.99,
            rich_help_panel=MICROPHONE,
            advanced=True,
            help="Probability from which a sound counts as speech; lower it for a quiet voice.",
        ),
    ] = 0.5
    keep: Annotated[
        str | None,
        option(
            "--keep",
            metavar="FILE",
            kind=AUDIO,
            rich_help_panel=MICROPHONE,
            help="Save the recording to FILE.",
        ),
    ] = None

    @property
    def records(self) -> bool:
        """Whether a recording is made."""
        return self.mic or self.live or self.toggle
