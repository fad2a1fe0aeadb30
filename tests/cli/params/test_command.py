"""Parsing rules that every command has."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import typer

from stepcli.cli.app import app, run
from stepcli.cli.params._click import Command, Context, TyperGroup, TyperOption
from stepcli.cli.params.values import spec_of
from stepcli.errors import UsageError
from tests.support.in_process import invocation
from tests.support.program import Program

NOT_UTF8 = "ab\udcff"


def _text_options() -> Iterator[tuple[str, ...]]:
    """Yield the words of every command and each of its options that takes text."""
    for words, command in _commands(typer.main.get_command(app), ()):
        for option in command.params:
            if (
                isinstance(option, TyperOption)
                and not option.is_flag
                and not spec_of(command, option).takes_any_bytes
            ):
                required = ("x" for one in command.params if one.required)
                yield (*words, *required, option.opts[0])


def _commands(
    command: Command, words: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], Command]]:
    if not isinstance(command, TyperGroup):
        yield words, command
        return
    for name, below in command.commands.items():
        yield from _commands(below, (*words, name))


@pytest.mark.parametrize("words", list(_text_options()), ids=" ".join)
def test_option_value_that_is_not_utf8_is_a_usage_error(words: tuple[str, ...]) -> None:
    with pytest.raises(UsageError) as caught:
        run(invocation(*words[:-1], f"{words[-1]}={NOT_UTF8}"))
    assert words[-1] in caught.value.message


def _choices() -> Iterator[tuple[Command, TyperOption, str]]:
    for _, command in _commands(typer.main.get_command(app), ()):
        for option in command.params:
            for choice in getattr(option.type, "choices", ()):
                if isinstance(option, TyperOption):
                    yield command, option, choice


def test_choices_are_case_insensitive() -> None:
    choices = list(_choices())
    assert choices
    for command, option, choice in choices:
        value = option.type_cast_value(Context(command), choice.upper())
        assert value == choice, option.opts


def test_value_from_the_environment_must_be_utf8(offline: Program) -> None:
    done = offline("speak", "Hello.", "-o", "x.mp3", STEPCLI_INSTRUCTION=NOT_UTF8)
    assert done.code == 2
    assert "the value is not UTF-8 (from STEPCLI_INSTRUCTION)" in done.stderr


def test_value_is_decoded_in_a_locale_that_is_not_utf8(offline: Program) -> None:
    """Python leaves its bytes undecoded there."""
    done = offline(
        "config", "set", "voice", "é", LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0"
    )
    assert done.code == 0, done.stderr
    assert offline("config", "get", "voice").stdout == "é\n"
