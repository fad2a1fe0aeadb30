"""The options of ``transcribe`` about the microphone."""

from __future__ import annotations

from stepcli.cli.params.options import flag, option, option_group
from stepcli.cli.params.values import AUDIO, INPUT_DEVICE

LONGEST_SILENCE = 3600.0


@option_group("Microphone")
class MicrophoneOptions:
    """How to record; times are in seconds. ``live`` continues after a pause."""

    mic: bool = flag("--mic", help="Record from the microphone until Enter, Ctrl-C or a pause.")
    live: bool = flag(
        "--live", help="Keep recording after a pause, and print each utterance when it ends."
    )
    last: bool = flag("--last", help="Transcribe the last recording again.")
    toggle: bool = flag(
        "--toggle",
        help="End the dictation that was started with --toggle, or start one that no pause"
        " ends, unless --silence is given. For a key of the desktop.",
    )
    device: str | None = option(
        "--device, --microphone NAME|N",
        kind=INPUT_DEVICE,
        help="Input device: its number or part of its name.",
        default_text="system default",
    )
    silence: float = option(
        "--silence S",
        default=1.2,
        min=0.2,
        max=LONGEST_SILENCE,
        help="Seconds without speech that end an utterance.",
    )
    interim: float = option(
        "--interim S",
        default=1.0,
        min=0,
        max=60,
        advanced=True,
        help="Show the words of the current utterance on a terminal every S seconds; 0 does"
        " not. With --format jsonl, print them as lines of the type 'partial'.",
    )
    duration: float | None = option(
        "--duration S", min=0.1, max=86400, help="Stop recording after S seconds."
    )
    threshold: float = option(
        "--threshold P",
        default=0.5,
        min=0.01,
        max=0.99,
        advanced=True,
        help="Probability from which a sound counts as speech; lower it for a quiet voice.",
    )
    keep: str | None = option("--keep FILE", kind=AUDIO, help="Save the recording to FILE.")

    @property
    def records(self) -> bool:
        """Whether a recording is made."""
        return self.mic or self.live or self.toggle
