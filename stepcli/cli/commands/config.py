"""``stepcli config``: what the config file sets, and changing it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stepcli.cli.context import Run
from stepcli.cli.params.command import command, command_app
from stepcli.cli.params.config_keys import option_of, value_for
from stepcli.cli.params.voice_names import checked_alias
from stepcli.errors import UsageError
from stepcli.settings import ALIASES, config_path

if TYPE_CHECKING:
    from stepcli.cli.params.config_file import ConfigFile

app = command_app("Show and change the config file.")

Key = Annotated[
    str,
    typer.Argument(
        metavar="KEY",
        show_default=False,
        help="Long name of an option (voice, or speak.voice for one command), or aliases.NAME.",
    ),
]


@command(app)
def path(run: Run) -> None:
    """Print the path of the config file."""
    where = config_path(os.environ)
    if run.terminal.json:
        run.terminal.result_json({"path": str(where), "exists": where.is_file()})
    else:
        run.terminal.result(str(where))


@command(app, "list")
def list_(run: Run) -> None:
    """List the settings in the config file."""
    values = dict(_file().values())
    if run.terminal.json:
        run.terminal.result_json(values)
        return
    for key, value in values.items():
        run.terminal.row(f"{key} = {_as_toml(value)}")
    if not values:
        run.terminal.note("nothing is set; for example: stepcli config set voice vibrant-youth")


@command(app)
def get(run: Run, key: Key) -> int:
    """Print the value of KEY; exit with 1 if it is not set."""
    value = _file().get(key.split("."))
    if value is None:
        _check(key)
        run.terminal.note(f"{key} is not set")
    if run.terminal.json:
        run.terminal.result_json({key: value})
    elif value is not None:
        run.terminal.text(_as_text(value))
    return 1 if value is None else 0


@command(app, "set")
def set_(
    run: Run,
    key: Key,
    value: Annotated[list[str], typer.Argument(metavar="VALUE...", show_default=False)],
) -> None:
    """Set KEY to VALUE, or to several values for a repeatable option."""
    from stepcli.cli.params.config_file import ConfigFile

    wanted = _value(key, value)
    with ConfigFile.changing(os.environ) as file:
        file.set(key.split("."), wanted)
        _check_manner(file, key)
        file.save()
    run.terminal.detail(f"wrote {file.path}")


@command(app)
def unset(run: Run, key: Key) -> None:
    """Remove KEY to restore the default."""
    from stepcli.cli.params.config_file import ConfigFile

    if _file().get(key.split(".")) is None:
        _check(key)
        run.terminal.note(f"{key} is not set")
        return
    with ConfigFile.changing(os.environ) as file:
        file.unset(key.split("."))
        file.save()


def _file() -> ConfigFile:
    from stepcli.cli.params.config_file import ConfigFile

    return ConfigFile(os.environ)


def _value(key: str, words: list[str]) -> Any:
    """``words`` as what ``key`` holds. Raises UsageError for a key or a value that cannot be."""
    table, _, name = key.partition(".")
    if table != ALIASES:
        return value_for(option_of(key), words)
    if len(words) != 1:
        raise UsageError("an alias stands for one voice")
    checked_alias(name)
    return words[0]


_MANNER = {
    "speed": "speed",
    "volume": "volume",
    "sample_rate": "sample_rate",
    "instruction": "instruction",
    "pronounce": "pronunciations",
}
"""The options of a SpeechRequest that a model may refuse: the option's name, the field's."""


def _check_manner(file: ConfigFile, key: str) -> None:
    """Raises UsageError where every speech with what ``key`` was set to would be refused."""
    *tables, name = key.replace("-", "_").split(".")
    if name not in _MANNER:
        return
    from stepcli.api.catalog import SPEECH_MODEL
    from stepcli.api.speech import SpeechRequest, check

    model = file.get([*tables, "model"]) or file.get(["model"]) or SPEECH_MODEL
    check(SpeechRequest("", model=str(model), **{_MANNER[name]: file.get(key.split("."))}))


def _check(key: str) -> None:
    """Raises UsageError for a key that could not be set."""
    if key.partition(".")[0] != ALIASES:
        option_of(key)


def _as_text(value: Any) -> str:
    """A list as its lines, a string as it is, anything else as TOML writes it."""
    if isinstance(value, list):
        return "\n".join(map(_as_text, value))
    return value if isinstance(value, str) else _as_toml(value)


def _as_toml(value: Any) -> str:
    import tomlkit

    written: str = tomlkit.item(value).as_string()
    return written
