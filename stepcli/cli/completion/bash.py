"""The completion script for bash 4.4 and later."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from stepcli.cli.completion.candidates import (
    HEADER,
    arguments_candidates,
    by_path,
    continued,
    option_candidates,
    quoted,
)
from stepcli.cli.docs.help import indented
from stepcli.cli.docs.model import Command
from stepcli.cli.params.values import Candidates, Choices, Directories, Dynamic, Files

_FUNCTIONS = r"""
# Each of these functions adds candidates that start with $current to COMPREPLY.
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

_stepcli_dynamic() {
    local value prefix=${current//[\\\"\']/}
    compopt -o filenames -o nosort
    while IFS=$'\t' read -r value _; do
        [[ $value == "$prefix"* ]] && COMPREPLY+=("$value")
    done < <(_STEPCLI_COMPLETE=$1 "$program" "${COMP_WORDS[*]:1:COMP_CWORD - 1}" 2>/dev/null)
}

_stepcli() {
    local program=$1 current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
    local command= other= word
    COMPREPLY=()
    if [[ $current == = ]]; then
        current=
    elif [[ $previous == = ]]; then
        previous=${COMP_WORDS[COMP_CWORD - 2]}
    fi
    for word in "${COMP_WORDS[@]:1:COMP_CWORD - 1}"; do
        [[ $word == -* ]] && continue
        _stepcli_is_command "$command${command:+ }$word" || { other=$word; break; }
        command+=${command:+ }$word
    done
    if [[ " ${COMP_WORDS[*]:1:COMP_CWORD - 1} " != *" -- "* ]]; then
        _stepcli_value "$command $previous" && return
        [[ $current == -* ]] && _stepcli_options "$command" && return
    fi
    _stepcli_argument "$command"
}

complete -F _stepcli stepcli
"""


def script(program: Command) -> str:
    """Return the script for all commands of ``program``."""
    lines = [
        HEADER.format(shell="bash"),
        "",
        *_case("_stepcli_is_command", _are_commands(program), otherwise="return 1"),
        *_case("_stepcli_options", _options(program), otherwise="return 1"),
        "# Completes the value of an option; fails if the option takes none.",
        *_case("_stepcli_value", _values(program), otherwise="return 1"),
        *_case("_stepcli_argument", _arguments(program), otherwise=":"),
    ]
    return "\n".join(lines).rstrip() + "\n" + _FUNCTIONS


Arm = tuple[list[str], Iterable[str]]
"""The patterns of one arm of a ``case`` statement, and the lines of its body."""


def _case(name: str, arms: Iterable[Arm], *, otherwise: str) -> Iterator[str]:
    yield f"{name}() {{"
    yield "    case $1 in"
    for patterns, body in arms:
        *others, last = map(quoted, patterns)
        yield from (f"    {pattern} | \\" for pattern in others)
        yield f"    {last})"
        yield from indented([*body, ";;"], 8)
    yield from (f"    *) {otherwise} ;;", "    esac", "}", "")


def _are_commands(program: Command) -> Iterator[Arm]:
    yield [path for path, _ in by_path(program) if path], [":"]


def _options(program: Command) -> Iterator[Arm]:
    for path, command in by_path(program):
        names = [name for option in command.options for name in option.names]
        yield [path], continued("_stepcli_words", names)


def _values(program: Command) -> Iterator[Arm]:
    """Yield one arm for all options with the same candidates."""
    arms: dict[tuple[str, ...], list[str]] = {}
    for path, command in by_path(program):
        for option in command.options:
            if option.metavar:
                body = tuple(_body(option_candidates(option)))
                arms.setdefault(body, []).extend(f"{path} {name}" for name in option.names)
    for body, patterns in arms.items():
        yield patterns, body


def _arguments(program: Command) -> Iterator[Arm]:
    for path, command in by_path(program):
        if command.commands:
            names = [one.path[-1] for one in command.commands]
            yield [path], continued("[[ $other ]] || _stepcli_words", names)
        if candidates := arguments_candidates(command):
            yield [path], _body(candidates)


def _body(candidates: Iterable[Candidates]) -> list[str]:
    return [line for one in candidates for line in _call(one)] or [":"]


def _call(candidates: Candidates) -> Iterator[str]:
    match candidates:
        case Choices(words):
            yield from continued("_stepcli_words", words)
        case Files(extensions):
            yield from continued("_stepcli_files", extensions)
        case Directories():
            yield "_stepcli_directories"
        case Dynamic(source):
            yield f"_stepcli_dynamic {source}"
