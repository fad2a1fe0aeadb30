"""The completion script for zsh, based on its ``_arguments`` function."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from stepcli.cli.completion.candidates import (
    HEADER,
    argument_candidates,
    by_path,
    first_sentence,
    option_candidates,
    option_summary,
    quoted,
)
from stepcli.cli.docs.model import Argument, Command, Option
from stepcli.cli.params.values import Candidates, Choices, Directories, Dynamic, Files

_FUNCTIONS = r"""
# Adds the values that the program provides: one per line, with a tab and a description.
_stepcli_dynamic() {
  local -a values
  values=("${(@f)$(_STEPCLI_COMPLETE=$1 ${~program} "$line_before" 2>/dev/null)}")
  values=("${(@)${(@)values//:/\\:}//$'\t'/:}")
  _describe -V -t $1 "$1" values
}

_stepcli() {
  local program=$words[1] line_before="$words[2,CURRENT-1]"
  _stepcli_at
}

if [[ $funcstack[1] == _stepcli ]]; then
  _stepcli "$@"
else
  compdef _stepcli stepcli
fi
"""


def script(program: Command) -> str:
    """Return the script for all commands of ``program``."""
    lines = ["#compdef stepcli", HEADER.format(shell="zsh"), ""]
    for path, command in by_path(program):
        lines += [*_function(path, command), ""]
    return "\n".join(lines) + "\n" + _FUNCTIONS


def _function(path: str, command: Command) -> Iterator[str]:
    options = [_option(one, option_candidates(one)) for one in command.options]
    name = _function_name(path)
    if command.commands:
        return _group(name, command, options)
    return _leaf(name, [*options, *_arguments(command)])


def _leaf(name: str, specs: Iterable[str]) -> Iterator[str]:
    yield f"{name}() {{"
    yield "  _arguments -s -S : \\"
    yield " \\\n".join(f"    {spec}" for spec in specs)
    yield "}"


def _group(name: str, command: Command, specs: Iterable[str]) -> Iterator[str]:
    yield f"{name}() {{"
    yield "  local curcontext=$curcontext state state_descr line ret=1"
    yield "  local -A opt_args"
    yield "  local -a subcommands=("
    for one in command.commands:
        description = _colons(first_sentence(one.summary))
        yield f"    {quoted(f'{one.path[-1]}:{description}')}"
    yield "  )"
    yield "  _arguments -C -s -S : \\"
    yield from (f"    {spec} \\" for spec in specs)
    yield "    '1:command: _describe -t commands command subcommands' \\"
    yield "    '*::argument:->subcommand' && ret=0"
    yield "  [[ $state == subcommand ]] || return ret"
    yield "  case $line[1] in"
    for one in command.commands:
        yield f"    {one.path[-1]}) {_function_name(' '.join(one.path))} && ret=0 ;;"
    yield from ("  esac", "  return ret", "}")


def _function_name(path: str) -> str:
    return "_".join(("_stepcli_at", *path.split()))


def _option(option: Option, candidates: tuple[Candidates, ...]) -> str:
    rest = quoted(f"[{_brackets(option_summary(option))}]{_value(option, candidates)}")
    once = quoted("*" if option.repeatable else f"({' '.join(option.names)})")
    names = [_name(option, name) for name in option.names]
    joined = names[0] if len(names) == 1 else f"{{{','.join(names)}}}"
    return f"{once}{joined}{rest}"


def _name(option: Option, name: str) -> str:
    """Return ``name`` with the suffix that allows a value in the same word."""
    if option.metavar is None:
        return name
    return f"{name}=" if name.startswith("--") else f"{name}+"


def _value(option: Option, candidates: tuple[Candidates, ...]) -> str:
    return f":{_colons(option.metavar)}:{_action(candidates)}" if option.metavar else ""


def _arguments(command: Command) -> Iterator[str]:
    for number, argument in enumerate(command.arguments, 1):
        action = _action(argument_candidates(argument))
        yield quoted(f"{_position(argument, number)}:{_colons(argument.metavar)}:{action}")


def _position(argument: Argument, number: int) -> str:
    if argument.repeatable:
        return "*"
    return f"{number}:" if argument.usage.startswith("[") else str(number)


def _action(candidates: tuple[Candidates, ...]) -> str:
    calls = [_call(one) for one in candidates]
    if len(calls) == 1:
        return calls[0]
    return f"{{{'; '.join(calls)}}}" if calls else " "


def _call(candidates: Candidates) -> str:
    match candidates:
        case Choices(words):
            return "\n".join(["(", *(f"      {_colons(word)}" for word in words), "    )"])
        case Files(()):
            return "_files"
        case Files(extensions):
            return f'_files -g "(#i)*.({"|".join(extensions)})"'
        case Directories():
            return "_files -/"
        case Dynamic(source):
            return f" _stepcli_dynamic {source}"


def _colons(text: str) -> str:
    return text.replace("\\", "\\\\").replace(":", "\\:")


def _brackets(text: str) -> str:
    return text.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")
