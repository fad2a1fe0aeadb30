"""``stepcli voices list``: official voices, with a built-in fallback, and cloned voices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from stepcli.api.catalog import VOICES, may_speak, replaces_cloned_voices, voices_at
from stepcli.api.voices import ClonedVoice, OfficialVoice, cloned_voices, official_voices
from stepcli.cli.context import Run
from stepcli.cli.io.table import Column, show_table
from stepcli.cli.io.terminal import Terminal
from stepcli.cli.params.voice_names import remember
from stepcli.errors import AuthError, StepcliError
from stepcli.settings import aliases, prefers_chinese

if TYPE_CHECKING:
    from stepcli.api.client import Client
    from stepcli.base_url import BaseURL

_REFUSED = 401


@dataclass(frozen=True, slots=True)
class Voices:
    """Lists of voices. ``official_from`` is ``service``, or ``built-in`` for the fallback."""

    official: list[OfficialVoice]
    cloned: list[ClonedVoice]
    official_from: str = "service"


def list_voices(
    run: Run, *, official: bool = False, cloned: bool = False, model: str | None = None
) -> None:
    """Print the official or the cloned voices, or both, that `model` speaks with.

    If only one of both lists is available, stderr says why.
    """
    voices = _load(run, official=official, cloned=cloned)
    if model:
        voices = _of_model(run, voices, model)
    names = _aliases_by_id(run.environ)
    entries = [*_official_entries(voices.official, names), *_cloned_entries(voices.cloned, names)]
    if run.terminal.json:
        run.terminal.result_json({"voices": entries, "official_from": voices.official_from})
    else:
        _show(run.terminal, entries, chinese=prefers_chinese(run.environ))


def _load(run: Run, *, official: bool, cloned: bool) -> Voices:
    try:
        with run.client() as client:
            voices = _request(run, client, official=official, cloned=cloned)
    except AuthError as exc:
        if cloned or exc.status is not None:
            raise
        return _built_in(run, exc)
    if not run.connection.sandbox:
        _cache_names(voices, run.base_url)
    return voices


def _of_model(run: Run, voices: Voices, model: str) -> Voices:
    """Return those of `voices` that `model` is not known to lack."""
    if voices.cloned and replaces_cloned_voices(model):
        run.terminal.info(f"{model} speaks with an official voice instead of a cloned one")
        voices = replace(voices, cloned=[])
    return replace(voices, official=[one for one in voices.official if may_speak(one.id, model)])


def _request(run: Run, client: Client, *, official: bool, cloned: bool) -> Voices:
    """Request the selected lists; without a selection, a failure of one list is not fatal."""
    both = official == cloned
    found = _official(run, client) if official or both else Voices([], [])
    if cloned or both:
        found = replace(found, cloned=_cloned(run, client, strict=cloned))
    return found


def _cloned(run: Run, client: Client, *, strict: bool) -> list[ClonedVoice]:
    try:
        return list(cloned_voices(client))
    except StepcliError as exc:
        if strict or exc.status == _REFUSED:
            raise _explained(exc) from exc
        run.terminal.info(f"cannot list cloned voices: {_reason(exc)}")
        return []


def _official(run: Run, client: Client) -> Voices:
    try:
        return Voices(official_voices(client), [])
    except StepcliError as exc:
        if exc.status == _REFUSED:
            raise
        return _built_in(run, exc)


def _built_in(run: Run, why: StepcliError) -> Voices:
    run.terminal.info(f"cannot get the list of voices, showing the built-in list: {_reason(why)}")
    return Voices([OfficialVoice(voice.id) for voice in voices_at(run.site)], [], "built-in")


def _reason(failure: StepcliError) -> str:
    hint = _explained(failure).hint
    return f"{failure.message}; {hint}" if hint else failure.message


def _explained(failure: StepcliError) -> StepcliError:
    """Add a hint: a refusal that is not about the key may be about the account's plan."""
    if failure.kind == "usage" and failure.status:
        failure.hint = "an account with only a Step Plan may not have access to this list"
    return failure


def _official_entries(voices: Iterable[OfficialVoice], names: Names) -> list[dict[str, Any]]:
    return [
        {
            "id": voice.id,
            "kind": "official",
            "aliases": names.get(voice.id, []),
            **_documented(voice.id),
            "name": voice.name or _chinese(voice.id),
            "description": voice.description or None,
            "scene": voice.scene or None,
        }
        for voice in voices
    ]


def _documented(id: str) -> dict[str, Any]:
    """Return the documented facts about an official voice, null where there are none."""
    voice = VOICES.get(id)
    return {
        "english": voice and voice.english,
        "sex": voice and voice.sex,
        "language": voice and voice.language,
        "models": voice and list(voice.speech_models),
    }


def _chinese(id: str) -> str | None:
    return (VOICES[id].chinese or None) if id in VOICES else None


def _cloned_entries(voices: Iterable[ClonedVoice], names: Names) -> list[dict[str, Any]]:
    return [
        {
            "id": voice.id,
            "kind": "cloned",
            "aliases": names.get(voice.id, []),
            "created_at": voice.created and voice.created.isoformat(),
            "file_id": voice.file_id or None,
        }
        for voice in voices
    ]


Names = dict[str, list[str]]
"""The aliases of each voice id."""


def _aliases_by_id(environ: Mapping[str, str]) -> Names:
    names: Names = {}
    for name, id in aliases(environ).items():
        names.setdefault(id, []).append(name)
    return names


def _show(terminal: Terminal, entries: list[dict[str, Any]], *, chinese: bool) -> None:
    rows = [(one["id"], one["kind"], _description(one, chinese=chinese)) for one in entries]
    show_table(terminal, rows, (Column("bold"), Column("dim"), Column()))
    if not entries:
        terminal.note("no voices found")


def _description(entry: dict[str, Any], *, chinese: bool) -> str:
    """Return what is known about a voice, in Chinese or English where there is a choice."""
    day = entry.get("created_at") and datetime.fromisoformat(entry["created_at"]).astimezone()
    parts = [
        ", ".join(entry["aliases"]),
        day and day.date().isoformat(),
        entry.get("language"),
        _CHINESE.get(entry.get("sex") or "") if chinese else entry.get("sex"),
        *_names(entry, chinese=chinese),
    ]
    return " · ".join(dict.fromkeys(" ".join(part.split()) for part in parts if part))


_CHINESE = {"female": "女声", "male": "男声"}


def _names(entry: dict[str, Any], *, chinese: bool) -> list[str | None]:
    """Return the English description, or what the service and the list say in Chinese."""
    described = [entry.get(field) for field in ("name", "description", "scene")]
    english = entry.get("english")
    if chinese:
        return described if any(described) else [english]
    return [english] if english else described


def _cache_names(voices: Voices, base: BaseURL) -> None:
    official = [
        (one.id, VOICES[one.id].english if one.id in VOICES else one.name)
        for one in voices.official
    ]
    remember([*official, *((one.id, "cloned") for one in voices.cloned)], base)
