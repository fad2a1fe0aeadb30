"""Names of voices: the user's aliases, and what a shell can complete after ``-v``."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from stepcli.api.catalog import ENGLISH, INTERNATIONAL
from stepcli.errors import StepcliError, UsageError
from stepcli.settings import aliases, cache_dir, voice_named

_PLAIN = re.compile(r"[\w:-]+")
_OF_THE_SERVICE = ("file-", "voice-")


def voice_id(name: str) -> str:
    """The voice that ``-v name`` means, whichever command it is given to.

    A config file that cannot be read stops a run before this, or is just being mended.
    """
    try:
        return voice_named(name, os.environ)
    except UsageError:
        return name


def checked_alias(name: str) -> str:
    """``name`` if it can be an alias: a word of its own that hides no voice and no file."""
    if not _PLAIN.fullmatch(name) or name.startswith("-"):
        raise UsageError(f"{name!r} cannot be a name: use letters, digits, '-' and '_'")
    if name in ENGLISH or name.startswith(_OF_THE_SERVICE):
        raise UsageError(f"{name!r} cannot be a name: the service has voices or files called so")
    return name


def complete(incomplete: str) -> list[tuple[str, str]]:
    """Voices that begin with ``incomplete``, each with a word about it. Asks nobody."""
    known = {id: ENGLISH[id] for id in INTERNATIONAL} | _remembered()
    with suppress(StepcliError):
        known |= {name: f"alias of {id}" for name, id in aliases(os.environ).items()}
    return [(id, about) for id, about in known.items() if id.startswith(incomplete)]


def remember(voices: Iterable[tuple[str, str]]) -> None:
    """Keep ids and what they are for ``complete``. A cache that cannot be written is no failure."""
    known = _remembered() | {id: about for id, about in voices if _PLAIN.fullmatch(id)}
    from stepcli.storage.atomic_file import write_private

    with suppress(StepcliError):
        write_private(_cache(), json.dumps(known, ensure_ascii=False).encode())


def _cache() -> Path:
    return cache_dir() / "voices.json"


def _remembered() -> dict[str, str]:
    try:
        known = json.loads(_cache().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {str(id): str(about) for id, about in known.items()} if isinstance(known, dict) else {}
