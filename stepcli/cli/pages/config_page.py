"""``stepcli-config(5)``: the config file, with every key that the command tree allows."""

from __future__ import annotations

from collections.abc import Iterator

from stepcli.cli.pages import roff
from stepcli.cli.pages.description import Command, Option
from stepcli.cli.pages.facts import ELSEWHERE

_ABOUT = (
    "The file sets defaults for options. It is TOML; without it every option has the default that "
    "the command's own page tells.",
    "A key is the long name of an option without its dashes. At the top of the file it holds for "
    "every command that has the option. In a table named after a command, `[speak]` or "
    "`[voices.preview]`, it holds for that command alone and wins.",
    "An option given on the command line wins over everything; then an environment variable, "
    "`STEPCLI_` and the option's name in capitals (`STEPCLI_VOICE`, `STEPCLI_BASE_URL`); then this "
    "file; then the default.",
    "`stepcli config` looks at the file and changes it. An API key does not belong here.",
    "The table `[aliases]` holds your own names for voices, each with the id that it stands for.",
    "A flag takes true or false. An option that can be repeated takes a list.",
)

_SAMPLE = """\
voice = "vibrant-youth"
language = "en"

[speak]
speed = 1.2
pronounce = ["LOL/laugh out loudly"]"""

_NOT_SET = ("--help", "--version", "--install-completion", "--show-completion")


def config_keys(program: Command) -> dict[str, list[tuple[Command, Option]]]:
    """Every key of the file, and the options that it sets."""
    keys: dict[str, list[tuple[Command, Option]]] = {}
    for command in program.all():
        for option in command.options:
            if option.long not in _NOT_SET:
                keys.setdefault(option.long.removeprefix("--"), []).append((command, option))
    return dict(sorted(keys.items()))


def config_page(program: Command, date: str, source: str) -> str:
    return "\n".join(_lines(program, date, source)) + "\n"


def _lines(program: Command, date: str, source: str) -> Iterator[str]:
    yield from roff.header("stepcli-config", 5, date, source)
    yield from roff.section("Name", [r"stepcli\-config \- settings of stepcli"])
    yield from roff.section("Synopsis", [roff.italic("~/.config/stepcli/config.toml")])
    yield from roff.section("Description", roff.paragraphs(_ABOUT))
    yield from roff.section("Keys", _keys(program))
    yield from roff.section("Examples", roff.examples([("A voice for every command", _SAMPLE)]))
    yield from roff.section("Environment", roff.named({"STEPCLI_CONFIG": "Names another file."}))
    yield from roff.section("Files", roff.paragraphs([ELSEWHERE]))
    yield from roff.section("See also", [f"{roff.bold('stepcli')}(1)"])


def _keys(program: Command) -> Iterator[str]:
    for key, uses in config_keys(program).items():
        yield from roff.definitions([(_term(key, uses[0][1]), _explained(uses))])


def _term(key: str, option: Option) -> str:
    value = roff.italic(option.metavar) if option.metavar else roff.escaped("true|false")
    return f"{roff.bold(key)} = {f'[{value}, ...]' if option.repeatable else value}"


def _explained(uses: list[tuple[Command, Option]]) -> str:
    """Each meaning that the key has, with the commands that it has it in."""
    meanings: dict[str, list[str]] = {}
    for command, option in uses:
        meanings.setdefault(option.help, []).append(" ".join(command.path))
    return " ".join(f"{help} ({', '.join(names)})" for help, names in meanings.items())
