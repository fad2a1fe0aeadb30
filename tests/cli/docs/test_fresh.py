"""``man/`` and ``completions/`` are what the command tree makes of them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
WRITE = "python -m stepcli.cli.docs"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the generator writes now."""
    root = tmp_path_factory.mktemp("pages")
    subprocess.run([sys.executable, "-m", "stepcli.cli.docs", root], check=True)
    return root


@pytest.mark.parametrize("directory", ["man", "completions"])
def test_fresh(directory: str, written: Path) -> None:
    """What is kept in the repository is what would be written today, to the byte."""
    kept, made = _files(ROOT / directory), _files(written / directory)
    stale = sorted(name for name in kept | made if kept.get(name) != made.get(name))
    assert not stale, f"{directory}/ is stale ({', '.join(stale)}); run: {WRITE}"


def test_nothing_else_stays(written: Path, tmp_path: Path) -> None:
    """The page of a command that is gone goes too."""
    (tmp_path / "man").mkdir()
    (tmp_path / "man" / "stepcli-sing.1").touch()
    subprocess.run([sys.executable, "-m", "stepcli.cli.docs", tmp_path], check=True)
    assert _files(tmp_path / "man").keys() == _files(written / "man").keys()


def _files(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir()}
