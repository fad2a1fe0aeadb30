"""Wheel and sdist: the same bytes wherever they are built, holding what they should."""

from __future__ import annotations

import email
import hashlib
import os
import subprocess
import sys
import tarfile
import zipfile
from email.message import Message
from pathlib import Path

import pytest

from stepcli import __version__
from stepcli.cli.completion.scripts import script
from stepcli.cli.docs.man import man_pages
from tests.package.building import ROOT, TREE, built, copied
from tests.support.command_tree import PROGRAM

NAME = f"stepcli-{__version__}"


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_reproducible(wheel: Path, sdist: Path, tmp_path: Path) -> None:
    """Another directory, user, time zone, language, date of files: not a bit differs."""
    other = copied(tmp_path / "elsewhere" / "deep below")
    for path in other.rglob("*"):
        path.chmod(0o700 if path.is_dir() else 0o600)
        os.utime(path, (978307200, 978307200))
    away = {"TZ": "Asia/Tokyo", "LC_ALL": "C", "PYTHONHASHSEED": "7"}
    assert _digest(built(other, "wheel", 0o077, away)) == _digest(wheel)
    assert _digest(built(other, "sdist", 0o077, away)) == _digest(sdist)


def test_sdist_makes_the_same_wheel(wheel: Path, sdist: Path, tmp_path: Path) -> None:
    """Who builds from the sdist has what everybody else has."""
    with tarfile.open(sdist) as file:
        file.extractall(tmp_path, filter="data")
    assert _digest(built(tmp_path / NAME, "wheel")) == _digest(wheel)


def test_the_wheel_holds_the_program(wheel: Path) -> None:
    """The wheel contains the package, but neither its tests nor the documents for contributors."""
    names = set(zipfile.ZipFile(wheel).namelist())
    info = f"{NAME}.dist-info"
    share = f"{NAME}.data/data/share/"
    about = {"METADATA", "WHEEL", "RECORD", "entry_points.txt", "licenses/LICENSE"}
    program = {path.relative_to(ROOT).as_posix() for path in _program()}
    assert {name for name in names if not name.startswith((info, share))} == program
    assert {name for name in names if name.startswith(info)} == {f"{info}/{one}" for one in about}


def test_the_wheel_brings_manual_and_completion(wheel: Path) -> None:
    """Everything lands where ``man`` and the shells look below the prefix."""
    file = zipfile.ZipFile(wheel)
    names = [name for name in file.namelist() if "/share/" in name]
    data = {name.partition(".data/data/share/")[2]: file.read(name).decode() for name in names}
    pages = {f"man/man{name[-1]}/{name}": text for name, text in man_pages(PROGRAM).items()}
    scripts = {
        "bash-completion/completions/stepcli": "bash",
        "zsh/site-functions/_stepcli": "zsh",
        "fish/vendor_completions.d/stepcli.fish": "fish",
        "stepcli/stepcli.ps1": "powershell",
    }
    assert data == pages | {place: script(shell, PROGRAM) for place, shell in scripts.items()}


def _program() -> list[Path]:
    files = (path for path in (ROOT / "stepcli").rglob("*") if path.is_file())
    return [path for path in files if "__pycache__" not in path.parts and path.suffix != ".md"]


def test_the_sdist_holds_the_tree(sdist: Path, tree: Path) -> None:
    """All that is built from and tested with, and no other file."""
    with tarfile.open(sdist) as file:
        names = {name.removeprefix(f"{NAME}/") for name in file.getnames()}
    files = {
        path.relative_to(tree).as_posix()
        for top in TREE
        for path in (tree / top, *(tree / top).rglob("*"))
        if path.is_file()
    }
    assert names == files | {"PKG-INFO"}


def _metadata(wheel: Path) -> Message:
    return email.message_from_bytes(zipfile.ZipFile(wheel).read(f"{NAME}.dist-info/METADATA"))


def test_metadata(wheel: Path) -> None:
    """What an index shows; and no address, as long as there is none to give."""
    told = _metadata(wheel)
    assert (told["Name"], told["Version"]) == ("stepcli", __version__)
    assert told["Requires-Python"] == ">=3.11"
    assert told["License-Expression"] == "MIT"
    assert told["Description-Content-Type"] == "text/markdown"
    assert str(told.get_payload()).startswith("# stepcli\n")
    assert not {"Home-page", "Project-URL", "Download-URL"} & set(told.keys())


@pytest.mark.parametrize("kind", ["wheel", "sdist"])
def test_twine(kind: str, request: pytest.FixtureRequest) -> None:
    """An index would take them."""
    package = request.getfixturevalue(kind)
    check = [sys.executable, "-m", "twine", "check", "--strict", package]
    done = subprocess.run(check, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
