"""Completion for bash 4.4 and later."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from stepcli.cli.completion.candidates import (
    NOTE,
    Asked,
    Directories,
    Files,
    Offer,
    Words,
    commands,
    of_argument,
    of_option,
    quoted,
)
from stepcli.cli.docs.model import Command

_FUNCTIONS = r"""
# Each of these adds to COMPREPLY what begins with $current.
_stepcli_words() {
    mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -W "$*" -- "$current")
}

_stepcli_files() {
    local extension
    compopt -o default -o filenames
    for extension; do
        mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -f -X "!*.$extension" -- "$current")
    done
    [[ $# -eq 0 ]] || mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -d -- "$current")
}

_stepcli_directories() {
    compopt -o dirnames
}

_stepcli_ask() {
    local value begun=${current//[\\\"\']/}
    compopt -o filenames
    while IFS=$'\t' read -r value _; do
        [[ $value == "$begun"* ]] && COMPREPLY+=("$value")
    done < <(_STEPCLI_COMPLETE=$1 "$program" 2>/dev/null)
}

_stepcli() {
    local program=$1 current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
    local command= other= word
    COMPREPLY=()
    if [[ $current == = ]]; then
        current=
    elif [[ $before == = ]]; then
        before=${COMP_WORDS[COMP_CWORD - 2]}
    fi
    for word in "${COMP_WORDS[@]:1:COMP_CWORD - 1}"; do
        [[ $word == -* ]] && continue
        _stepcli_is_command "$command${command:+ }$word" || { other=$word; break; }
        command+=${command:+ }$word
    done
    if [[ " ${COMP_WORDS[*]:1:COMP_CWORD - 1} " != *" -- "* ]]; then
        _stepcli_value "$command $before" && return
        [[ $current == -* ]] && _stepcli_options "$command" && return
    fi
    _stepcli_argument "$command"
}

complete -F _stepcli stepcli
"""


def script(program: Command) -> str:
    """The script for every command of ``program``."""
    lines = [
        NOTE.format(shell="bash"),
        "",
        *_case("_stepcli_is_command", _are_commands(program), otherwise="return 1"),
        *_case("_stepcli_options", _options(program), otherwise="return 1"),
        "# What follows an option that takes a value; fails for one that does not.",
        *_case("_stepcli_value", _values(program), otherwise="return 1"),
        *_case("_stepcli_argument", _arguments(program), otherwise=":"),
    ]
    return "\n".join(lines).rstrip() + "\n" + _FUNCTIONS


Arm = tuple[Iterable[str], str]


def _case(name: str, arms: Iterable[Arm], *, otherwise: str) -> Iterator[str]:
    yield f"{name}() {{"
    yield "    case $1 in"
    for patterns, body in arms:
        yield f"    {' | '.join(map(quoted, patterns))}) {body} ;;"
    yield from (f"    *) {otherwise} ;;", "    esac", "}", "")


def _are_commands(program: Command) -> Iterator[Arm]:
    yield [path for path, _ in commands(program) if path], ":"


def _options(program: Command) -> Iterator[Arm]:
    for path, command in commands(program):
        names = [name for option in command.options for name in option.names]
        yield [path], f"_stepcli_words {' '.join(names)}"


def _values(program: Command) -> Iterator[Arm]:
    """Options with the same offer share an arm."""
    arms: dict[str, list[str]] = {}
    for path, command in commands(program):
        for option in command.options:
            if option.metavar:
                body = _body(of_option(option, command, program))
                arms.setdefault(body, []).extend(f"{path} {name}" for name in option.names)
    for body, patterns in arms.items():
        yield patterns, body


def _arguments(program: Command) -> Iterator[Arm]:
    for path, command in commands(program):
        if command.commands:
            names = " ".join(one.path[-1] for one in command.commands)
            yield [path], f"[[ $other ]] || _stepcli_words {names}"
        offers = [one for each in command.arguments for one in of_argument(each, command, program)]
        if offers:
            yield [path], _body(offers)


def _body(offers: Iterable[Offer]) -> str:
    return "; ".join(map(_call, offers)) or ":"


def _call(offer: Offer) -> str:
    match offer:
        case Words(words):
            return f"_stepcli_words {' '.join(words)}"
        case Files(extensions):
            return f"_stepcli_files {' '.join(extensions)}".rstrip()
        case Directories():
            return "_stepcli_directories"
        case Asked(what):
            return f"_stepcli_ask {what}"
