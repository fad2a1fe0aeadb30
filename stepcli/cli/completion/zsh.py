"""Completion for zsh, in the terms of its own ``_arguments``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from stepcli.cli.completion.candidates import (
    NOTE,
    Asked,
    Directories,
    Files,
    Offer,
    Words,
    about,
    commands,
    of_argument,
    of_option,
    quoted,
    sentence,
)
from stepcli.cli.docs.model import Argument, Command, Option

_FUNCTIONS = r"""
# Offers what the program answers: lines of a value, a tab and a word about it.
_stepcli_ask() {
  local -a values
  values=("${(@f)$(_STEPCLI_COMPLETE=$1 ${~program} 2>/dev/null)}")
  values=("${(@)${(@)values//:/\\:}//$'\t'/:}")
  _describe -t $1 "$1" values
}

_stepcli() {
  local program=$words[1]
  _stepcli_at
}

if [[ $funcstack[1] == _stepcli ]]; then
  _stepcli "$@"
else
  compdef _stepcli stepcli
fi
"""


def script(program: Command) -> str:
    """The script for every command of ``program``."""
    lines = ["#compdef stepcli", NOTE.format(shell="zsh"), ""]
    for path, command in commands(program):
        lines += [*_function(path, command, program), ""]
    return "\n".join(lines).rstrip() + "\n" + _FUNCTIONS


def _function(path: str, command: Command, program: Command) -> Iterator[str]:
    options = [_option(one, of_option(one, command, program)) for one in command.options]
    name = _function_name(path)
    if command.commands:
        return _group(name, command, options)
    return _leaf(name, [*options, *_arguments(command, program)])


def _leaf(name: str, specs: Iterable[str]) -> Iterator[str]:
    yield f"{name}() {{"
    yield "  _arguments -s -S : \\"
    yield " \\\n".join(f"    {spec}" for spec in specs)
    yield "}"


def _group(name: str, command: Command, specs: Iterable[str]) -> Iterator[str]:
    yield f"{name}() {{"
    yield "  local curcontext=$curcontext state state_descr line ret=1"
    yield "  local -A opt_args"
    yield "  local -a below=("
    for one in command.commands:
        yield f"    {quoted(f'{one.path[-1]}:{_colons(sentence(one.summary))}')}"
    yield "  )"
    yield "  _arguments -C -s -S : \\"
    yield from (f"    {spec} \\" for spec in specs)
    yield "    '1:command: _describe -t commands command below' '*::argument:->below' && ret=0"
    yield "  [[ $state == below ]] || return ret"
    yield "  case $line[1] in"
    for one in command.commands:
        yield f"    {one.path[-1]}) {_function_name(' '.join(one.path))} && ret=0 ;;"
    yield from ("  esac", "  return ret", "}")


def _function_name(path: str) -> str:
    return "_".join(("_stepcli_at", *path.split()))


def _option(option: Option, offers: tuple[Offer, ...]) -> str:
    rest = quoted(f"[{_brackets(about(option))}]{_value(option, offers)}")
    once = quoted("*" if option.repeatable else f"({' '.join(option.names)})")
    names = [_name(option, name) for name in option.names]
    joined = names[0] if len(names) == 1 else f"{{{','.join(names)}}}"
    return f"{once}{joined}{rest}"


def _name(option: Option, name: str) -> str:
    """With what says that the value may stand in the same word, if there is one."""
    if option.metavar is None:
        return name
    return f"{name}=" if name.startswith("--") else f"{name}+"


def _value(option: Option, offers: tuple[Offer, ...]) -> str:
    return f":{_colons(option.metavar)}:{_action(offers)}" if option.metavar else ""


def _arguments(command: Command, program: Command) -> Iterator[str]:
    for number, argument in enumerate(command.arguments, 1):
        action = _action(of_argument(argument, command, program))
        yield quoted(f"{_place(argument, number)}:{_colons(argument.metavar)}:{action}")


def _place(argument: Argument, number: int) -> str:
    if argument.repeatable:
        return "*"
    return f"{number}:" if argument.usage.startswith("[") else str(number)


def _action(offers: tuple[Offer, ...]) -> str:
    calls = [_call(offer) for offer in offers]
    if len(calls) == 1:
        return calls[0]
    return f"{{{'; '.join(calls)}}}" if calls else " "


def _call(offer: Offer) -> str:
    match offer:
        case Words(words):
            return f"({' '.join(map(_colons, words))})"
        case Files(()):
            return "_files"
        case Files(extensions):
            return f'_files -g "(#i)*.({"|".join(extensions)})"'
        case Directories():
            return "_files -/"
        case Asked(what):
            return f" _stepcli_ask {what}"


def _colons(text: str) -> str:
    return text.replace("\\", "\\\\").replace(":", "\\:")


def _brackets(text: str) -> str:
    return text.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")
