"""Where the programs that are measured are installed: as a user would have them."""

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
    """``stepcli`` is the command as it is typed; ``python`` the interpreter that it runs on, and
    the limits; ``peer_python`` has the packages that others would use."""

    stepcli: tuple[str, ...]
    python: str
    peer_python: str

    def limit(self, name: str) -> tuple[str, ...]:
        return self.python, str(HERE / "limits" / f"{name}.py")

    def peer(self, name: str) -> tuple[str, ...]:
        return self.peer_python, str(HERE / "peers" / f"{name}.py")


def this_environment() -> Places:
    """No installation at all: what runs this, with everything in it."""
    return Places((sys.executable, "-m", "stepcli"), sys.executable, sys.executable)


def installed(directory: Path) -> Places:
    """A plain installation of this checkout, without extras, and one of the peers, below it."""
    ours, peers = directory / "plain", directory / "peers"
    _install(ours, str(ROOT))
    # What has the version that is there already counts as installed, so it is taken away first.
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
        # The commands that an old pip writes import `re` before anything else.
        _pip(place, "install", "--upgrade", "pip")
    _pip(place, "install", *packages)


def _pip(place: Path, *arguments: str) -> None:
    subprocess.run([_program(place, "python"), "-m", "pip", "-qq", *arguments], check=True)


def _program(place: Path, name: str) -> Path:
    return place / ("Scripts" if sys.platform == "win32" else "bin") / name
