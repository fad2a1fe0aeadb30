"""Candidates that completion scripts request from the program: voices, devices, settings.

A script runs ``_STEPCLI_COMPLETE=voices stepcli LINE`` at every TAB that needs them; LINE is the
command line before the word at the cursor. Therefore this module imports no command, and prints
nothing rather than an error.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, TextIO

from stepcli.errors import StepcliError, UsageError

if TYPE_CHECKING:
    from stepcli.audio.portaudio import Device

VOICES, OUTPUTS, INPUTS, CONFIG = "voices", "outputs", "inputs", "config"

Candidate = tuple[str, str]
"""A value and its description."""


def print_candidates(source: str, line: str, environ: Mapping[str, str], stdout: TextIO) -> None:
    """Print the candidates of ``source``, one per line: the value, a tab, a description."""
    with suppress(Exception):  # an error message would end up on the user's command line
        candidates = _SOURCES[source](line, environ)
        stdout.write("".join(f"{value}\t{description}\n" for value, description in candidates))


def _voices(line: str, environ: Mapping[str, str]) -> Iterable[Candidate]:
    """Return the voices of the base URL and the model that ``line`` or the settings name."""
    from stepcli.api.catalog import SPEECH_MODEL
    from stepcli.base_url import BaseURL
    from stepcli.cli.params.voice_names import voices_for
    from stepcli.settings import DEFAULT_BASE_URL

    base = BaseURL.parse(DEFAULT_BASE_URL)
    with suppress(UsageError):
        base = BaseURL.parse(_value("base-url", line, environ) or DEFAULT_BASE_URL)
    return voices_for(base, _value("model", line, environ) or SPEECH_MODEL, environ).items()


def _value(option: str, line: str, environ: Mapping[str, str]) -> str | None:
    """Return the value of ``option`` in ``line``, the environment or the config file."""
    line = re.sub(r"\s*:\s*", ":", line)  # bash makes a word of each colon in a URL
    if given := re.findall(rf"--{option}[\s=]+[\"']?([^\s\"']+)", line):
        return str(given[-1])
    if value := environ.get(f"STEPCLI_{option.upper().replace('-', '_')}"):
        return value
    from stepcli.settings import load_config

    with suppress(StepcliError):
        config = load_config(environ)
        command = config.get(line.partition(" ")[0])
        table = config | (command if isinstance(command, dict) else {})
        return str(table[option]) if option in table else None
    return None


def _config(line: str, environ: Mapping[str, str]) -> Iterable[Candidate]:
    """Return the keys of the config file, or after ``config set KEY`` the values of that key."""
    from stepcli.cli.params.known_keys import DYNAMIC, known_keys
    from stepcli.settings import ALIASES, aliases

    _, command, *given = (word for word in line.split() if not word.startswith("-"))
    if not given:
        yield from ((one.name, one.summary) for one in known_keys())
        yield from ((f"{ALIASES}.{name}", id) for name, id in aliases(environ).items())
    elif command == "set":
        is_alias = given[0].startswith(f"{ALIASES}.")
        found = {one.name: one.values for one in known_keys()}
        for value in (DYNAMIC + VOICES,) if is_alias else found.get(given[0].replace("_", "-"), ()):
            if value.startswith(DYNAMIC):
                yield from _SOURCES[value.removeprefix(DYNAMIC)](line, environ)
            else:
                yield value, ""


def _outputs(_line: str, _environ: Mapping[str, str]) -> Iterable[Candidate]:
    return _devices(lambda device: device.max_output_channels)


def _inputs(_line: str, _environ: Mapping[str, str]) -> Iterable[Candidate]:
    return _devices(lambda device: device.max_input_channels)


def _devices(channels: Callable[[Device], int]) -> Iterable[Candidate]:
    """Yield devices by name, or by number if several devices have the same name."""
    from stepcli.audio.portaudio import list_devices

    found = [device for device in list_devices() if channels(device)]
    names = Counter(device.name for device in found)
    for device in found:
        name = device.name if names[device.name] == 1 else str(device.index)
        yield name, f"{device.index}: {device.name}, {device.host_api}"


_SOURCES = {VOICES: _voices, OUTPUTS: _outputs, INPUTS: _inputs, CONFIG: _config}
