"""Builds of the packages from a copy of the tree."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]
EPOCH = "1750000000"

TREE = (
    ".github",
    ".gitignore",
    ".packaging",
    "CHANGELOG.md",
    "LICENSE",
    "README.md",
    "completions",
    "man",
    "pyproject.toml",
    "stepcli",
    "tests",
)
"""The top-level contents of an sdist, which are all that a build needs."""

_LEFT_BEHIND = shutil.ignore_patterns("__pycache__", ".*_cache", ".hypothesis")


def copied(to: Path) -> Path:
    """Return a copy of the tree without caches."""
    to.mkdir(parents=True)
    for name in TREE:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, to / name, ignore=_LEFT_BEHIND)
        else:
            shutil.copy(ROOT / name, to)
    return to


def built(tree: Path, kind: str, umask: int = 0o022, environ: Mapping[str, str] = {}) -> Path:
    """Build and return the ``wheel`` or ``sdist`` of ``tree``, to which it adds only ``dist``."""
    to = tree / "dist" / kind
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", to],
        cwd=tree,
        env={
            **os.environ,
            "SOURCE_DATE_EPOCH": EPOCH,
            "PYTHONDONTWRITEBYTECODE": "1",  # of the build hook
            **environ,
        },
        umask=umask,
        check=True,
        capture_output=True,
    )
    (package,) = to.iterdir()
    return package
