"""The API key: from the environment, a file that only its owner can read, or the system keyring.

If the key is in the keyring, the file contains `keyring:stepcli`, so that other runs need not load
the keyring library to find out.
"""

from __future__ import annotations

import os
import re
import stat
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from stepcli.errors import AuthError, OutputError, StepcliError, UsageError
from stepcli.redaction import register_secret
from stepcli.settings import KEY_VARIABLES, checked_key, key_path
from stepcli.storage.atomic_file import write_private
from stepcli.storage.directories import open_regular
from stepcli.storage.os_errors import os_errors_as

if TYPE_CHECKING:
    from types import ModuleType

IN_KEYRING = "keyring:stepcli"
_SERVICE, _USER = "stepcli", "api-key"
_LONGEST = 4096

_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"))
_AROUND = r"""
      ^ [\s"'`“”‘’]+ | [\s"'`“”‘’;]+ $
    | ^ (?: export | set ) \s+ (?= \w+ \s* = ) | ^ \$env: (?= \w+ \s* = )
    | ^ (?: STEP | STEPFUN ) _API_KEY \s* [=:]
    | ^ (?: Authorization \s* : \s* )? Bearer \s+
    """


@dataclass(frozen=True, slots=True)
class Key:
    """The API key and its source. Once created, it is redacted from all output."""

    secret: str = field(repr=False)
    source: str

    def __post_init__(self) -> None:
        register_secret(self.secret)


def find_key(environ: Mapping[str, str], key_page: str) -> Key:
    """Return the API key from the environment, or else the stored one.

    Raise AuthError if there is none or it is malformed. The hint names `key_page`, the page on
    which the service creates keys.
    """
    for name in KEY_VARIABLES:
        if secret := environ.get(name, "").strip():
            return Key(checked_key(secret, name), name)
    if found := stored_key():
        secret, source = found
        return Key(checked_key(secret, source), source)
    raise AuthError(
        "no API key",
        hint=(
            f"create a key at {key_page}, then run stepcli auth login or set STEP_API_KEY; "
            "--sandbox needs no key"
        ),
    )


def stored_key() -> tuple[str, str] | None:
    """Return the stored key, unchecked, and its location; None if there is none.

    Raise AuthError if the file cannot be read or others can read it.
    """
    path = key_path()
    content = _content(path)
    if content is None:
        return None
    if content == IN_KEYRING:
        return _from_keyring(), "the keyring"
    return content, str(path)


def pasted_key(text: str) -> str:
    """Return the key in `text`, without what is often copied with it.

    These are white space and invisible characters, quotation marks, `Bearer`, and the assignment to
    an environment variable. The result is not checked.
    """
    text = text.translate(_INVISIBLE)
    flags = re.IGNORECASE | re.VERBOSE
    while (stripped := re.sub(_AROUND, "", text, flags=flags)) != text:
        text = stripped
    return text


def keep_in_file(secret: str) -> Path:
    """Store `secret` in the key file only, and return the file."""
    path = key_path()
    if _points_to_keyring(path):
        _drop_from_keyring()
    _write(path, secret)
    return path


def keep_in_keyring(secret: str) -> None:
    """Store `secret` in the system keyring only.

    Raise UsageError without the keyring extra, AuthError if the keyring does not accept it.
    """
    keyring = _keyring()
    try:
        keyring.set_password(_SERVICE, _USER, secret)
    except keyring.errors.KeyringError as exc:
        raise _keyring_failed(exc) from exc
    _write(key_path(), IN_KEYRING)


def forget() -> bool:
    """Remove the stored key and return whether there was one."""
    path = key_path()
    with os_errors_as(OutputError, f"cannot remove {path}"):
        try:
            if _points_to_keyring(path):
                _drop_from_keyring()
            path.unlink()
        except (FileNotFoundError, NotADirectoryError):
            return False
    return True


def _content(path: Path) -> str | None:
    with os_errors_as(AuthError, f"cannot read the key file {path}"):
        try:
            with open_regular(path) as file:
                _refuse_if_others_can_read(path, os.fstat(file.fileno()))
                return file.read(_LONGEST).decode(errors="replace").strip()
        except (FileNotFoundError, NotADirectoryError):
            return None


def _refuse_if_others_can_read(path: Path, found: os.stat_result) -> None:
    """Raise AuthError unless only the user can read the file; root may use any owner's."""
    if sys.platform == "win32":
        return
    mode = found.st_mode
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise AuthError(
            f"the key file {path} is accessible to other users (mode {stat.S_IMODE(mode):04o})",
            hint=f"chmod 600 '{path}', and replace the key if others may have read it",
        )
    if os.geteuid() not in (0, found.st_uid) and found.st_uid != 0:
        raise AuthError(
            f"the key file {path} belongs to another user", hint="stepcli auth login replaces it"
        )


def _points_to_keyring(path: Path) -> bool:
    try:
        return path.read_text(errors="replace").strip() == IN_KEYRING
    except OSError:
        return False


def _write(path: Path, content: str) -> None:
    """Replace the key file in a directory that only its owner can enter. Raise OutputError."""
    write_private(path, f"{content}\n".encode())
    with os_errors_as(OutputError, f"cannot protect {path.parent}"):
        path.parent.chmod(0o700)


def _keyring() -> ModuleType:
    try:
        import keyring
        import keyring.errors
    except ImportError:
        raise UsageError(
            "the keyring extra is not installed", hint="pip install 'stepcli[keyring]'"
        ) from None
    return keyring


def _from_keyring() -> str:
    keyring = _keyring()
    try:
        secret: str | None = keyring.get_password(_SERVICE, _USER)
    except keyring.errors.KeyringError as exc:
        raise _keyring_failed(exc) from exc
    if secret is None:
        raise AuthError("the keyring has no key for stepcli", hint="stepcli auth login --keyring")
    return secret


def _drop_from_keyring() -> None:
    """Remove the key from the keyring, if it is there."""
    keyring = _keyring()
    with suppress(keyring.errors.KeyringError):
        keyring.delete_password(_SERVICE, _USER)


def _keyring_failed(error: Exception) -> StepcliError:
    return AuthError(
        f"the system's keyring failed: {error}",
        hint="stepcli auth login without --keyring stores the key in a file",
    )
