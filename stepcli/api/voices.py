"""Voices: preview, clone and list (PROTOCOL.md, section 5)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from stepcli.api.audio_payload import InvalidAudio, decode_base64, validated
from stepcli.api.catalog import SPEECH_MODEL
from stepcli.api.endpoint import Endpoint
from stepcli.api.responses import invalid_answer, read_object
from stepcli.api.retry import BILLED, IDEMPOTENT, ONCE, RetryPolicy
from stepcli.api.strict_json import as_text
from stepcli.base_url import BaseURL
from stepcli.errors import EndpointNotFoundError, NetworkError, StepcliError, UsageError

if TYPE_CHECKING:
    import httpx

    from stepcli.api.client import Client

LISTED_MODEL = "step-tts-2"
"""The only model whose official voices can be listed; the ids are valid for others too."""

LONGEST_SAMPLE_TEXT = 50
_PAGE = 100
_MOST_PAGES = 1000


@dataclass(frozen=True, slots=True)
class OfficialVoice:
    """A voice of the service, with its own description; fields may be empty."""

    id: str
    name: str = ""
    description: str = ""
    scene: str = ""


@dataclass(frozen=True, slots=True)
class ClonedVoice:
    """A voice of the account, cloned from the stored file `file_id`."""

    id: str
    file_id: str = ""
    created: datetime | None = None


@dataclass(frozen=True, slots=True)
class VoiceReference:
    """A stored sample of a voice; `transcript` is what it says, if known."""

    file_id: str
    transcript: str | None = None
    model: str = SPEECH_MODEL

    def to_json(self) -> dict[str, Any]:
        body = {"model": self.model, "file_id": self.file_id}
        return body | ({"text": self.transcript} if self.transcript else {})


@dataclass(frozen=True, slots=True)
class NewVoice:
    """A new voice; `duplicated` means that the service knew the sample already."""

    id: str
    duplicated: bool = False


@dataclass(frozen=True, slots=True)
class Preview:
    """The sound of a possible clone: a complete audio file, whose format its bytes show."""

    text: str
    sound: bytes = field(repr=False)


def preview(
    client: Client,
    reference: VoiceReference,
    sample_text: str,
    *,
    sample_rate: int | None = None,
    notify: Callable[[str], None] = lambda _: None,
) -> Preview:
    """Return `sample_text` in the voice of `reference`, without creating a voice.

    The service answers WAV whatever is requested, so nothing else is. It refuses another sentence
    for the same sample, and one of more than about a hundred characters.

    Some plan bases do not have previews. The open base, which charges the account instead of the
    plan, is then asked once, and `notify` gets a sentence about it.
    """
    body = reference.to_json() | {"sample_text": sample_text, "response_format": "wav"}
    if sample_rate is not None:
        body["sample_rate"] = sample_rate
    plan, open_base = client.endpoint.plan, client.endpoint.open
    with _advised():
        try:
            return _preview(client, plan, body)
        except EndpointNotFoundError:
            if open_base == plan:
                raise
        notify(f"the plan base has no previews; using {open_base}, which charges the account")
        return _preview(client, open_base, body, retry=ONCE)


def _preview(
    client: Client, base: BaseURL, body: Mapping[str, Any], retry: RetryPolicy = BILLED
) -> Preview:
    from stepcli.api.client import ApiRequest

    request = ApiRequest("POST", base.url("audio/voices/preview"), json=body, retry=retry)
    with client.open(request) as response:
        answer = read_object(response, client.endpoint)
        sound = _audio(answer, response, client.endpoint)
    return Preview(as_text(answer.get("sample_text")) or str(body["sample_text"]), sound)


_UNKNOWN_FILE = re.compile(r"\bfile[-_ ].{0,80}\b(?:not found|does not exist)", re.IGNORECASE)


@contextmanager
def _advised() -> Iterator[None]:
    try:
        yield
    except UsageError as refused:
        if refused.status == 400 and _UNKNOWN_FILE.search(refused.message):
            refused.add_hint("give an audio file, a voice id, or the id that an upload returned")
        elif refused.status == 400:
            refused.add_hint("a sample speaks one short sentence only: --say the same as before")
        raise


def clone(client: Client, reference: VoiceReference) -> NewVoice:
    """Create a voice from `reference`. It is charged at once, so the request is sent only once.

    An error after which the voice may exist says so. After one with `not_processed` set there is no
    voice.
    """
    from stepcli.api.client import TOO_MANY_REQUESTS, ApiRequest

    url = client.endpoint.plan.url("audio/voices")
    call = ApiRequest("POST", url, json=reference.to_json(), retry=ONCE)
    try:
        with client.open(call) as response:
            return _new_voice(response, client.endpoint)
    except StepcliError as exc:
        if not exc.not_processed:
            exc.add_detail("the voice may have been created and charged")
            exc.hint = f"{FIND_OUT} before you try again"
        elif exc.status == TOO_MANY_REQUESTS:
            exc.hint = "wait a little, then try again; stepcli sends this request only once"
        raise


FIND_OUT = "look with: stepcli voices list --cloned"


def official_voices(client: Client) -> list[OfficialVoice]:
    """Return the official voices in the order of the service."""
    answer = _read(client, f"audio/system_voices?model={LISTED_MODEL}")
    details = answer.get("voices-details")
    described = details if isinstance(details, Mapping) else {}
    listed = answer.get("voices")
    ids = [as_text(one) for one in listed] if isinstance(listed, list) else []
    return [_official(id, described.get(id)) for id in dict.fromkeys([*ids, *described]) if id]


def cloned_voices(client: Client) -> Iterator[ClonedVoice]:
    """Yield the account's voices, newest first, from all pages."""
    cursor, seen = "", {""}
    for _ in range(_MOST_PAGES):
        page = _read(client, f"audio/voices?{_page_after(cursor)}")
        items = page.get("data")
        voices = [_cloned(one) for one in items if _has_id(one)] if isinstance(items, list) else []
        yield from voices
        cursor = _next_cursor(page, voices)
        if cursor in seen:
            return
        seen.add(cursor)
    raise NetworkError(f"{client.endpoint.host} sent an endless list of voices")


