"""Messages and hints for options that conflict, and for command lines that cannot be parsed."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterable, Mapping, Sequence
from difflib import SequenceMatcher

from stepcli.cli.io.text_input import command_for_file
from stepcli.cli.params._click import (
    BadOptionUsage,
    BadParameter,
    ClickUsageError,
    NoSuchOption,
    Parameter,
    ParameterSource,
    TyperArgument,
    TyperGroup,
)
from stepcli.cli.params.common_options import common_options
from stepcli.cli.params.values import INPUT_DEVICE, OUTPUT_DEVICE, VOICE, spec_of
from stepcli.errors import UsageError
from stepcli.settings import config_path


def refuse_given(parameters: Iterable[str], given: Collection[str], reason: str) -> None:
    """Raise UsageError, "--option" and the reason, for the first of ``parameters`` that is given.

    ``from_`` is the parameter of ``--from``.
    """
    for name in parameters:
        if name in given:
            raise UsageError(f"--{name.strip('_').replace('_', '-')} {reason}")


def usage_error(
    exc: ClickUsageError, arguments: Sequence[str], environ: Mapping[str, str]
) -> UsageError:
    """Return the error to report for what the parser raised about ``arguments``."""
    return UsageError(_sentence(exc) + _origin(exc), hint=_hint(exc, arguments, environ))


def _sentence(exc: ClickUsageError) -> str:
    if isinstance(exc, BadParameter) and (sentence := _required_value(exc)):
        return sentence
    if isinstance(exc, BadOptionUsage):
        return f"{exc.option_name} requires a value"
    text = exc.message if isinstance(exc, NoSuchOption) else exc.format_message()
    message = text.rstrip(".").replace("\n", " ")
    return message[:1].lower() + message[1:]


def _required_value(exc: BadParameter) -> str:
    """Return what a number or a choice must be; empty for other values.

    The parser's message begins with the value: "'x' is not a valid float".
    """
    value, _, _ = exc.message.rpartition(" is not ")
    required = exc.param and required_value(exc.param)
    if not value or not exc.param or not required:
        return ""
    name = max(exc.param.opts, key=len)
    return f"{name} must be {required}, not {value.removesuffix('.0')}"


_NUMBERS = {"int": "a whole number", "float": "a number"}


def required_value(parameter: Parameter) -> str:
    """Return what the value of ``parameter`` must be; empty if any text is accepted."""
    kind = parameter.type
    if choices := getattr(kind, "choices", ()):
        return f"one of {', '.join(str(getattr(one, 'value', one)) for one in choices)}"
    number = _NUMBERS.get(kind.name.removesuffix(" range"), "")
    least, most = getattr(kind, "min", None), getattr(kind, "max", None)
    if least is None or not number:
        return number
    return (
        f"{number} from {least:.10g} to {most:.10g}"
        if most is not None
        else f"{number}, {least:.10g} or more"
    )


def _origin(exc: ClickUsageError) -> str:
    """Return the source of a value that is not on the command line."""
    match _source(exc):
        case ParameterSource.ENVIRONMENT:
            return f" (from {getattr(exc, 'param').envvar})"  # noqa: B009 - not every usage error has one
        case ParameterSource.DEFAULT_MAP:
            return " (from the config file)"
    return ""


_LISTS = {
    VOICE: "stepcli voices list",
    OUTPUT_DEVICE: "stepcli devices",
    INPUT_DEVICE: "stepcli devices",
}
"""The commands that list the values of an option."""


def _hint(exc: ClickUsageError, arguments: Sequence[str], environ: Mapping[str, str]) -> str:
    if _source(exc) is ParameterSource.DEFAULT_MAP:
        return f"it is set in {config_path(environ)}"
    see_help = f"see {exc.ctx.command_path if exc.ctx else 'stepcli'} --help"
    match exc:
        case BadOptionUsage():
            return "; ".join(filter(None, (_list_of_values(exc), see_help)))
        case NoSuchOption() if exc.ctx:
            if close := close_names(exc.option_name, _similar_options(exc)):
                return f"did you mean {' or '.join(close)}? {see_help}"
            if isinstance(exc.ctx.command, TyperGroup):
                return f"options of a command follow its name; {see_help}"
            return "; ".join(filter(None, (see_help, _dash_hint(exc, arguments))))
    return see_help


def _similar_options(exc: NoSuchOption) -> Iterable[str]:
    """Return the options to suggest; the common ones may stand before a command."""
    similar = exc.possibilities or ()
    is_group = exc.ctx and isinstance(exc.ctx.command, TyperGroup)
    return [*similar, *common_options()] if is_group else similar


def _list_of_values(exc: BadOptionUsage) -> str:
    if exc.ctx is None:
        return ""
    for parameter in exc.ctx.command.params:
        if exc.option_name in parameter.opts:
            kinds = spec_of(exc.ctx.command, parameter).kinds
            listing = next((_LISTS[kind] for kind in kinds if kind in _LISTS), "")
            return f"to list its values: {listing}" if listing else ""
    return ""


def _dash_hint(exc: NoSuchOption, arguments: Sequence[str]) -> str:
    """Return how to pass a word that begins with a dash, if the command takes arguments."""
    assert exc.ctx is not None
    for parameter in exc.ctx.command.params:
        if isinstance(parameter, TyperArgument) and parameter.metavar:
            name = parameter.metavar.strip("[].")
            word = next((one for one in arguments if _contains(one, exc.option_name)), "")
            end = f"-- {shlex.quote(word)}" if word and word.isprintable() else "--"
            return f"if {name} begins with a dash, put -- before it: {exc.ctx.command_path} {end}"
    return ""


def _contains(word: str, option: str) -> bool:
    """Return whether the parser found ``option`` in ``word``, which may join short options."""
    if option.startswith("--"):
        return word.partition("=")[0] == option
    return word.startswith("-") and not word.startswith("--") and option[1:] in word[1:]


def _source(exc: ClickUsageError) -> ParameterSource | None:
    parameter = getattr(exc, "param", None)
    if parameter is None or exc.ctx is None:
        return None
    return exc.ctx.get_parameter_source(parameter.name)


_SIMILAR = 0.75
_LONGEST_SHOWN = 60
_SPECIAL_IN_DOUBLE_QUOTES = set('"$`\\!')


def close_names(word: str, names: Iterable[str]) -> list[str]:
    """Return the ``names`` that ``word`` may be a misspelling or an abbreviation of, best first."""
    word = word.lstrip("-").lower()
    rated = ((_similarity(word, name.lstrip("-")), name) for name in names)
    return [name for rate, name in sorted(rated, reverse=True) if rate >= _SIMILAR]


def _similarity(word: str, name: str) -> float:
    if len(word) > 1 and name.startswith(word):
        return 1
    return SequenceMatcher(None, word, name).ratio()


_OTHER_NAMES = {
    **dict.fromkeys(("say", "tts", "synthesize"), "speak"),
    **dict.fromkeys(("asr", "stt", "listen", "dictate", "recognize"), "transcribe"),
}
"""What other programs call these commands."""


def unknown_command_hint(words: Sequence[str], commands: Iterable[str]) -> str:
    """Return what was meant by a command line that begins with text, a file or another name.

    Empty if its first word may be a misspelled command.
    """
    first = words[0]
    if name := _OTHER_NAMES.get(first.lower()):
        return f"did you mean {name}? see stepcli {name} --help"
    if command := command_for_file(first):
        return f"to use the file: {command}"
    is_word = first.isascii() and not any(character.isspace() for character in first)
    if is_word and close_names(first, commands):
        return ""
    hint = f"to speak text: {_speak_command(words)}"
    return f"{hint}; for the commands, see stepcli --help" if is_word else hint


def _speak_command(words: Sequence[str]) -> str:
    """Return the command that speaks the text at the beginning of ``words``."""
    text = " ".join(_text_of(words))
    if len(text) > _LONGEST_SHOWN or not text.isprintable():
        return "stepcli speak TEXT"
    quoted = shlex.quote(text) if _SPECIAL_IN_DOUBLE_QUOTES & set(text) else f'"{text}"'
    return f"stepcli speak {quoted}"


def _text_of(words: Sequence[str]) -> list[str]:
    """Return the words before the first option."""
    end = next((number for number, word in enumerate(words) if word.startswith("-")), len(words))
    return list(words[:end])
