"""Completion for fish 3.4 and later."""

from __future__ import annotations

from collections.abc import Iterator

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
    sentence,
)
from stepcli.cli.docs.model import Command, Option

_FUNCTIONS = r"""
function __stepcli_command --description 'The command that stands on the line'
    set -l command
    for word in (commandline -opc)[2..-1]
        string match -q -- '-*' $word; and continue
        if not contains -- "$command $word" $__stepcli_commands
            string match -q -- "$command *" $__stepcli_commands; and set command ' ?'
            break
        end
        set command "$command $word"
    end
    string trim -- "$command"
end

function __stepcli_at --description 'Whether that is the command'
    set -l command (__stepcli_command)
    test "$command" = "$argv"
end

function __stepcli_words --description 'Values that need no words; else fish shows the option\'s'
    printf '%s\t\n' $argv
end

function __stepcli_ask --description 'Values that the program knows'
    set -l program (commandline -opc)[1]
    _STEPCLI_COMPLETE=$argv[1] $program 2>/dev/null
end

function __stepcli_files --description 'Files with these extensions, else all; and directories'
    set -l found (__fish_complete_path (string replace -r -- '^-[^=]*=' '' (commandline -ct)))
    set -l fitting (string match -er -i -- '(?:/|\.(?:'(string join '|' $argv)'))(?:\t|$)' $found)
    string match -qr -- '\.[^/]*(\t|$)' $fitting; and set found $fitting
    string replace -r -- '^[^\t]*$' '$0\t' $found
end
"""


def script(program: Command) -> str:
    """The script for every command of ``program``."""
    paths = [_quoted(f" {path}") for path, _ in commands(program) if path]
    lines = [
        NOTE.format(shell="fish"),
        "",
        f"set -g __stepcli_commands {' '.join(paths)}",
        _FUNCTIONS.strip("\n").join(("", "\n")),
        "complete -c stepcli -f",
    ]
    for path, command in commands(program):
        lines += ["", *_completions(path, command, program)]
    return "\n".join(lines) + "\n"


def _completions(path: str, command: Command, program: Command) -> Iterator[str]:
    start = f"complete -c stepcli -n {_quoted(f'__stepcli_at {path}'.rstrip())}"
    for below in command.commands:
        yield f"{start} -a {below.path[-1]} -d {_quoted(sentence(below.summary))}"
    for argument in command.arguments:
        for offer in of_argument(argument, command, program):
            yield f"{start} -a {_quoted(_list(offer))}"
    for option in command.options:
        yield f"{start} {_option(option, of_option(option, command, program))}"


def _option(option: Option, offers: tuple[Offer, ...]) -> str:
    names = " ".join(_name(name) for name in option.names)
    value = " -x" if option.metavar else ""
    if offers:
        value += f" -a {_quoted(' '.join(map(_list, offers)))}"
    return f"{names}{value} -d {_quoted(about(option))}"


def _name(name: str) -> str:
    return f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}"


def _list(offer: Offer) -> str:
    match offer:
        case Words(words):
            return f"(__stepcli_words {' '.join(words)})"
        case Files(extensions):
            return f"(__stepcli_files {' '.join(extensions)})"
        case Directories():
            return "(__fish_complete_directories)"
        case Asked(what):
            return f"(__stepcli_ask {what})"


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
