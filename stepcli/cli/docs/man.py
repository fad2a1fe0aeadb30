"""The manual pages: one for each command, stepcli-config(5) and stepcli-recipes(7)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from stepcli import __version__
from stepcli.cli.docs import roff
from stepcli.cli.docs.chapters import CHAPTERS, Chapter
from stepcli.cli.docs.model import (
    ENVIRONMENT,
    FILES,
    OPTION_VARIABLE,
    OPTIONS,
    OTHER_LOCATIONS,
    PROGRAM,
    Command,
    Option,
    by_heading,
    exit_codes,
)
from stepcli.cli.docs.recipes import RECIPES
from stepcli.cli.docs.results import other_result_schemas, result_fields, result_schema

DATE = "2026-11-28"
"""The date of the last change to the manual. Fixed, so that the pages are reproducible."""

SOURCE = f"{PROGRAM} {__version__}"


def man_pages(program: Command) -> dict[str, str]:
    """Return the text of every page by file name."""
    commands = list(program.all())
    pages = {f"{one.page_name}.1": _page(one, program) for one in commands}
    pages[f"{PROGRAM}-config.5"] = _config_page(program)
    pages[f"{PROGRAM}-recipes.7"] = _recipes_page()
    return {name: "".join(f"{line}\n" for line in lines) for name, lines in pages.items()}


_CONFIG_DESCRIPTION = (
    "The file sets defaults for options, in TOML. Without it, each option has the default shown on "
    "the manual page of its command.",
    "A key is the long name of an option without the dashes. At the top level, it applies to every "
    "command that has the option. In a table named after a command, such as `[speak]` or "
    "`[voices.preview]`, it applies to that command only and takes precedence.",
    "Command-line options take precedence over environment variables, which take precedence over "
    "this file. The variable of an option is `STEPCLI_` and its name in capitals, such as "
    "`STEPCLI_VOICE` or `STEPCLI_BASE_URL`.",
    "Use `stepcli config` to show and change the file. Do not store an API key in it.",
    "The table `[aliases]` maps names of your choice to voice ids. The table `[replace]` maps "
    "words and phrases to what `stepcli transcribe` prints in their place. Those without capitals "
    "are found in any case. The table `[cast]` maps the names in scripts to voices; see "
    "`stepcli-speak`(1).",
    "A flag is true or false. A repeatable option takes a list.",
)

_CONFIG_EXAMPLE = """\
voice = "vibrant-youth"
language = "en"

[speak]
speed = 1.2
pronounce = ["LOL/laugh out loudly"]

[cast]
Anna = "lively-girl"
Ben = "zixinnansheng, speed=0.9"

