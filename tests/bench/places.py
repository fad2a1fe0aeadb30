"""Installations of the measured programs, as a user would have them."""

from __future__ import annotations

import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
PEERS = ("openai", "httpx", "websockets")


@dataclass(frozen=True)
class Places:
    """The ``stepcli`` command and the ``python`` that it runs on.

    ``python`` also runs the limits; ``peer_python`` has the packages of the other clients.
    """

    stepcli: tuple[str, ...]
    python: str
    peer_python: str

    def limit(self, name: str) -> tuple[str, ...]:
        return self.python, str(HERE / "limits" / f"{name}.py")

    def peer(self, name: str) -> tuple[str, ...]:
        return self.peer_python, str(HERE / "peers" / f"{name}.py")


def this_environment() -> Places:
    """Return the environment of this process, without an installation."""
    stepcli = Path(sys.executable).with_name("stepcli")
    return Places((str(stepcli),), sys.executable, sys.executable)


def installed(directory: Path) -> Places:
    """Return a plain installation of this checkout, and one of the other clients."""
    ours, peers = directory / "plain", directory / "peers"
    _install(ours, str(ROOT))
    # pip considers a package with the same version as installed, so it is removed first.
    _pip(ours, "install", "--force-reinstall", "--no-deps", str(ROOT))
    _install(peers, *PEERS)
    return Places(
        (str(_program(ours, "stepcli")),),
        str(_program(ours, "python")),
        str(_program(peers, "python")),
    )


def _install(place: Path, *packages: str) -> None:
    if not place.exists():
        venv.create(place, with_pip=True)
        # Scripts written by an old pip import `re` first.
        _pip(place, "install", "--upgrade", "pip")
    _pip(place, "install", *packages)


def _pip(place: Path, *arguments: str) -> None:
    subprocess.run([_program(place, "python"), "-m", "pip", "-qq", *arguments], check=True)


def _program(place: Path, name: str) -> Path:
    return place / ("Scripts" if sys.platform == "win32" else "bin") / name
