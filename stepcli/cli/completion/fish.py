"""The completion script for fish 3.4 and later."""

from __future__ import annotations

from collections.abc import Iterator

from stepcli.cli.completion.candidates import (
    HEADER,
    arguments_candidates,
    by_path,
    continued,
    first_sentence,
    option_candidates,
    option_summary,
)
from stepcli.cli.docs.model import Command, Option
from stepcli.cli.params.values import Candidates, Choices, Directories, Dynamic, Files

_FUNCTIONS = r"""
function __stepcli_command --description 'Print the subcommand on the command line'
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

function __stepcli_at --description 'Test whether that is the subcommand'
    set -l command (__stepcli_command)
    test "$command" = "$argv"
end

function __stepcli_words --description 'Print values without descriptions'
    # The tab keeps fish from showing the description of the option beside each value.
    printf '%s\t\n' $argv
end

function __stepcli_dynamic --description 'Print values that the program provides'
    set -l program (commandline -opc)[1]
    _STEPCLI_COMPLETE=$argv[1] $program (commandline -opc)[2..-1] 2>/dev/null
end

function __stepcli_files --description 'Print directories, and files with these extensions if any'
    set -l found (__fish_complete_path (string replace -r -- '^-[^=]*=' '' (commandline -ct)))
    set -l matching (string match -er -i -- '(?:/|\.(?:'(string join '|' $argv)'))(?:\t|$)' $found)
    string match -qr -- '\.[^/]*(\t|$)' $matching; and set found $matching
    string replace -r -- '^[^\t]*$' '$0\t' $found
end
"""


def script(program: Command) -> str:
    """Return the script for all commands of ``program``."""
    paths = [_quoted(f" {path}") for path, _ in by_path(program) if path]
    lines = [
        HEADER.format(shell="fish"),
        "",
        *continued("set -g __stepcli_commands", paths),
        "",
        _FUNCTIONS.strip("\n").join(("", "\n")),
        "complete -c stepcli -f",
    ]
    for path, command in by_path(program):
        lines += ["", *_completions(path, command)]
    return "\n".join(lines) + "\n"


def _completions(path: str, command: Command) -> Iterator[str]:
    start = f"complete -c stepcli -n {_quoted(f'__stepcli_at {path}'.rstrip())}"
    for one in command.commands:
        yield f"{start} -a {one.path[-1]} -d {_quoted(first_sentence(one.summary))}"
    for candidates in arguments_candidates(command):
        yield f"{start} -k -a {_quoted(_call(candidates))}"
    for option in command.options:
        yield f"{start} {_option(option, option_candidates(option))}"


def _option(option: Option, candidates: tuple[Candidates, ...]) -> str:
    names = " ".join(_name(name) for name in option.names)
    value = " -x" if option.metavar else ""
    if candidates:
        value += f" -a {_quoted(' '.join(map(_call, candidates)))}"
    return f"{names}{value} -d {_quoted(option_summary(option))}"


def _name(name: str) -> str:
    return f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}"


def _call(candidates: Candidates) -> str:
    match candidates:
        case Choices(words):
            return "\n".join(continued("(__stepcli_words", words)) + ")"
        case Files(extensions):
            return "\n".join(continued("(__stepcli_files", extensions)) + ")"
        case Directories():
            return "(__fish_complete_directories)"
        case Dynamic(source):
            return f"(__stepcli_dynamic {source})"


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
