"""What a shell can offer where a command takes a value. The metavar says which kind it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from stepcli.api.catalog import RECOGNITION_MODEL, SPEECH_LIMITS, SpeechLimits
from stepcli.cli.completion.dynamic import INPUTS, OUTPUTS, VOICES
from stepcli.cli.docs.man import config_keys
from stepcli.cli.docs.model import Argument, Command, Option
from stepcli.cli.params.options import SOUND_OUT


@dataclass(frozen=True, slots=True)
class Words:
    """Known beforehand."""

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Files:
    """Files with one of ``extensions``, where there are any; any file where there is none."""

    extensions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Directories:
    """Directories alone."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Only the program knows; ``what`` is what it is asked for (see ``cli.values``)."""

    what: str


Offer = Words | Files | Directories | Asked

_SOUND = Files(("mp3", "wav", "flac", "opus", "ogg", "pcm", "raw"))
_RECORDING = Files((*_SOUND.extensions, "m4a", "mp4", "aac", "aiff", "webm", "mkv", "mov", "avi"))
_TRANSCRIPT = Files(("txt", "json", "jsonl", "srt", "vtt", "tsv"))

_BY_NAME: dict[str, tuple[Offer, ...]] = {
    "--output": (_SOUND,),
    "--keep": (_SOUND,),
    "--subtitles": (Files(("srt", "vtt")),),
    "--batch": (Files(("txt", "jsonl")),),
    "--model": (Words(tuple(SPEECH_LIMITS)),),
    "--sample-rate": (Words(tuple(map(str, SpeechLimits().sample_rates))),),
    "transcribe --output": (_TRANSCRIPT,),
    "transcribe --model": (Words((RECOGNITION_MODEL,)),),
    "transcribe FILE": (_RECORDING,),
    "voices preview SOURCE": (_RECORDING, Asked(VOICES)),
    "voices clone SOURCE": (_RECORDING,),
}

_BY_METAVAR: dict[str, tuple[Offer, ...]] = {
    "FILE": (Files(),),
    "DIR": (Directories(),),
    "VOICE": (Asked(VOICES),),
    "LANG": (Words(("en", "zh")),),
}


def of_option(option: Option, command: Command, program: Command) -> tuple[Offer, ...]:
    """What can follow ``option``; nothing for a flag, or where any text may stand."""
    if option.metavar is None:
        return ()
    if option.choices:
        return (Words(option.choices),)
    if option.metavar == "NAME|N":
        return (Asked(OUTPUTS if option.chapter == SOUND_OUT else INPUTS),)
    return _named(command, option.long) or _of_metavar(option.metavar, program)


def of_argument(argument: Argument, command: Command, program: Command) -> tuple[Offer, ...]:
    return _named(command, argument.metavar) or _of_metavar(argument.metavar, program)


def _named(command: Command, name: str) -> tuple[Offer, ...]:
    return _BY_NAME.get(" ".join((*command.path, name))) or _BY_NAME.get(name, ())


def _of_metavar(metavar: str, program: Command) -> tuple[Offer, ...]:
    if metavar == "KEY":
        return (Words(settings(program)),)
    return _BY_METAVAR.get(metavar, ())


def settings(program: Command) -> tuple[str, ...]:
    """The keys of the config file: each alone, and for every command that it can be set for."""
    keys = config_keys(program)
    single = {".".join((*command.path, key)) for key, uses in keys.items() for command, _ in uses}
    return (*keys, *sorted(single))


NOTE = "# Completion of stepcli for {shell}; made from its commands by python -m stepcli.cli.docs"


def commands(program: Command) -> Iterator[tuple[str, Command]]:
    """Every command and its path as one string, ``""`` for the program."""
    for command in program.all():
        yield " ".join(command.path), command


def about(option: Option) -> str:
    """The first sentence of an option's help."""
    return sentence(option.help)


def sentence(text: str) -> str:
    first, _, _ = text.replace("`", "").partition(". ")
    return first.rstrip(".:")


def quoted(text: str) -> str:
    """One word for a POSIX shell."""
    return "'" + text.replace("'", "'\\''") + "'"
