"""Names of voices: the user's aliases, and what a shell can complete after ``-v``."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from stepcli.api.catalog import (
    ALTERNATIVE_VOICE,
    CLONED_PREFIX,
    DEFAULT_VOICE,
    SPEECH_MODEL,
    VOICES,
    Site,
    may_speak,
    voices_at,
)
from stepcli.errors import StepcliError, UnknownVoiceError, UsageError
from stepcli.settings import aliases, cache_dir, voice_named
from stepcli.storage.directories import open_regular

if TYPE_CHECKING:
    from stepcli.api.speech import SpeechRequest

_PLAIN = re.compile(r"[\w:-]+")
_OF_THE_SERVICE = ("file-", "voice-")


def voice_id(name: str, environ: Mapping[str, str]) -> str:
    """Return the voice that ``-v name`` selects, in any command.

    An unreadable config file is ignored here: other code reports it, or the command is repairing
    it.
    """
    try:
        return voice_named(name, environ)
    except UsageError:
        return name


def checked_alias(name: str) -> str:
    """``name`` if it can be an alias: a word of its own that hides no voice and no file."""
    if not _PLAIN.fullmatch(name) or name.startswith("-"):
        raise UsageError(f"{name!r} cannot be a name: use letters, digits, '-' and '_'")
    if name in VOICES or name.startswith(_OF_THE_SERVICE):
        raise UsageError(f"{name!r} cannot be a name: the service has voices or files called so")
    return name


def warn_about_voices(requests: Iterable[SpeechRequest], note: Callable[[str], None]) -> None:
    """Pass a warning to `note` for each voice that the model replaces with another one."""
    for voice, model in dict.fromkeys((one.voice, one.model) for one in requests):
        if voice.startswith(CLONED_PREFIX) and not may_speak(voice, model):
            note(
                f"stepcli: {model} does not speak with cloned voices; "
                f"the service uses an official voice instead of {voice}"
            )


@contextmanager
def suggesting_voices(site: Site, environ: Mapping[str, str]) -> Iterator[None]:
    """Add a hint to UnknownVoiceError: another voice of `site`, and how to list them."""
    try:
        yield
    except UnknownVoiceError as exc:
        model = "" if exc.model == SPEECH_MODEL else f" --model {exc.model}"
        suggestion = _suggestion(exc.voice, [*voices_for(site, exc.model, environ)])
        exc.hint = f"{suggestion}; list the voices with: stepcli voices list{model}"
        raise


def _suggestion(voice: str, voices: list[str]) -> str:
    """Return a sentence about one of `voices`: a similar one if `voice` seems to be mistyped."""
    from difflib import get_close_matches

    if voice not in VOICES:
        for similar in get_close_matches(voice, voices, n=1):
            return f"did you mean {similar}?"
    common = (DEFAULT_VOICE, ALTERNATIVE_VOICE, *voices)
    return f"another voice is {next(one for one in common if one in voices and one != voice)}"


def known_voices(site: Site, environ: Mapping[str, str]) -> dict[str, str]:
    """Return what can follow ``-v``, each with a description, without asking the service.

    These are the built-in voices of `site`, those that were last listed there, and aliases.
    """
    known = {voice.id: voice.english for voice in voices_at(site)}
    known |= _remembered().get(site.domain, {})
    with suppress(StepcliError):
        known |= {name: f"alias of {id}" for name, id in aliases(environ).items()}
    return known


def voices_for(site: Site, model: str, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the `known_voices` that `model` may speak with."""
    return {
        name: about
        for name, about in known_voices(site, environ).items()
        if may_speak(voice_id(name, environ), model)
    }


def remember(voices: Iterable[tuple[str, str]], site: Site) -> None:
    """Cache ids of `site` and their descriptions for completion; ignore a cache failure."""
    from stepcli.storage.atomic_file import write_private

    remembered = _remembered()
    listed = {id: about for id, about in voices if _PLAIN.fullmatch(id)}
    remembered[site.domain] = remembered.get(site.domain, {}) | listed
    with suppress(StepcliError):
        write_private(_cache(), json.dumps(remembered, ensure_ascii=False).encode())


def _cache() -> Path:
    return cache_dir() / "voices.json"


def _remembered() -> dict[str, dict[str, str]]:
    """Return the cached voices by the domain of their site."""
    try:
        with open_regular(_cache()) as file:
            cached = json.loads(file.read())
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(cached, dict):
        return {}
    return {
        domain: {str(id): str(about) for id, about in voices.items()}
        for domain, voices in cached.items()
        if isinstance(voices, dict)
    }
