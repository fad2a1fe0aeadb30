"""``stepcli voices clone``: confirmation of the price, the request, and the alias."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stepcli.api.voices import FIND_OUT, NewVoice, VoiceReference
from stepcli.api.voices import clone as ask_for_clone
from stepcli.cli.commands.voice_source import VoiceSource, sample_upload
from stepcli.cli.commands.voices_uploads import remaining, upload_record
from stepcli.cli.context import Run
from stepcli.cli.io.terminal import Terminal
from stepcli.cli.params.config_file import ConfigFile
from stepcli.cli.params.voice_names import checked_alias, remember
from stepcli.errors import OutputError, StepcliError, UsageError
from stepcli.settings import ALIASES
from stepcli.tasks import voice_upload
from stepcli.tasks.pricing import cloning_cost, describe_cost

if TYPE_CHECKING:
    from stepcli.api.client import Client


def require_terminal(run: Run) -> None:
    """Raise UsageError if there is no terminal to confirm the price on."""
    if not run.terminal.stdin_is_terminal:
        raise UsageError(
            f"cloning costs {_price(run)} and needs confirmation, but stdin is not a terminal",
            hint="use --yes to accept the price",
        )


def confirm_price(run: Run, voice_source: VoiceSource) -> bool:
    """Ask for confirmation and return whether the user agrees."""
    return run.terminal.confirm(
        f"Clone the voice in {voice_source.name}? This costs {_price(run)}."
    )


def _price(run: Run) -> str:
    return describe_cost(cloning_cost(run.site), digits=2)


class Alias:
    """A name for a voice to be cloned, validated before the clone is paid for."""

    def __init__(self, name: str, environ: Mapping[str, str]) -> None:
        self._name = checked_alias(name)
        self._environ = environ
        file = ConfigFile(environ)
        taken = file.get((ALIASES, name))
        if taken is not None:
            raise UsageError(
                f"the alias {name!r} is already used for {taken}",
                hint=f"choose another name, or remove it: stepcli config unset {ALIASES}.{name}",
            )
        file.check()

    def save(self, voice_id: str, terminal: Terminal) -> None:
        """Save the alias in the config file."""
        try:
            with ConfigFile.changing(self._environ) as file:
                file.set((ALIASES, self._name), voice_id)
                file.save()
        except StepcliError as exc:
            exc.add_context(f"the voice {voice_id} was created, but its alias was not saved")
            exc.hint = f"stepcli config set {ALIASES}.{self._name} {voice_id}"
            raise
        terminal.note(f"use it with: stepcli speak -v {self._name} 'some text'")


@dataclass(frozen=True, slots=True)
class Clone:
    """A new voice and the stored file that it was created from."""

    voice: NewVoice
    file_id: str


def request_clone(
    run: Run, client: Client, voice_source: VoiceSource, transcript: str | None, model: str
) -> Clone:
    """Clone the voice of ``voice_source``; the service charges for it."""

    def ask(file_id: str) -> NewVoice:
        try:
            return ask_for_clone(client, VoiceReference(file_id, transcript, model))
        except KeyboardInterrupt:
            run.terminal.say(f"stepcli: the voice may have been created and charged; {FIND_OUT}")
            raise

    if voice_source.sample is None:
        assert voice_source.stored
        return Clone(ask(voice_source.stored), voice_source.stored)
    file_id, voice = voice_upload.clone(
        sample_upload(run, client, voice_source.sample, voice_source.name), ask
    )
    if not run.connection.sandbox:
        upload_record().set_voice(file_id, str(client.endpoint.open), voice.id)
    return Clone(voice, file_id)


def _print(terminal: Terminal, voice_id: str) -> None:
    try:
        terminal.result(voice_id)
    except OutputError as exc:
        exc.hint = f"the id of the new voice is {voice_id}"
        raise


def report_clone(run: Run, clone: Clone, name: str | None) -> None:
    """Print the id to stdout and notes to stderr."""
    voice = clone.voice
    if run.terminal.json:
        description = {"id": voice.id, "name": name, "file_id": clone.file_id}
        run.terminal.result_json(description | {"duplicated": voice.duplicated})
    else:
        _print(run.terminal, voice.id)
    if voice.duplicated:
        run.terminal.note("the service already had a voice for this sample")
    run.terminal.note(remaining(run, clone.file_id))
    if not run.connection.sandbox:
        remember([(voice.id, "cloned")], run.base_url)
