"""Making a voice that is paid for: what is asked before, and what is kept after."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stepcli.api.voices import FIND_OUT, NewVoice, VoiceReference
from stepcli.api.voices import clone as ask_for_clone
from stepcli.cli.commands.voice_source import Material, deposit
from stepcli.cli.context import Run
from stepcli.cli.io.terminal import Terminal
from stepcli.cli.params.voice_names import checked_alias, remember
from stepcli.errors import OutputError, StepcliError, UsageError
from stepcli.settings import ALIASES
from stepcli.tasks import voice_upload as order
from stepcli.tasks.pricing import CLONE

if TYPE_CHECKING:
    from stepcli.api.client import Client

PRICE = f"about ¥{CLONE} (list price of mid-2026)"


def refuse_unasked(terminal: Terminal) -> None:
    """Raises UsageError where nobody can be asked."""
    if not terminal.stdin_is_terminal:
        raise UsageError(
            f"cloning costs {PRICE}, and there is no terminal to ask on",
            hint="--yes agrees beforehand",
        )


def agreed(terminal: Terminal, material: Material) -> bool:
    """Whether the person at the terminal wants to pay."""
    question = f"Clone the voice in {material.name}? It costs {PRICE}, charged at once. [y/N] "
    return terminal.ask(question).lower() in ("y", "yes")


class Alias:
    """A name for a voice yet to be made: what can be wrong with it is found before it is paid."""

    def __init__(self, name: str) -> None:
        from stepcli.cli.params.config_file import ConfigFile

        self._name = checked_alias(name)
        file = ConfigFile(os.environ)
        taken = file.get((ALIASES, name))
        if taken is not None:
            raise UsageError(
                f"{name!r} is your name for {taken} already",
                hint=f"take another, or free it: stepcli config unset {ALIASES}.{name}",
            )
        file.check()

    def keep(self, voice_id: str, terminal: Terminal) -> None:
        """From now on ``-v NAME`` means ``voice_id``."""
        from stepcli.cli.params.config_file import ConfigFile

        try:
            with ConfigFile.changing(os.environ) as file:
                file.set((ALIASES, self._name), voice_id)
                file.save()
        except StepcliError as exc:
            exc.message = f"the voice {voice_id} was made, but its name is not kept: {exc.message}"
            exc.hint = f"stepcli config set {ALIASES}.{self._name} {voice_id}"
            raise
        terminal.note(f"speak in it with: stepcli speak -v {self._name} 'some words'")


@dataclass(frozen=True, slots=True)
class Made:
    """A new voice and the stored file that it came from."""

    voice: NewVoice
    file_id: str


def make(run: Run, client: Client, material: Material, transcript: str | None, model: str) -> Made:
    """Pay for the voice in ``material``."""

    def ask(file_id: str) -> NewVoice:
        try:
            return ask_for_clone(client, VoiceReference(file_id, transcript, model))
        except KeyboardInterrupt:
            run.terminal.say(f"stepcli: the voice may have been made and charged; {FIND_OUT}")
            raise

    if material.sample is None:
        assert material.stored
        return Made(ask(material.stored), material.stored)
    file_id, voice = order.clone(deposit(run.terminal, client, material.sample), ask)
    return Made(voice, file_id)


def _print(terminal: Terminal, voice_id: str) -> None:
    try:
        terminal.result(voice_id)
    except OutputError as exc:
        exc.hint = f"the voice was made: {voice_id}"
        raise


def announce(run: Run, made: Made, name: str | None) -> None:
    """The id alone on stdout; about it on stderr."""
    voice = made.voice
    if run.terminal.json:
        told = {"id": voice.id, "name": name, "file_id": made.file_id}
        run.terminal.result_json(told | {"duplicated": voice.duplicated})
    else:
        _print(run.terminal, voice.id)
    if voice.duplicated:
        run.terminal.note("the service says that it had a voice of this sample already")
    run.terminal.note(f"its sample stays in the account's file storage as {made.file_id}")
    if not run.connection.sandbox:
        remember([(voice.id, "cloned")])