[replace]
"step fun" = "StepFun"
"new line" = "\\n"
"full stop" = "."
"""


def config_keys(program: Command) -> dict[str, list[tuple[Command, Option]]]:
    """Return every key of the config file, and the options that it sets."""
    keys: dict[str, list[tuple[Command, Option]]] = {}
    for command in program.all():
        for option in command.options:
            if option.config_key:
                keys.setdefault(option.config_key, []).append((command, option))
    return dict(sorted(keys.items()))


def _config_page(program: Command) -> Iterator[str]:
    yield from roff.header("stepcli-config", 5, DATE, SOURCE)
    yield from roff.section("Name", [r"stepcli\-config \- configuration file of stepcli"])
    yield from roff.section("Synopsis", [roff.italic("~/.config/stepcli/config.toml")])
    yield from roff.section("Description", roff.paragraphs(_CONFIG_DESCRIPTION))
    yield from roff.section("Keys", _keys(program))
    yield from roff.section(
        "Examples", roff.examples([("Set defaults and replace words", _CONFIG_EXAMPLE)])
    )
    yield from roff.section(
        "Environment", roff.bold_definitions({"STEPCLI_CONFIG": "The path of another file."})
    )
    yield from roff.section("Files", _config_files())
    yield from roff.section("See also", [f"{roff.bold('stepcli')}(1)"])


def _config_files() -> Iterator[str]:
    path = "~/.config/stepcli/config.toml"
    yield from roff.bold_definitions({path: FILES[path].partition(";")[0] + "."})
    yield from (".PP", roff.prose(OTHER_LOCATIONS))


def _keys(program: Command) -> Iterator[str]:
    for key, uses in config_keys(program).items():
        yield from roff.definitions([(_config_term(key, uses[0][1]), _config_meanings(uses))])


def _config_term(key: str, option: Option) -> str:
    value = roff.italic(option.metavar) if option.metavar else roff.escaped("true|false")
    return f"{roff.bold(key)} = {f'[{value}, ...]' if option.repeatable else value}"


def _config_meanings(uses: list[tuple[Command, Option]]) -> str:
    """Return each help text of the key, followed by the commands that it applies to."""
    meanings: dict[str, list[str]] = {}
    for command, option in uses:
        meanings.setdefault(option.help, []).append(" ".join(command.path))
    return " ".join(f"{help} ({', '.join(names)})" for help, names in meanings.items())


def _recipes_page() -> Iterator[str]:
    """Yield the lines of the page of recipes with other programs."""
    name = r"stepcli\-recipes \- stepcli together with other programs"
    about = "Commands and configuration to copy. The examples of one command are on its own page."
    yield from roff.header(f"{PROGRAM}-recipes", 7, DATE, SOURCE)
    yield from roff.section("Name", [name])
    yield from roff.section("Description", roff.paragraphs([about]))
    yield from _chapters(RECIPES)
    yield from roff.section("See also", [f"{roff.bold(PROGRAM)}(1)"])


def _page(command: Command, program: Command) -> Iterator[str]:
    name = command.page_name
    yield from roff.header(name, 1, DATE, SOURCE)
    yield from roff.section(
        "Name", [roff.filled(rf"{roff.escaped(name)} \- {_one_line_summary(command)}")]
    )
    yield from roff.section("Synopsis", [f"{roff.bold(command.name)} {_usage(command)}"])
    yield from roff.section("Description", roff.paragraphs((command.summary, *command.details)))
    yield from _arguments(command)
    yield from roff.section("Commands", _commands(command))
    yield from roff.section("Options", _options(command))
    for title, text in command.notes:
        yield from roff.section(title, roff.verbatim(text))
    yield from _chapters(CHAPTERS.get(" ".join(command.path), ()))
    yield from roff.section("JSON output", _results(command))
    examples = ((one.title, one.line) for one in command.examples)
    yield from roff.section("Examples", roff.examples(examples))
    yield from roff.section("Environment", _environment(command))
    yield from roff.section("Files", _files())
    yield from roff.section("Exit status", roff.bold_definitions(exit_codes()))
    yield from roff.section("See also", [_see_also(command, program)])


def _chapters(chapters: Iterable[Chapter]) -> Iterator[str]:
    for chapter in chapters:
        example = roff.block(chapter.example) if chapter.example else ()
        body = chain(roff.paragraphs(chapter.paragraphs), example)
        yield from roff.section(chapter.title, body) if chapter.title else chain((".PP",), body)


def _results(command: Command) -> Iterator[str]:
    yield from roff.bold_definitions(dict(result_fields(result_schema(command.path))))
    for condition, schema in other_result_schemas(command.path).items():
        yield f".SS With {roff.escaped(condition)}"
        yield from roff.bold_definitions(dict(result_fields(schema)))


def _one_line_summary(command: Command) -> str:
    summary = command.summary.replace("`", "").rstrip(".")
    return roff.escaped(summary[:1].lower() + summary[1:])


def _usage(command: Command) -> str:
    return " ".join(map(roff.escaped, command.usage.split()))


def _arguments(command: Command) -> Iterator[str]:
    arguments = (one for one in command.arguments if one.help)
    terms = ((roff.italic(one.metavar), one.help) for one in arguments)
    return roff.section("Arguments", roff.definitions(terms))


def _commands(command: Command) -> Iterator[str]:
    for title, commands in by_heading(command.commands).items():
        yield f".SS {title}"
        yield from roff.definitions(
            (f"{roff.bold(one.page_name)}(1)", one.summary) for one in commands
        )


def _options(command: Command) -> Iterator[str]:
    for title, options in by_heading(command.options).items():
        if title != OPTIONS:
            yield f".SS {title}"
        yield from roff.definitions((_term(one), _help_with_notes(one)) for one in options)


def _term(option: Option) -> str:
    names = ", ".join(map(roff.bold, option.names))
    return f"{names} {roff.italic(option.metavar)}" if option.metavar else names


def _help_with_notes(option: Option) -> str:
    notes = f" [{'; '.join(option.notes)}]" if option.notes else ""
    return option.help + notes


def _environment(command: Command) -> Iterator[str]:
    yield from roff.bold_definitions(ENVIRONMENT)
    if not command.path:
        yield from roff.bold_definitions(OPTION_VARIABLE)
    if variables := [f"`{one.variable}`" for one in command.options if one.variable]:
        yield from (
            ".PP",
            roff.prose(f"Variables that set the option of the same name: {', '.join(variables)}."),
        )


def _files() -> Iterator[str]:
    yield from roff.bold_definitions(FILES)
    yield from (".PP", roff.prose(OTHER_LOCATIONS))


def _see_also(command: Command, program: Command) -> str:
    """Return references to the parent, sibling and child commands, and to the config page."""
    parent = command.path[:-1]
    related = [
        one
        for one in program.all()
        if one.path == parent or one.path[:-1] in (parent, command.path)
    ]
    names = sorted(one.page_name for one in related if one.path != command.path)
    pages = [(name, 1) for name in names] + [(f"{PROGRAM}-config", 5), (f"{PROGRAM}-recipes", 7)]
    return ",\n".join(f"{roff.bold(name)}({section})" for name, section in pages)