def _page_after(cursor: str) -> str:
    after = {"after": cursor} if cursor else {}
    return urlencode({"limit": _PAGE, "order": "desc"} | after)


def _next_cursor(page: Mapping[str, Any], voices: list[ClonedVoice]) -> str:
    """Return the cursor of the next page, empty after the last."""
    if page.get("has_more") is not True:
        return ""
    return as_text(page.get("last_id")) or (voices[-1].id if voices else "")


def _read(client: Client, path: str) -> dict[str, Any]:
    from stepcli.api.client import ApiRequest

    with client.open(
        ApiRequest("GET", client.endpoint.open.url(path), retry=IDEMPOTENT)
    ) as response:
        return read_object(response, client.endpoint)


def _official(id: str, details: object) -> OfficialVoice:
    fields = details if isinstance(details, Mapping) else {}
    return OfficialVoice(
        id,
        as_text(fields.get("voice-name")).strip(),
        as_text(fields.get("voice-description")).strip(),
        _listed(fields.get("recommended_scene")),
    )


def _listed(value: object) -> str:
    return ", ".join(map(as_text, value)) if isinstance(value, list) else as_text(value).strip()


def _has_id(item: object) -> bool:
    return isinstance(item, Mapping) and bool(as_text(item.get("id")))


def _cloned(item: Mapping[str, Any]) -> ClonedVoice:
    return ClonedVoice(
        as_text(item["id"]), as_text(item.get("file_id")), _moment(item.get("created_at"))
    )


def _moment(value: object) -> datetime | None:
    """Return the time of a Unix timestamp, a number or text; None for anything else."""
    try:
        moment = datetime.fromtimestamp(int(as_text(value)), UTC)
    except (ValueError, OverflowError, OSError):
        return None
    # At either end of the calendar, conversion to another time zone overflows.
    return moment if 1 < moment.year < 9999 else None


def _new_voice(response: httpx.Response, endpoint: Endpoint) -> NewVoice:
    answer = read_object(response, endpoint)
    id = as_text(answer.get("id"))
    if not id:
        raise invalid_answer(response, endpoint.host, "a response without a voice id")
    return NewVoice(id, answer.get("duplicated") is True)


def _audio(answer: Mapping[str, Any], response: httpx.Response, endpoint: Endpoint) -> bytes:
    """Return the audio of a preview, whose format only the bytes tell."""
    try:
        audio = decode_base64(answer.get("sample_audio"))
        return b"".join(validated([audio], None))
    except InvalidAudio as exc:
        raise invalid_answer(response, endpoint.host, f"{exc} as a preview") from exc
    except ValueError:
        raise invalid_answer(response, endpoint.host, "a preview without audio") from None
