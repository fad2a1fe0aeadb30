"""The keys of the config file, derived from the options of all commands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from stepcli.cli.params._click import BadParameter, Command, TyperGroup, TyperOption
from stepcli.cli.params.known_keys import nearest_key
from stepcli.cli.params.values import ValueSpec, spec_of
from stepcli.errors import UsageError

_TRUE, _FALSE = ("true", "yes", "on", "1"), ("false", "no", "off", "0")
_OF_EITHER_KIND = ("device",)
"""Options whose meaning differs between commands, but whose value may apply to several."""
_SECRETS = ("key", "api-key", "apikey", "token", "step-api-key", "stepfun-api-key")


@dataclass(frozen=True, slots=True)
class Setting:
    """What a key of the config file sets: an option, and what Typer has no field for."""

    option: TyperOption
    spec: ValueSpec


def setting_of(key: str, root: Command) -> Setting:
    """Return what ``key`` sets, from the options below ``root``.

    A key is ``voice``, ``speak.voice`` or ``voices.preview.say``, for example.

    Raise UsageError if no command has the option, if commands use it with different meanings, or if
    the value would be a secret.
    """
    key = key.replace("_", "-")
    _refuse_secret(key)
    settings = dict(_settings(root))
    if key in settings:
        return settings[key]
    same = {name: one for name, one in settings.items() if name.rpartition(".")[2] == key}
    if not same:
        raise UsageError(f"no such setting: {key!r}", hint=nearest_key(key, settings))
    if key not in _OF_EITHER_KIND and len({one.option.help for one in same.values()}) > 1:
        raise UsageError(
            f"{key!r} has different meanings in different commands",
            hint=f"use one of {', '.join(same)}",
        )
    return next(iter(same.values()))


def value_for(setting: Setting, words: Sequence[str]) -> Any:
    """Return ``words`` as the value of ``setting``. Raise the errors of parsing its option."""
    option = setting.option
    if setting.spec.check:
        for word in words:
            setting.spec.check(word)
    if option.multiple:
        return [_converted(option, word) for word in words]
    if len(words) != 1:
        raise UsageError(f"{option.opts[0]} takes one value, not {len(words)}")
    return _switched(option, words[0]) if option.is_flag else _converted(option, words[0])


def _settings(root: Command) -> Iterator[tuple[str, Setting]]:
    for name, command in _commands(root, ()):
        for parameter in command.params:
            spec = spec_of(command, parameter)
            if isinstance(parameter, TyperOption) and spec.config_key and not parameter.hidden:
                yield ".".join((*name, spec.config_key)), Setting(parameter, spec)


def _commands(command: Command, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Command]]:
    if not isinstance(command, TyperGroup):
        yield path, command
        return
    for name, below in command.commands.items():
        yield from _commands(below, (*path, name))


def _refuse_secret(key: str) -> None:
    if key.rpartition(".")[2].lower() in _SECRETS:
        raise UsageError(
            "API keys do not belong in the config file", hint="stepcli auth login stores the key"
        )


def _switched(option: TyperOption, word: str) -> bool:
    if word.lower() not in _TRUE + _FALSE:
        raise UsageError(f"{option.opts[0]} must be true or false, not {word!r}")
    return word.lower() in _TRUE


def _converted(option: TyperOption, word: str) -> Any:
    """Return a number as one, anything else as ``word``. Raise the errors of parsing the option."""
    try:
        converted = option.type.convert(word, option, None)
    except BadParameter as exc:
        exc.param = option
        raise
    return converted if isinstance(converted, int | float) else word
