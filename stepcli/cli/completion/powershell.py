"""The completion script for PowerShell 5.1 and later."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from stepcli.cli.completion.candidates import (
    HEADER,
    arguments_candidates,
    by_path,
    continued,
    first_sentence,
    option_candidates,
    option_summary,
)
from stepcli.cli.docs.help import indented
from stepcli.cli.docs.model import Command
from stepcli.cli.params.values import Candidates, Choices, Directories, Dynamic, Files

_FUNCTIONS = r"""
    function Candidate($value, $description) {
        if ($value -notlike "$word*") { return }
        $text = $value
        if ($value -match '[^\w.,:=/-]') { $text = "'" + ($value -replace "'", "''") + "'" }
        if (-not $description) { $description = $value }
        [Management.Automation.CompletionResult]::new($text, $value, 'ParameterValue', $description)
    }
    function Words { foreach ($value in $args) { Candidate $value } }
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
    function Dynamic($source) {
        $env:_STEPCLI_COMPLETE = $source
        $encoding = [Console]::OutputEncoding
        try { [Console]::OutputEncoding = [Text.UTF8Encoding]::new() } catch { }
        $lines = & $program "$before" 2>$null
        try { [Console]::OutputEncoding = $encoding } catch { }
        Remove-Item Env:_STEPCLI_COMPLETE
        foreach ($line in $lines) {
            $value, $description = $line -split "`t"
            Candidate $value $description
        }
    }
"""

_BODY = r"""
    $program = "$($ast.CommandElements[0])"
    $before = @($ast.CommandElements | Where-Object { $_.Extent.EndOffset -lt $cursor } |
        Select-Object -Skip 1 | ForEach-Object { "$_" })
    $path = ''
    foreach ($one in $before) {
        if ($one -like '-*') { continue }
        $longer = "$path $one".Trim()
        if (-not $commands.ContainsKey($longer)) { break }
        $path = $longer
    }
    $command = $commands[$path]
    if ($before -notcontains '--') {
        $value = if ($before.Count) { $command.Values[$before[-1]] }
        if ($value) { return & $value }
        if ($word -like '-*') { return & $command.Options }
    }
    & $command.Arguments
}
"""


_NOTHING = "Words"


def script(program: Command) -> str:
    """Return the script for all commands of ``program``."""
    lines = [
        HEADER.format(shell="PowerShell"),
        "",
        "Register-ArgumentCompleter -Native -CommandName stepcli -ScriptBlock {",
        "    param($word, $ast, $cursor)",
        _FUNCTIONS.rstrip("\n"),
        "",
        "    $commands = @{",
    ]
    for path, command in by_path(program):
        lines += indented(_command(path, command), 8)
    return "\n".join([*lines, "    }"]) + _BODY


def _command(path: str, command: Command) -> Iterator[str]:
    yield f"{_quoted(path)} = @{{"
    yield from indented(_block("Options = {", _options(command)), 4)
    yield from indented(_block("Values = @{", _values(command)), 4)
    yield from indented(_block("Arguments = {", _arguments(command)), 4)
    yield "}"


def _block(start: str, lines: Iterable[str]) -> Iterator[str]:
    yield start
    yield from indented(lines, 4)
    yield "}"


def _options(command: Command) -> Iterator[str]:
    for option in command.options:
        for name in option.names:
            yield f"Candidate {_quoted(name)} {_quoted(option_summary(option))}"


def _values(command: Command) -> Iterator[str]:
    for option in command.options:
        if option.metavar:
            calls = [line for one in option_candidates(option) for line in _call(one)]
            for name in option.names:
                yield from _block(f"{_quoted(name)} = {{", calls or [_NOTHING])


def _arguments(command: Command) -> Iterator[str]:
    for one in command.commands:
        yield f"Candidate {_quoted(one.path[-1])} {_quoted(first_sentence(one.summary))}"
    for candidates in arguments_candidates(command):
        yield from _call(candidates)
    yield _NOTHING


def _call(candidates: Candidates) -> Iterator[str]:
    match candidates:
        case Choices(words):
            yield from continued("Words", map(_quoted, words), "`")
        case Files(extensions):
            yield from continued("Files", map(_quoted, extensions), "`")
        case Directories():
            yield "Directories"
        case Dynamic(source):
            yield f"Dynamic {_quoted(source)}"


def _quoted(text: str) -> str:
    """Return ``text`` as a string in ASCII.

    PowerShell 5.1 decodes a script without a byte order mark with the system's code page.
    """
    return "'" + text.replace("'", "''").encode("ascii", "replace").decode() + "'"
