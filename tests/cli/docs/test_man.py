"""The manual pages, checked with ``mandoc`` and ``man``."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from stepcli.cli.docs.man import man_pages
from stepcli.cli.docs.model import Command
from tests.support.command_tree import COMMANDS

MAN = Path(__file__).parents[3] / "man"
PAGES = sorted(MAN.iterdir())

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


def needs(tool: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(tool) is None, reason=f"{tool} is not installed")


@needs("mandoc")
def test_mandoc_reports_nothing() -> None:
    lint = ["mandoc", "-T", "lint", *map(str, PAGES)]
    done = subprocess.run(lint, capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("", 0)


@needs("man")
@each_page
def test_man_renders_every_section_without_warnings(page: Path) -> None:
    headings = [line[4:] for line in page.read_text().splitlines() if line.startswith(".SH ")]
    shown = _rendered(page)
    assert [line for line in shown.splitlines() if line in headings] == headings
    synopsis = [] if page.suffix == ".7" else ["SYNOPSIS"]
    assert headings[: 2 + len(synopsis)] == ["NAME", *synopsis, "DESCRIPTION"]


def _rendered(page: Path, columns: int = 200) -> str:
    """Return the page as plain text."""
    environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "MANWIDTH": str(columns)}
    command = ["man", "--warnings", "-l", str(page)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    assert done.stderr == ""
    return re.sub(".\b", "", done.stdout)


@needs("man")
@pytest.mark.parametrize("columns", [60, 80])
def test_words_are_not_hyphenated(columns: int) -> None:
    """Text that is copied from a narrow page stays valid."""
    assert "\N{HYPHEN}" not in _rendered(MAN / "stepcli-speak.1", columns)


@each_page
def test_references_lead_to_existing_pages(page: Path) -> None:
    """The page of the program refers to all others."""
    text = re.sub(r"\\f.", "", page.read_text()).replace(r"\-", "-")
    named = {f"{name}.{section}" for name, section in re.findall(r"(stepcli[\w-]*)\((\d)\)", text)}
    assert named <= {one.name for one in PAGES}
    assert named - {page.name}
    top = {name for name in (one.name for one in PAGES) if name.count("-") == 1}
    assert page.name != "stepcli.1" or top <= named


@needs("man")
def test_examples_are_rendered_literally(program: Command) -> None:
    for command in program.all():
        shown = _rendered(MAN / f"{command.page_name}.1")
        for example in command.examples:
            assert f" {example.line}\n" in shown


@each_page
def test_dashes_are_escaped(page: Path) -> None:
    """roff renders a bare ``-`` as a hyphen, which is not an option when pasted into a shell."""
    _, _, *lines = page.read_text().splitlines()
    assert not [line for line in lines if re.search(r"(?<!\\)-", line)]


def test_page_has_the_usual_sections(command: Command, program: Command) -> None:
    page = man_pages(program)[f"{command.page_name}.1"]
    for section in ("OPTIONS", "EXAMPLES", "ENVIRONMENT", "FILES", "EXIT STATUS", "SEE ALSO"):
        assert f".SH {section}\n" in page


def test_config_page_lists_every_option_with_a_value(program: Command) -> None:
    page = (MAN / "stepcli-config.5").read_text().replace(r"\-", "-")
    keys = set(re.findall(r"^\\fB([\w-]+)\\fR = ", page, re.MULTILINE))
    for command in program.all():
        assert {one.long[2:] for one in command.options if one.metavar} <= keys


@each_page
def test_named_variables_exist(page: Path) -> None:
    """Each ``STEPCLI_…`` is the variable of an option, the config file, or a placeholder."""
    variables = {one.variable for command in COMMANDS for one in command.options}
    named = set(re.findall(r"STEPCLI_[A-Z_]*[A-Z]", page.read_text()))
    assert named <= variables | {"STEPCLI_CONFIG", "STEPCLI_OPTION"}
