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
    may_speak,
    site_of,
    voices_at,
)
from stepcli.base_url import BaseURL
from stepcli.errors import StepcliError, UnknownVoiceError, UsageError
from stepcli.settings import aliases, cache_dir, prefers_chinese, voice_named
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
        raise UsageError(f"{name!r} cannot be a name: the service uses it for a voice or a file")
    return name


def warn_about_voices(requests: Iterable[SpeechRequest], inform: Callable[[str], None]) -> None:
    """Pass a warning to `inform` for each voice that the model replaces with another one."""
    for voice, model in dict.fromkeys((one.voice, one.model) for one in requests):
        if voice.startswith(CLONED_PREFIX) and not may_speak(voice, model):
            inform(
                f"{model} does not speak with cloned voices; "
                f"the service uses an official voice instead of {voice}"
            )


@contextmanager
def suggesting_voices(base: BaseURL, environ: Mapping[str, str]) -> Iterator[None]:
    """Add a hint to UnknownVoiceError: another voice at `base`, and how to list them."""
    try:
        yield
    except UnknownVoiceError as exc:
        model = "" if exc.model == SPEECH_MODEL else f" --model {exc.model}"
        others = [
            name
            for name in voices_for(base, exc.model, environ)
            if voice_id(name, environ) != exc.voice
        ]
        exc.hint = (
            f"{_suggestion(exc.voice, others)}; list the voices with: stepcli voices list{model}"
        )
        raise


def _suggestion(voice: str, others: list[str]) -> str:
    """Return a sentence about one of `others`: a similar one if `voice` seems to be mistyped."""
    from difflib import get_close_matches

    if voice not in VOICES and not voice.startswith(CLONED_PREFIX):
        for similar in get_close_matches(voice, others, n=1):
            return f"did you mean {similar}?"
    common = (DEFAULT_VOICE, ALTERNATIVE_VOICE, *others)
    return f"another voice is {next(one for one in common if one in others)}"


def known_voices(base: BaseURL, environ: Mapping[str, str]) -> dict[str, str]:
    """Return what can follow ``-v``, each with a description, without asking the service.

    These are the built-in voices of the site of `base`, those that its host has listed, and
    aliases.
    """
    chinese = prefers_chinese(environ)
    known = {
        voice.id: (chinese and voice.chinese) or voice.english for voice in voices_at(site_of(base))
    }
    known |= _remembered().get(base.host, {})
    with suppress(StepcliError):
        known |= {name: f"alias of {id}" for name, id in aliases(environ).items()}
    return known


def voices_for(base: BaseURL, model: str, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the `known_voices` that `model` may speak with."""
    return {
        name: about
        for name, about in known_voices(base, environ).items()
        if may_speak(voice_id(name, environ), model)
    }


def remember(voices: Iterable[tuple[str, str]], base: BaseURL) -> None:
    """Cache ids and their descriptions for completion at `base`; ignore a cache failure."""
    from stepcli.storage.atomic_file import write_private

    remembered = _remembered()
    listed = {id: about for id, about in voices if _PLAIN.fullmatch(id)}
    remembered[base.host] = remembered.get(base.host, {}) | listed
    with suppress(StepcliError):
        write_private(_cache(), json.dumps(remembered, ensure_ascii=False).encode())


def _cache() -> Path:
    return cache_dir() / "voices.json"


def _remembered() -> dict[str, dict[str, str]]:
    """Return the cached voices by the host that listed them."""
    try:
        with open_regular(_cache()) as file:
            cached = json.loads(file.read())
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(cached, dict):
        return {}
    return {
        host: {str(id): str(about) for id, about in voices.items()}
        for host, voices in cached.items()
        if isinstance(voices, dict)
    }
