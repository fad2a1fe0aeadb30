"""Where a run's settings come from: the key, the config file, the bases.

Order: flag, then environment, then ``config.toml``, then the default. The flags themselves are
defined in ``cli``; this room reads the sources beside them.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from stepcli.base_url import BaseURL
from stepcli.errors import AuthError, UsageError
from stepcli.redaction import register_secret

DEFAULT_BASE_URL = "https://api.stepfun.ai/step_plan/v1"
DEFAULT_TIMEOUT = 180.0
DEFAULT_RETRIES = 3
KEY_VARIABLES = ("STEP_API_KEY", "STEPFUN_API_KEY")
_LARGEST_CONFIG = 1_000_000
ALIASES = "aliases"
"""The config file's table of names for voices."""


@dataclass(frozen=True, slots=True)
class Key:
    """The API key and where it was found. From then on it is redacted from everything written."""

    secret: str = field(repr=False)
    source: str

    def __post_init__(self) -> None:
        register_secret(self.secret)


@dataclass(frozen=True, slots=True)
class Settings:
    """What one run talks to and how patiently. ``timeout`` is seconds of silence, not a total."""

    key: Key
    base_url: BaseURL
    timeout: float = DEFAULT_TIMEOUT
    retries: int = DEFAULT_RETRIES


def config_dir() -> Path:
    from platformdirs import user_config_path

    return user_config_path("stepcli", appauthor=False)


def cache_dir() -> Path:
    from platformdirs import user_cache_path

    return user_cache_path("stepcli", appauthor=False)


def state_dir() -> Path:
    """Where unfinished work waits."""
    from platformdirs import user_state_path

    return user_state_path("stepcli", appauthor=False)


def config_path(environ: Mapping[str, str]) -> Path:
    """The config file this run reads, whether or not it exists."""
    named = environ.get("STEPCLI_CONFIG")
    return Path(named) if named else config_dir() / "config.toml"


def load_config(environ: Mapping[str, str]) -> dict[str, Any]:
    """The config file's contents; empty where there is none.

    Raises UsageError for a file that cannot be read or is not TOML, and for a file named by
    ``STEPCLI_CONFIG`` that does not exist.
    """
    path = config_path(environ)
    text = read_config(path)
    if text is not None:
        return _parse_toml(text, path)
    if environ.get("STEPCLI_CONFIG"):
        raise UsageError(f"STEPCLI_CONFIG names {path}, which does not exist")
    return {}


def read_config(path: Path, *, trusted: bool = False) -> bytes | None:
    """What the config file at ``path`` contains; None where there is none.

    It says where the key is sent. So, unless it is ``trusted``, it has to be one's own: raises
    UsageError for one that others can write, as for one that cannot be read.
    """
    try:
        with path.open("rb") as file:
            if not trusted:
                _refuse_if_others_can_write(path, os.fstat(file.fileno()))
            text = file.read(_LARGEST_CONFIG + 1)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as exc:
        reason = getattr(exc, "strerror", exc)
        raise UsageError(f"cannot read the config file {path}: {reason}") from None
    if len(text) > _LARGEST_CONFIG:
        raise UsageError(f"the config file {path} is larger than 1 MB")
    return text


def _refuse_if_others_can_write(path: Path, found: os.stat_result) -> None:
    """root may use whose file it likes; what is no file, as a pipe, somebody has just made."""
    if sys.platform == "win32" or not stat.S_ISREG(found.st_mode):
        return
    if found.st_mode & stat.S_IWOTH:
        raise UsageError(
            f"anybody can write the config file {path}, and so say where your key is sent",
            hint=f"look whether its base-url is right, then: chmod go-w '{path}'",
        )
    if os.geteuid() not in (0, found.st_uid) and found.st_uid != 0:
        raise UsageError(
            f"the config file {path} is somebody else's, who could say where your key is sent",
            hint="copy it and name the copy: STEPCLI_CONFIG=FILE",
        )


def _parse_toml(text: bytes, path: Path) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(text.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
        raise UsageError(f"the config file {path} is not valid TOML: {exc}") from None
    except RecursionError:
        raise UsageError(f"the config file {path} is nested too deeply") from None


def aliases(environ: Mapping[str, str]) -> dict[str, str]:
    """The user's own names for voices: a table of the config file, name to voice id."""
    table = load_config(environ).get(ALIASES)
    return {name: str(id) for name, id in table.items()} if isinstance(table, dict) else {}


def voice_named(name: str, environ: Mapping[str, str]) -> str:
    """The voice id that ``name`` stands for: an alias's, or ``name`` itself."""
    return aliases(environ).get(name, name)


def find_key(environ: Mapping[str, str]) -> Key:
    """The API key: of the environment, else what ``auth login`` kept.

    Raises AuthError where there is none or it cannot be a key.
    """
    for name in KEY_VARIABLES:
        if secret := environ.get(name, "").strip():
            return Key(checked_key(secret, name), name)
    from stepcli.credentials import stored_key

    if found := stored_key():
        secret, source = found
        return Key(checked_key(secret, source), source)
    raise AuthError(
        "no API key",
        hint="stepcli auth login, or set STEP_API_KEY, or try without an account: --sandbox",
    )


def checked_key(secret: str, source: str) -> str:
    """``secret`` if it can be sent as a key. Raises AuthError, which does not show it."""
    if secret and all("!" <= character <= "~" for character in secret):
        return secret
    if not secret:
        raise AuthError(f"there is no key in {source}", hint="stepcli auth login")
    raise AuthError(
        f"the API key in {source} contains spaces or characters that no key has",
        hint="copy the key again, without quotes or line breaks",
    )
