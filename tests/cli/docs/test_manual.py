"""The manual pages: clean, readable, and complete."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from stepcli.cli.docs.man import man_pages, page_name
from stepcli.cli.docs.model import FILES, Command
from stepcli.credentials import key_path
from stepcli.errors import ContentError, OutputError, StepcliError
from stepcli.settings import cache_dir, config_dir, state_dir

MAN = Path(__file__).parents[3] / "man"
PAGES = sorted(MAN.iterdir())

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


def needs(tool: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(tool) is None, reason=f"{tool} is not installed")


@needs("mandoc")
def test_lint() -> None:
    """mandoc finds nothing to say of any page, not even about its style."""
    lint = ["mandoc", "-T", "lint", *map(str, PAGES)]
    done = subprocess.run(lint, capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("", 0)


@needs("man")
@each_page
def test_man_renders(page: Path) -> None:
    """``man -l`` shows every section that the page has, without a warning."""
    headings = [line[4:] for line in page.read_text().splitlines() if line.startswith(".SH ")]
    shown = _rendered(page)
    assert [line for line in shown.splitlines() if line in headings] == headings
    assert headings[:3] == ["NAME", "SYNOPSIS", "DESCRIPTION"]


def _rendered(page: Path, columns: int = 200) -> str:
    """Plain text, as wide as its longest line."""
    environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "MANWIDTH": str(columns)}
    command = ["man", "--warnings", "-l", str(page)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    assert done.stderr == ""
    return re.sub(".\b", "", done.stdout)


@needs("man")
@pytest.mark.parametrize("columns", [60, 80])
def test_no_word_is_broken(columns: int) -> None:
    """What is copied from a narrow page is what was written."""
    assert "\N{HYPHEN}" not in _rendered(MAN / "stepcli-speak.1", columns)


@each_page
def test_references(page: Path) -> None:
    """Every page that is referred to exists, and the program's own page refers to the rest."""
    text = re.sub(r"\\f.", "", page.read_text()).replace(r"\-", "-")
    named = {f"{name}.{section}" for name, section in re.findall(r"(stepcli[\w-]*)\((\d)\)", text)}
    assert named <= {one.name for one in PAGES}
    assert named - {page.name}
    top = {name for name in (one.name for one in PAGES) if name.count("-") == 1}
    assert page.name != "stepcli.1" or top <= named


@needs("man")
def test_text_is_shown_as_it_is(program: Command) -> None:
    """Examples come out of the renderer as they went in: quotes, dashes and all."""
    for command in program.all():
        shown = _rendered(MAN / f"{page_name(command)}.1")
        for example in command.examples:
            assert f" {example.line}\n" in shown


@each_page
def test_dashes_can_be_copied(page: Path) -> None:
    """A bare ``-`` is a hyphen to roff: pasted into a shell, it is no option."""
    _, _, *lines = page.read_text().splitlines()
    assert not [line for line in lines if re.search(r"(?<!\\)-", line)]


def test_sections(command: Command, program: Command) -> None:
    """Every command's page has the sections that somebody would look for."""
    page = man_pages(program)[f"{page_name(command)}.1"]
    for section in ("OPTIONS", "EXAMPLES", "ENVIRONMENT", "FILES", "EXIT STATUS", "SEE ALSO"):
        assert f".SH {section}\n" in page


def test_exit_codes(program: Command) -> None:
    """Exit codes are those of the errors."""
    page = man_pages(program)["stepcli.1"]
    status = page[page.index(".SH EXIT STATUS") :]
    for failure in (StepcliError, OutputError, ContentError):
        assert rf"\fB{failure.exit_code}\fR" in status


@pytest.mark.skipif(sys.platform != "linux", reason="the manual tells where things are elsewhere")
def test_files(home: Path) -> None:
    """Files are where the manual says."""
    used = (config_dir() / "config.toml", key_path(), cache_dir(), state_dir())
    told = [Path(name).expanduser() for name in FILES]
    assert told == list(used)
    assert all(path.is_relative_to(home) for path in used)
