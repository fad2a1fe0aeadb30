"""The values of options and arguments, as help, completion and the config file describe them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stepcli.cli.completion.dynamic import CONFIG, INPUTS, OUTPUTS, VOICES

if TYPE_CHECKING:
    from stepcli.cli.params._click import Command, Parameter


@dataclass(frozen=True, slots=True)
class Choices:
    """Fixed words."""

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Files:
    """Files with one of ``extensions``; all files if there are no extensions."""

    extensions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Directories:
    """Directories only."""


@dataclass(frozen=True, slots=True)
class Dynamic:
    """Values that a completion script requests from the program; see ``completion.dynamic``."""

    source: str


@dataclass(frozen=True, slots=True)
class Text:
    """Text whose invalid bytes the command itself reports, with their offset."""


Candidates = Choices | Files | Directories | Dynamic
"""What completion can offer."""
Kind = Candidates | Text

AUDIO = Files(("mp3", "wav", "flac", "opus", "ogg", "pcm", "raw"))
RECORDING = Files((*AUDIO.extensions, "m4a", "mp4", "aac", "aiff", "webm", "mkv", "mov", "avi"))
TRANSCRIPT = Files(("txt", "json", "jsonl", "srt", "vtt", "lrc", "tsv"))
SUBTITLES = Files(("srt", "vtt"))
SUBTITLE_OUTPUT = Files(("srt", "vtt", "lrc", "json"))
VOICE = Dynamic(VOICES)
OUTPUT_DEVICE = Dynamic(OUTPUTS)
INPUT_DEVICE = Dynamic(INPUTS)
CONFIG_WORD = Dynamic(CONFIG)


@dataclass(frozen=True, slots=True)
class ValueSpec:
    """The facts about a parameter that Typer has no field for.

    ``default_text`` describes a default that is not a value of the option. ``limits`` are shown in
    the help where the type does not enforce them. ``config_key`` is empty for a parameter that the
    config file cannot set. ``check`` raises UsageError for a value that the option does not accept,
    where its type does not. An option that is given ``once`` is refused the second time. An option
    with an ``optional_value`` takes the next word only if that returns True; its value is empty
    otherwise. ``advanced`` options are rarely needed; help pages list them last.
    """

    kinds: tuple[Kind, ...] = ()
    default_text: str = ""
    limits: tuple[float, float] | None = None
    config_key: str = ""
    check: Callable[[str], object] | None = None
    once: bool = False
    optional_value: Callable[[str], bool] | None = None
    advanced: bool = False

    @property
    def takes_any_bytes(self) -> bool:
        """Whether the value may be no text: a file name is any bytes."""
        return any(isinstance(kind, Files | Directories | Text) for kind in self.kinds)


_NOTHING_KNOWN = ValueSpec()


def spec_of(command: Command, parameter: Parameter) -> ValueSpec:
    """Return the spec of a parameter of ``command``; an empty one for ``--help`` or a group.

    Typer copies the attributes of a function to the callback that it makes of it.
    """
    specs: Mapping[str, ValueSpec] = getattr(command.callback, "specs", {})
    return specs.get(parameter.name or "", _NOTHING_KNOWN)
