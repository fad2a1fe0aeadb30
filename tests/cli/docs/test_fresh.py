"""The generated files are up to date."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from stepcli.cli.docs.__main__ import CONFIG_KEYS, write

ROOT = Path(__file__).parents[3]
README = Path("README.md")
COMMAND = "python -m stepcli.cli.docs"


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with newly generated files."""
    root = tmp_path_factory.mktemp("generated")
    shutil.copy(ROOT / README, root)
    write(root)
    return root


@pytest.mark.parametrize("directory", ["man", "completions"])
def test_committed_files_are_what_the_generator_writes(directory: str, generated: Path) -> None:
    committed, expected = _files(ROOT / directory), _files(generated / directory)
    names = committed.keys() | expected.keys()
    stale = sorted(name for name in names if committed.get(name) != expected.get(name))
    assert not stale, f"{directory}/ is out of date ({', '.join(stale)}); run: {COMMAND}"


@pytest.mark.parametrize("file", [CONFIG_KEYS, README], ids=str)
def test_committed_file_is_what_the_generator_writes(file: Path, generated: Path) -> None:
    assert (ROOT / file).read_text() == (generated / file).read_text(), f"run: {COMMAND}"


def test_generator_deletes_pages_of_removed_commands(generated: Path, tmp_path: Path) -> None:
    (tmp_path / "man").mkdir()
    (tmp_path / "man" / "stepcli-sing.1").touch()
    write(tmp_path)
    assert _files(tmp_path / "man").keys() == _files(generated / "man").keys()


def _files(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir()}
