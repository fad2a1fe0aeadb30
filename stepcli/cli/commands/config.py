"""``stepcli config``: show and change the config file."""

from __future__ import annotations

from typing import Any

import tomlkit

from stepcli.cli.context import Run
from stepcli.cli.params._click import current_root
from stepcli.cli.params.command import command, command_app
from stepcli.cli.params.config_file import ConfigFile
from stepcli.cli.params.config_keys import setting_of, value_for
from stepcli.cli.params.known_keys import unknown_keys
from stepcli.cli.params.options import argument
from stepcli.cli.params.values import CONFIG_WORD
from stepcli.cli.params.voice_names import checked_alias
from stepcli.errors import UsageError
from stepcli.settings import ALIASES, CAST, OWN_NAMES, REPLACE, config_path

app = command_app("Show and change the config file.")

KEY_ARGUMENT = argument(
    "KEY",
    default=...,
    show_default=False,
    kind=CONFIG_WORD,
    help="Long name of an option (voice, or speak.voice for one command), aliases.NAME,"
    " cast.NAME or replace.WORDS.",
)


@command(app, "path")
def path_(run: Run) -> None:
    """Print the path of the config file."""
    path = config_path(run.environ)
    if run.terminal.json:
        run.terminal.result_json({"path": str(path), "exists": path.is_file()})
    else:
        run.terminal.result(str(path))


@command(app, "list")
def list_(run: Run) -> None:
    """List the settings in the config file."""
    values = dict(ConfigFile(run.environ).values())
    for sentence in unknown_keys(values):
        run.terminal.warn(sentence)
    if run.terminal.json:
        run.terminal.result_json(values)
        return
    for key, value in values.items():
        run.terminal.row(f"{key} = {_as_toml(value)}")
    if not values:
        run.terminal.note(
            "no settings; to set one, for example: stepcli config set voice vibrant-youth"
        )


@command(app)
def get(run: Run, key: str = KEY_ARGUMENT) -> int:
    """Print the value of KEY; exit with 1 if it is not set."""
    value = ConfigFile(run.environ).get(key.split("."))
    if value is None:
        _check_key(key)
        run.terminal.note(f"{key} is not set")
    if run.terminal.json:
        run.terminal.result_json({key: value})
    elif value is not None:
        run.terminal.text(_as_text(value))
    return 1 if value is None else 0


@command(app, "set")
def set_(
    run: Run,
    key: str = KEY_ARGUMENT,
    value: list[str] = argument(
        "VALUE...", default=..., show_default=False, kind=CONFIG_WORD, help="The value."
    ),
) -> None:
    """Set KEY to VALUE, or to several values for a repeatable option."""
    parsed = _parsed(key, value)
    with ConfigFile.changing(run.environ) as file:
        file.set(key.split("."), parsed)
        _check_against_model(file, key)
        file.save()
    run.terminal.detail(f"saved {file.path}")


@command(app)
def unset(run: Run, key: str = KEY_ARGUMENT) -> None:
    """Remove KEY to restore the default."""
    if ConfigFile(run.environ).get(key.split(".")) is None:
        _check_key(key)
        run.terminal.note(f"{key} is not set")
        return
    with ConfigFile.changing(run.environ) as file:
        file.unset(key.split("."))
        file.save()


def _parsed(key: str, words: list[str]) -> Any:
    """Return the value of ``words`` for ``key``. Raise UsageError if either is invalid."""
    from stepcli.tasks.speech.script import read_cast

    table, dot, name = key.partition(".")
    if not dot or table not in OWN_NAMES:
        return value_for(setting_of(key, current_root()), words)
    if len(words) != 1:
        raise UsageError(f"{key} takes one value, not {len(words)}")
    if table == ALIASES:
        checked_alias(name)
    elif table == CAST:
        read_cast([(name, words[0])])
    elif not name.strip():
        raise UsageError(f"{REPLACE}.WORDS requires a word or phrase")
    return words[0]


_SPEECH_OPTIONS = {
    "speed": "speed",
    "volume": "volume",
    "sample_rate": "sample_rate",
    "instruction": "instruction",
    "pronounce": "pronunciations",
}
"""The options with limits that depend on the model, and their fields of a SpeechRequest."""


def _check_against_model(file: ConfigFile, key: str) -> None:
    """Raise UsageError if the model that ``file`` sets does not support the value of ``key``."""
    *tables, name = key.replace("-", "_").split(".")
    if name not in _SPEECH_OPTIONS:
        return
    from stepcli.api.catalog import SPEECH_MODEL
    from stepcli.api.speech import SpeechRequest, check

    model = file.get([*tables, "model"]) or file.get(["model"]) or SPEECH_MODEL
    check(SpeechRequest("", model=str(model), **{_SPEECH_OPTIONS[name]: file.get(key.split("."))}))


def _check_key(key: str) -> None:
    """Raise UsageError if ``key`` cannot be set."""
    if key.partition(".")[0] not in OWN_NAMES:
        setting_of(key, current_root())


def _as_text(value: Any) -> str:
    """Return the items of a list on lines, a string unchanged, anything else as TOML."""
    if isinstance(value, list):
        return "\n".join(map(_as_text, value))
    return value if isinstance(value, str) else _as_toml(value)


def _as_toml(value: Any) -> str:
    written: str = tomlkit.item(value).as_string()
    return written
