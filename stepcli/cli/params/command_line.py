"""Conversion of a command line to the form that the parser takes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

_JSON = "--json"
_HELP_AS_JSON = ("help", _JSON)


def normalized(
    arguments: Sequence[str], groups: Collection[str], common: Mapping[str, bool]
) -> list[str]:
    """Return ``arguments`` with the common options after the name of the command.

    ``version`` becomes ``--version``. ``common`` maps the names of the common options to whether
    they take a value. Without a command, which prints a help page or the version, the common
    options have no effect and are dropped; ``--json`` makes the page that of ``help --json``.
    """
    options, rest = _leading_options(arguments, common)
    match rest:
        case ["version", *words]:
            return ["--version", *_leading_options(words, common)[1]]
        case [group, *words] if group in groups:
            more, words = _leading_options(words, common)
            if not words and _JSON in options + more:
                return [*_HELP_AS_JSON, group]
            return [group, *_inserted(options + more, words)]
        case [] if _JSON in options:
            return [*_HELP_AS_JSON]
    return _inserted(options, rest)


def _inserted(options: list[str], words: list[str]) -> list[str]:
    """Return ``words`` with the ``options`` after the command, if there is one."""
    if not words or words[0].startswith("-"):
        return words
    return [words[0], *options, *words[1:]]


def _leading_options(
    words: Sequence[str], common: Mapping[str, bool]
) -> tuple[list[str], list[str]]:
    """Return the common options at the beginning of ``words`` with their values, and the rest."""
    end = 0
    while end < len(words):
        name, equals, _ = words[end].partition("=")
        size = 2 if common.get(name) and not equals else 1
        if name not in common or end + size > len(words):
            break
        end += size
    return list(words[:end]), list(words[end:])
