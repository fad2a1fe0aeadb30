"""What .packaging/README.md describes: bill of materials, licenses, and other packages."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tarfile
import tomllib
from importlib.metadata import metadata
from pathlib import Path

import pytest

from stepcli import __version__
from tests.package.building import ROOT, copied
from tests.package.conftest import VERSIONS, Installation, interpreter_of

PACKAGING = ROOT / ".packaging"
README = (PACKAGING / "README.md").read_text(encoding="utf-8")
SYSTEM_PYTHON = "/usr/bin/python3"


def _has_pip() -> bool:
    pip = [SYSTEM_PYTHON, "-m", "pip", "--version"]
    return Path(SYSTEM_PYTHON).exists() and subprocess.run(pip, capture_output=True).returncode == 0


@pytest.mark.parametrize("installation", [VERSIONS[0]], indirect=True)
def test_bill_of_materials_lists_what_is_installed(
    installation: Installation, tmp_path: Path
) -> None:
    (line,) = re.findall(r"^\.venv/bin/cyclonedx-py .*", README, re.MULTILINE)
    program, *arguments = shlex.split(
        line.replace("build/venv/bin/python", str(installation.python))
    )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    tool = Path(sys.executable).parent / Path(program).name
    subprocess.run([tool, *arguments], cwd=tmp_path, check=True, capture_output=True)
    bill = json.loads((tmp_path / "stepcli.cdx.json").read_text())
    names = {one["name"] for one in bill["components"]}
    assert bill["metadata"]["component"]["name"] == "stepcli"
    assert {"httpx", "sounddevice", "espeakng-loader"} <= names
    assert "pytest" not in names


def test_every_package_of_the_sandbox_extra_is_listed_with_its_license() -> None:
    """Packages that state a license expression state the same one."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    required = [re.split(r"[<>=]", one)[0] for one in project["optional-dependencies"]["sandbox"]]
    rows = re.findall(r"^\| ([\w-]+) \| ([\w.-]+) \|", README, re.MULTILINE)
    listed = dict(rows[2:])
    assert list(listed) == required
    for name, license in listed.items():
        stated = metadata(name)
        assert "License-Expression" not in stated or stated["License-Expression"] == license


def test_every_dependency_with_a_copyleft_license_is_listed() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    for name in (re.split(r"[<>=; ]", one)[0] for one in project["dependencies"]):
        (license,) = metadata(name).get_all("License-Expression") or [""]
        assert "GPL" not in license or f"{name} ({license}" in " ".join(README.split())


@pytest.mark.long
@pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="dpkg-deb is not installed")
def test_debian_package_contains_a_program_that_runs(tmp_path: Path) -> None:
    if not _has_pip():
        pytest.skip(f"{SYSTEM_PYTHON} has no pip")
    tree, root = copied(tmp_path / "tree"), tmp_path / "root"
    subprocess.run([tree / ".packaging" / "debian" / "build", tmp_path], check=True)
    (package,) = tmp_path.glob("*.deb")
    assert package.name.startswith(f"stepcli_{__version__}_")
    subprocess.run(["dpkg", "-x", package, root], check=True)
    library = root / "usr" / "lib" / "stepcli"
    done = subprocess.run(
        [SYSTEM_PYTHON, root / "usr" / "bin" / "stepcli", "speak", "Hello", "--dry-run"],
        env={"PATH": "/usr/bin", "HOME": str(tmp_path), "PYTHONPATH": str(library)},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "1 request" in done.stdout
    share = root / "usr" / "share"
    for name in ("man/man7/stepcli-recipes.7.gz", "bash-completion/completions/stepcli"):
        assert (share / name).is_file()
    assert list((library / "stepcli" / "__pycache__").glob("__main__.*.pyc"))


@pytest.mark.long
@pytest.mark.skipif(shutil.which("ruby") is None, reason="ruby is not installed")
def test_homebrew_formula_installs_a_program_that_runs(tmp_path: Path) -> None:
    """With stand-ins for what Homebrew provides."""
    interpreter = interpreter_of("3.13")
    if interpreter is None:
        pytest.skip("Python 3.13 is not installed")
    tree, prefix = copied(tmp_path / "tree"), tmp_path / "prefix"
    uv = Path(sys.executable).parent / "uv"
    build = tree / ".packaging" / "homebrew" / "build"
    subprocess.run([build, tmp_path], check=True, env={**os.environ, "UV": str(uv)})
    (sdist,) = tmp_path.glob("stepcli-*.tar.gz")
    formula = (tmp_path / "stepcli.rb").read_text()
    assert f'url "file://{sdist}"' in formula
    assert f'sha256 "{hashlib.sha256(sdist.read_bytes()).hexdigest()}"' in formula
    prefix.mkdir()
    with tarfile.open(sdist) as archive:
        archive.extractall(prefix, filter="data")
    (prefix / sdist.name.removesuffix(".tar.gz")).rename(prefix / "source")
    installed = [ROOT / "tests/package/formula.rb", tmp_path / "stepcli.rb", prefix, interpreter]
    subprocess.run(
        ["ruby", "-w", *installed], check=True, env={**os.environ, "HOME": str(tmp_path)}
    )
    for name in ("share/man/man7/stepcli-recipes.7", "etc/bash_completion.d/stepcli"):
        assert (prefix / name).is_file()


def test_arch_package_is_the_bundle_and_the_license(tmp_path: Path) -> None:
    """With a stand-in for the bundle, which the Debian package tests."""
    tree = copied(tmp_path / "tree")
    (tree / ".packaging" / "bundle").write_text('#!/bin/sh\necho "$@"\n')
    script = 'set -eu; source PKGBUILD; echo "$pkgname $pkgver"; package'
    arch = tree / ".packaging" / "arch"
    environ = {**os.environ, "startdir": str(arch), "pkgdir": str(tmp_path / "package")}
    done = subprocess.run(
        ["bash", "-c", script], cwd=arch, env=environ, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == [f"stepcli {__version__}", str(tmp_path / "package")]
    assert (tmp_path / "package/usr/share/licenses/stepcli/LICENSE").is_file()
