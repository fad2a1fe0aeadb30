"""Completion for PowerShell 5.1 and later."""

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
    sentence,
)
from stepcli.cli.docs.model import Command

_FUNCTIONS = r"""
    function Offer($value, $about) {
        if ($value -notlike "$word*") { return }
        $text = $value
        if ($value -match '[^\w.,:=/-]') { $text = "'" + ($value -replace "'", "''") + "'" }
        if (-not $about) { $about = $value }
        [Management.Automation.CompletionResult]::new($text, $value, 'ParameterValue', $about)
    }
    function Words { foreach ($value in $args) { Offer $value } }
    function Files {
        $found = [Management.Automation.CompletionCompleters]::CompleteFilename($word)
        $pattern = if ($args) { "\.($($args -join '|'))$" } else { '' }
        $found | Where-Object {
            $_.ResultType -eq 'ProviderContainer' -or $_.ListItemText -match $pattern
        }
    }
    function Directories {
        [Management.Automation.CompletionCompleters]::CompleteFilename($word) |
            Where-Object { $_.ResultType -eq 'ProviderContainer' }
    }
    function Ask($what) {
        $env:_STEPCLI_COMPLETE = $what
        $encoding = [Console]::OutputEncoding
        try { [Console]::OutputEncoding = [Text.UTF8Encoding]::new() } catch { }
        $lines = & $program 2>$null
        try { [Console]::OutputEncoding = $encoding } catch { }
        Remove-Item Env:_STEPCLI_COMPLETE
        foreach ($line in $lines) {
            $value, $about = $line -split "`t"
            Offer $value $about
        }
    }
"""

_BODY = r"""
    $program = "$($ast.CommandElements[0])"
    $before = @($ast.CommandElements | Where-Object { $_.Extent.EndOffset -lt $cursor } |
        Select-Object -Skip 1 | ForEach-Object { "$_" })
    $command = ''
    foreach ($one in $before) {
        if ($one -like '-*') { continue }
        $below = "$command $one".Trim()
        if (-not $commands.ContainsKey($below)) { break }
        $command = $below
    }
    $here = $commands[$command]
    if ($before -notcontains '--') {
        $value = if ($before.Count) { $here.Values[$before[-1]] }
        if ($value) { return & $value }
        if ($word -like '-*') { return & $here.Options }
    }
    & $here.Arguments
}
"""


_NOTHING = "Words"


def script(program: Command) -> str:
    """The script for every command of ``program``."""
    lines = [
        NOTE.format(shell="PowerShell"),
        "",
        "Register-ArgumentCompleter -Native -CommandName stepcli -ScriptBlock {",
        "    param($word, $ast, $cursor)",
        _FUNCTIONS.rstrip("\n"),
        "",
        "    $commands = @{",
    ]
    for path, command in commands(program):
        lines += _command(path, command, program)
    return "\n".join([*lines, "    }"]) + _BODY


def _command(path: str, command: Command, program: Command) -> Iterator[str]:
    yield f"        {_quoted(path)} = @{{"
    yield from _block("Options", _options(command))
    yield "            Values = @{"
    yield from (f"                {line}" for line in _values(command, program))
    yield "            }"
    yield from _block("Arguments", _arguments(command, program))
    yield "        }"


def _block(name: str, lines: Iterable[str]) -> Iterator[str]:
    yield f"            {name} = {{"
    yield from (f"                {line}" for line in lines)
    yield "            }"


def _options(command: Command) -> Iterator[str]:
    for option in command.options:
        for name in option.names:
            yield f"Offer {_quoted(name)} {_quoted(about(option))}"


def _values(command: Command, program: Command) -> Iterator[str]:
    for option in command.options:
        if option.metavar:
            calls = "; ".join(map(_call, of_option(option, command, program))) or _NOTHING
            yield from (f"{_quoted(name)} = {{ {calls} }}" for name in option.names)


def _arguments(command: Command, program: Command) -> Iterator[str]:
    for below in command.commands:
        yield f"Offer {_quoted(below.path[-1])} {_quoted(sentence(below.summary))}"
    for argument in command.arguments:
        yield from map(_call, of_argument(argument, command, program))
    yield _NOTHING


def _call(offer: Offer) -> str:
    match offer:
        case Words(words):
            return f"Words {' '.join(map(_quoted, words))}"
        case Files(extensions):
            return f"Files {' '.join(map(_quoted, extensions))}".rstrip()
        case Directories():
            return "Directories"
        case Asked(what):
            return f"Ask {_quoted(what)}"


def _quoted(text: str) -> str:
    """In ASCII: PowerShell 5.1 reads a script without a byte order mark as the system's bytes."""
    return "'" + text.replace("'", "''").encode("ascii", "replace").decode() + "'"
