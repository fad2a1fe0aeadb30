"""Wheel and sdist: contents, metadata and reproducibility."""

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


def test_builds_are_reproducible(wheel: Path, sdist: Path, tmp_path: Path) -> None:
    """They do not depend on the directory, user, umask, time zone, locale and file dates."""
    other = copied(tmp_path / "elsewhere" / "deep below")
    for path in other.rglob("*"):
        path.chmod(0o700 if os.access(path, os.X_OK) else 0o600)
        os.utime(path, (978307200, 978307200))
    away = {"TZ": "Asia/Tokyo", "LC_ALL": "C", "PYTHONHASHSEED": "7"}
    assert _digest(built(other, "wheel", 0o077, away)) == _digest(wheel)
    assert _digest(built(other, "sdist", 0o077, away)) == _digest(sdist)


def test_sdist_builds_the_same_wheel(wheel: Path, sdist: Path, tmp_path: Path) -> None:
    with tarfile.open(sdist) as file:
        file.extractall(tmp_path, filter="data")
    assert _digest(built(tmp_path / NAME, "wheel")) == _digest(wheel)


def test_wheel_contains_only_the_package(wheel: Path) -> None:
    """Neither the tests nor the documents for contributors."""
    names = set(zipfile.ZipFile(wheel).namelist())
    info = f"{NAME}.dist-info"
    share = f"{NAME}.data/data/share/"
    about = {"METADATA", "WHEEL", "RECORD", "entry_points.txt", "licenses/LICENSE"}
    program = {path.relative_to(ROOT).as_posix() for path in _program()}
    assert {name for name in names if not name.startswith((info, share))} == program
    assert {name for name in names if name.startswith(info)} == {f"{info}/{one}" for one in about}


def test_wheel_installs_manual_and_completion(wheel: Path) -> None:
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


def test_sdist_contains_the_tree(sdist: Path, tree: Path) -> None:
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


def test_metadata_has_no_urls(wheel: Path) -> None:
    """There is no public address yet."""
    reported = _metadata(wheel)
    assert (reported["Name"], reported["Version"]) == ("stepcli", __version__)
    assert reported["Requires-Python"] == ">=3.11"
    assert reported["License-Expression"] == "MIT"
    assert reported["Author"] == "The stepcli maintainers"
    assert reported["Description-Content-Type"] == "text/markdown"
    assert str(reported.get_payload()).startswith("# stepcli\n")
    assert not {"Home-page", "Project-URL", "Download-URL"} & set(reported.keys())


@pytest.mark.parametrize("kind", ["wheel", "sdist"])
def test_twine_accepts_the_packages(kind: str, request: pytest.FixtureRequest) -> None:
    package = request.getfixturevalue(kind)
    check = [sys.executable, "-m", "twine", "check", "--strict", package]
    done = subprocess.run(check, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
