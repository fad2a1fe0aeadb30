"""The packages, and the wheel installed on every supported Python."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from tests.package.building import built, copied

VERSIONS = ("3.11", "3.12", "3.13", "3.11 least")
"""Of Python; with ``least`` everything else is as old as pyproject.toml allows."""
OLDEST_AND_NEWEST = pytest.mark.parametrize(
    "installation",
    [VERSIONS[-1], pytest.param(VERSIONS[-2], marks=pytest.mark.long)],
    indirect=True,
)
"""The environment of the other tests is almost the newest one."""
HOME = Path.home()


@dataclass(frozen=True)
class Installation:
    """An environment that contains only the wheel and its dependencies."""

    version: str
    programs: Path

    @property
    def python(self) -> Path:
        return self.programs / "python"


@pytest.fixture(scope="session")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copied(tmp_path_factory.mktemp("package") / "tree")


@pytest.fixture(scope="session")
def wheel(tree: Path) -> Path:
    return built(tree, "wheel")


@pytest.fixture(scope="session")
def sdist(tree: Path) -> Path:
    return built(tree, "sdist")


@pytest.fixture(scope="session", params=VERSIONS)
def installation(
    request: pytest.FixtureRequest, wheel: Path, tmp_path_factory: pytest.TempPathFactory
) -> Installation:
    """A new environment with that Python and the wheel."""
    version, _, least = request.param.partition(" ")
    interpreter = interpreter_of(version)
    if interpreter is None:
        pytest.skip(f"Python {version} is not installed")
    where = tmp_path_factory.mktemp(f"python{version}") / "venv"
    programs = where / "bin"
    _uv("venv", "--python", interpreter, where)
    age = ("--resolution", "lowest-direct", "--only-binary", ":all:") if least else ()
    _uv("pip", "install", *age, "--python", programs / "python", f"{wheel}[sandbox]")
    return Installation(version, programs)


def _uv(*arguments: str | Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "uv", "--quiet", *arguments],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


@cache
def interpreter_of(version: str) -> Path | None:
    return next((path for path in _candidates(version) if _runs(path, version)), None)


def _candidates(version: str) -> Iterator[Path]:
    """Yield this Python, the one on the PATH, and those of pyenv, whose shims may not run."""
    yield Path(sys.executable)
    if found := shutil.which(f"python{version}"):
        yield Path(found)
    yield from sorted((HOME / ".pyenv" / "versions").glob(f"{version}*/bin/python{version}"))


def _runs(interpreter: Path, version: str) -> bool:
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    done = subprocess.run([interpreter, "-c", code], capture_output=True, text=True, check=False)
    return done.stdout.strip() == version
