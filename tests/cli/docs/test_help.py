"""The layout of ``--help`` pages."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys

import pytest

from stepcli.cli.docs.help import MAX_WIDTH, HelpPage, Styles, help_page, wrap
from stepcli.cli.docs.model import Command, by_heading
from stepcli.cli.params.common_options import COMMON
from stepcli.text.characters import columns as columns_of
from tests.support.program import COMMAND, Program

PLAIN = Styles(bold="", cyan="", plain="")


@pytest.mark.parametrize("columns", [60, 80, 120, 200])
def test_lines_fit_the_terminal_and_the_maximum_width(
    columns: int, program: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    for command in program.all():
        assert max(map(columns_of, help_page(command).splitlines())) <= min(columns, MAX_WIDTH)


def test_width_changes_only_line_breaks(command: Command) -> None:
    narrow, wide = (HelpPage(columns, PLAIN).render(command).split() for columns in (60, 100))
    assert narrow == wide


def test_examples_precede_options(command: Command) -> None:
    shown = HelpPage(80, PLAIN).render(command)
    last = by_heading(command.options).popitem()[0]
    assert shown.index("Examples:") < shown.index(f"\n{last}:\n")


def test_page_has_three_examples_and_refers_to_the_manual_for_more(command: Command) -> None:
    shown = HelpPage(80, PLAIN).render(command)
    assert [one.line in shown for one in command.examples[:4]] == [
        index < 3 for index in range(len(command.examples[:4]))
    ]
    assert (f"man {command.page_name}" in shown) is (len(command.examples) > 3)


def test_advanced_options_are_listed_below_all_but_the_common_ones(command: Command) -> None:
    if any(one.advanced for one in command.options):
        _, _, below = HelpPage(80, PLAIN).render(command).partition("\nAdvanced:\n")
        advanced, _, _ = below.partition(f"\n{COMMON}:\n")
        listed = re.findall(r"^ {2,6}(?:-\w, )?(--[\w-]+)", advanced, re.MULTILINE)
        assert listed == [one.long for one in command.options if one.advanced]


@pytest.mark.parametrize("columns", [60, 80, 100])
def test_notes_and_quoted_values_are_not_split(columns: int, command: Command) -> None:
    shown = HelpPage(columns, PLAIN).render(command)
    for option in command.options:
        for short in (*option.notes, *re.findall(r"(?<!\w)'[^']+'", option.help)):
            assert short in shown or len(short) > 28


def test_piped_help_is_plain_text(command: Command, offline: Program) -> None:
    done = offline(*command.path, "--help", TERM="xterm")
    assert "\x1b" not in done.stdout
    assert not any("─" <= character <= "╿" for character in done.stdout)
    assert (done.code, done.stderr) == (0, "")


def test_program_without_arguments_prints_help(offline: Program) -> None:
    assert offline().stdout == offline("-h").stdout == offline("--help").stdout


def test_help_uses_the_width_of_the_terminal(offline: Program) -> None:
    assert offline("-h", COLUMNS="60").stdout != offline("-h", COLUMNS="80").stdout


def test_color_can_be_forced(offline: Program) -> None:
    assert "\x1b[1m" in offline("speak", "--help", FORCE_COLOR="1").stdout
    assert "\x1b" not in offline("speak", "--help", FORCE_COLOR="1", NO_COLOR="1").stdout


@pytest.mark.parametrize(
    ("environment", "colored"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True), ({"TERM": "dumb"}, False)],
)
def test_help_is_colored_unless_disabled(
    environment: dict[str, str], colored: bool, offline: Program
) -> None:
    shown = _on_a_terminal(offline, "speak", "--help", **{"TERM": "xterm", **environment})
    assert ("\x1b[1m" in shown) is colored
    assert "Voice and style:" in shown


def _on_a_terminal(program: Program, *arguments: str, **environ: str) -> str:
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [*COMMAND, *arguments], stdout=theirs, stdin=theirs, env=program.environment(environ)
    ):
        os.close(theirs)
        return _all_of(ours)


def _all_of(terminal: int) -> str:
    """Return everything until the other side is closed, which Linux reports as an error."""
    text = b""
    with open(terminal, "rb", buffering=0) as file:
        try:
            while block := file.read(65536):
                text += block
        except OSError:
            pass
    return text.decode()


def test_help_loads_no_heavy_library() -> None:
    code = (
        "import sys; sys.argv = ['stepcli', 'speak', '--help']\n"
        "from stepcli.__main__ import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print(*sys.modules, file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert {"rich", "httpx", "numpy", "soundfile"}.isdisjoint(done.stderr.split())


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("one two three", ["one two", "three"]),
        ("阿胶阿胶 ab", ["阿胶阿胶", "ab"]),
        ("averyverylongword ab", ["averyverylongword", "ab"]),
        ("one [two\u00a0three]", ["one", "[two three]"]),
        ("", [""]),
    ],
)
def test_wrap_counts_columns_and_keeps_words_whole(text: str, lines: list[str]) -> None:
    assert wrap(text, 9) == lines
