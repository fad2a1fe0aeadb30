"""The sources of settings: the environment, the config file, our directories, the defaults.

Command-line options, which `cli` defines, take precedence over the environment, which takes
precedence over `config.toml`, which takes precedence over the defaults.
"""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

from stepcli.errors import AuthError, UsageError

TYPE_CHECKING = False  # imported before the early connection begins, for which typing would wait
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

DEFAULT_BASE_URL = "https://api.stepfun.ai/step_plan/v1"
DEFAULT_TIMEOUT = 180.0
CONNECT_TIMEOUT = 10.0
"""Seconds to connect, TLS and proxies included."""
POLL_SECONDS = 0.2
"""The longest wait at a time; some systems deliver Ctrl-C only between waits."""
DEFAULT_RETRIES = 3
AUTO_JOBS = 16
"""Parallel requests that `--jobs auto` never exceeds."""
KEY_VARIABLES = ("STEP_API_KEY", "STEPFUN_API_KEY")
_LARGEST_CONFIG = 1_000_000
ALIASES = "aliases"
"""The table of voice names in the config file."""
REPLACE = "replace"
"""The table of words to replace in transcripts in the config file."""
CAST = "cast"
"""The table of the names in scripts and their voices in the config file."""
OWN_NAMES = (ALIASES, REPLACE, CAST)
"""The tables whose keys are the user's own names, not options."""


def config_dir() -> Path:
    return _directory("config")


def cache_dir() -> Path:
    return _directory("cache")


def state_dir() -> Path:
    """Return the directory of unfinished work."""
    return _directory("state")


def key_path() -> Path:
    """Return the path of the stored API key, whether it exists or not.

    It is not in the config directory, which users share and commit.
    """
    return _directory("data") / "credentials" / "key"


_XDG = {"config": ".config", "cache": ".cache", "state": ".local/state", "data": ".local/share"}


def _directory(kind: str) -> Path:
    """Return our directory of that kind.

    On Linux it follows https://specifications.freedesktop.org/basedir-spec/latest/ without
    platformdirs, whose import takes a third of the processor time until the early connection
    begins.
    """
    home, given = os.environ.get("HOME", ""), os.environ.get(f"XDG_{kind.upper()}_HOME", "")
    if sys.platform == "linux" and home.startswith("/"):
        base = Path(given) if given.startswith("/") else Path(home, _XDG[kind])
        return base / "stepcli"
    import platformdirs

    path: Path = getattr(platformdirs, f"user_{kind}_path")("stepcli", appauthor=False)
    return path


def config_path(environ: Mapping[str, str]) -> Path:
    """Return the path of the config file, whether it exists or not."""
    named = environ.get("STEPCLI_CONFIG")
    return Path(named) if named else config_dir() / "config.toml"


def load_config(environ: Mapping[str, str]) -> dict[str, Any]:
    """Return the contents of the config file; empty if there is none.

    Raise UsageError if the file cannot be read or is not TOML, or if `STEPCLI_CONFIG` names a
    file that does not exist.
    """
    path = config_path(environ)
    text = read_config(path)
    if text is not None:
        return _parse_toml(text, path)
    if environ.get("STEPCLI_CONFIG"):
        raise UsageError(f"the file {path} of STEPCLI_CONFIG does not exist")
    return {}


def read_config(path: Path, *, trusted: bool = False) -> bytes | None:
    """Return the bytes of the config file at `path`; None if there is none.

    The file sets where the API key is sent. Unless it is `trusted`, raise UsageError if others
    can write it; also raise UsageError if it cannot be read.
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
    """Raise UsageError unless only the user and root can write the file. Pipes are accepted."""
    if sys.platform == "win32" or not stat.S_ISREG(found.st_mode):
        return
    if found.st_mode & stat.S_IWOTH:
        raise UsageError(
            f"the config file {path} sets where your key is sent, but anybody can write it",
            hint=f"check its base-url, then run: chmod go-w '{path}'",
        )
    if os.geteuid() not in (0, found.st_uid) and found.st_uid != 0:
        raise UsageError(
            f"the config file {path} sets where your key is sent, but belongs to another user",
            hint="copy it and set STEPCLI_CONFIG to the copy",
        )


def _parse_toml(text: bytes, path: Path) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(text.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
        raise UsageError(f"the config file {path} is not valid TOML: {exc}") from None
    except RecursionError:
        raise UsageError(f"the config file {path} is nested too deeply") from None


def prefers_chinese(environ: Mapping[str, str]) -> bool:
    """Return whether the locale of the user is Chinese."""
    names = (environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return next((name for name in names if name), "").startswith("zh")


def aliases(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the `[aliases]` table of the config file: names of voices and their ids."""
    return own_names(ALIASES, environ)


def own_names(name: str, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the table `name` of the config file, whose keys are the user's own."""
    table = load_config(environ).get(name)
    return {key: str(value) for key, value in table.items()} if isinstance(table, dict) else {}


def voice_named(name: str, environ: Mapping[str, str]) -> str:
    """Return the voice id of the alias `name`, or `name` itself."""
    return aliases(environ).get(name, name)


def may_have_proxy(environ: Mapping[str, str]) -> bool:
    """Return whether a proxy may be configured, without the import that finding it takes."""
    configured = any(name.lower().endswith("_proxy") for name in environ)
    return configured or sys.platform in ("darwin", "win32")  # which have settings of their own


def checked_key(secret: str, source: str) -> str:
    """Return `secret` if it can be an API key. Raise AuthError, which does not show it."""
    if secret and all("!" <= character <= "~" for character in secret):
        return secret
    if not secret:
        raise AuthError(f"no API key in {source}", hint="stepcli auth login")
    raise AuthError(
        f"the API key in {source} contains spaces or other invalid characters",
        hint="copy the key again, without quotes or line breaks",
    )
