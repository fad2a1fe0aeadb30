"""Recognition, `POST {plan}/audio/asr/sse` (PROTOCOL.md, section 6)."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import chain, count
from typing import TYPE_CHECKING, Any

from stepcli.api import responses
from stepcli.api.catalog import RECOGNITION_MODEL
from stepcli.api.strict_json import as_seconds, as_text
from stepcli.api.traffic import summary_of_sound
from stepcli.audio_types import Recording
from stepcli.errors import NetworkError, NoSpeechError, QuotaError, UsageError

if TYPE_CHECKING:
    import httpx

    from stepcli.api.client import Client, StreamedBody

_BLOCK = 3 * 4 * 1024

LONGEST_STREAM = 16 * 1024 * 1024
"""The most characters of a response: four times half an hour of fast speech, word by word."""


@dataclass(frozen=True, slots=True)
class RecognitionRequest:
    """Audio and how to recognize it. `itn` writes numbers as digits.

    The service chooses the language if it is None.
    """

    recording: Recording
    language: str | None
    model: str = RECOGNITION_MODEL
    hotwords: tuple[str, ...] = ()
    itn: bool = True
    timestamps: bool = True

    def to_json(self) -> dict[str, Any]:
        """Return the body, with an empty string in place of the audio."""
        transcription: dict[str, Any] = {
            "model": self.model,
            **({"language": self.language} if self.language else {}),
            "enable_itn": self.itn,
            "enable_timestamp": self.timestamps,
        }
        if self.hotwords:
            transcription["hotwords"] = list(self.hotwords)
        input = {"transcription": transcription, "format": _format(self.recording)}
        return {"audio": {"data": "", "input": input}}


def _format(recording: Recording) -> dict[str, Any]:
    if recording.pcm is None:
        return {"type": recording.container}
    return {
        "type": "pcm",
        "codec": "pcm_s16le",
        "rate": recording.pcm.rate,
        "bits": 16,
        "channel": recording.pcm.channels,
    }


@dataclass(frozen=True, slots=True)
class TranscriptDelta:
    """A piece of recognized text; `start` and `end` in seconds, None if unknown."""

    text: str
    start: float | None = None
    end: float | None = None


@dataclass(frozen=True, slots=True)
class TranscriptDone:
    """The whole text, which overrides the deltas, the usage, and the identifiers for support."""

    text: str
    usage: Mapping[str, Any] = field(default_factory=dict)
    session_id: str | None = None
    trace_id: str | None = None


@contextmanager
def recognize(
    client: Client, request: RecognitionRequest
) -> Iterator[Iterator[TranscriptDelta | TranscriptDone]]:
    """Yield deltas, then one TranscriptDone, with the text of the deltas if it has none.

    Audio in which the service finds no speech has an empty text. Raise the error that an `error`
    event reports, and NetworkError for a stream that ends without either. A request that the first
    event refuses with a 429 is sent again, as one that HTTP refuses is.
    """
    import httpx_sse  # noqa: F401 - before the request, because its answer would wait for the import

    from stepcli.api.client import ApiRequest

    call = ApiRequest(
        "POST",
        client.endpoint.plan.url("audio/asr/sse"),
        upload=_body(request),
        accept="text/event-stream",
    )
    has_begun = False
    for attempt in count(1):
        try:
            with client.open(call) as response:
                incoming = _until_done(response, client)
                first = next(incoming)
                has_begun = True
                yield chain((first,), incoming)
            return
        except NoSpeechError as error:
            yield iter([TranscriptDone("", trace_id=error.trace_id)])
            return
        except QuotaError as error:
            if has_begun or error.status or error.affects_all_requests:
                raise
            client.wait_to_repeat(attempt, error)


def _until_done(
    response: httpx.Response, client: Client
) -> Iterator[TranscriptDelta | TranscriptDone]:
    from stepcli.api.service_errors import error_for_event, is_error, shown

    trace_id = response.headers.get("x-trace-id")
    session, received = None, ""
    try:
        for event in responses.events(response, client.endpoint, LONGEST_STREAM):
            session = shown(_session_of(event)) or session
            if is_error(event):
                base = client.endpoint.plan
                raise error_for_event(event, "recognition failed", base, session or trace_id)
            match read_event(event):
                case TranscriptDone() as done:
                    text = done.text if done.text.strip() else received
                    yield replace(done, text=text, session_id=session, trace_id=trace_id)
                    return
                case TranscriptDelta() as delta:
                    received += delta.text
                    yield delta
    except NoSpeechError:
        yield TranscriptDone(received, session_id=session, trace_id=trace_id)
        return
    raise NetworkError(
        f"{client.endpoint.host} ended the transcript before it was done",
        trace_id=session or trace_id,
    )


def read_event(event: Mapping[str, Any]) -> TranscriptDelta | TranscriptDone | None:
    """Return the delta or the end in `event`; None for an event that is not used here."""
    match event.get("type"):
        case "transcript.text.delta":
            start, end = as_seconds(event.get("start_time")), as_seconds(event.get("end_time"))
            return TranscriptDelta(as_text(event.get("delta")), *_times(start, end))
        case "transcript.text.done":
            usage = event.get("usage")
            usage = usage if isinstance(usage, Mapping) else {}
            return TranscriptDone(as_text(event.get("text")), usage)
    return None


def _session_of(event: Mapping[str, Any]) -> str:
    """Return the identifier for support in `event`, empty if it has none."""
    meta = event.get("meta")
    return as_text(meta.get("session_id")) if isinstance(meta, Mapping) else ""


def _times(start: float | None, end: float | None) -> tuple[float | None, float | None]:
    """Return usable times: 0 to 0 means that timestamps were off (PROTOCOL.md, section 6)."""
    return (None, None) if start is None or not end else (start, max(start, end))


def _body(request: RecognitionRequest) -> StreamedBody:
    """Return the JSON body, which encodes the audio block by block, in constant memory."""
    from stepcli.api.client import StreamedBody

    head, tail = json.dumps(request.to_json(), ensure_ascii=False).split('"data": ""', 1)
    before, after = f'{head}"data": "'.encode(), f'"{tail}'.encode()
    recording = request.recording

    def blocks() -> Iterator[bytes]:
        yield before
        yield from _base64(recording)
        yield after

    encoded = 4 * ((recording.size + 2) // 3)
    logged = json.loads(f'{head}"data": "{summary_of_sound(recording.size)}"{tail}')
    return StreamedBody(len(before) + encoded + len(after), blocks, logged)


def _base64(recording: Recording) -> Iterator[bytes]:
    """Yield `recording` in base64. Raise UsageError if its length is not the announced one."""
    pending, sent = b"", 0
    for block in recording.open():
        pending += block
        sent += len(block)
        ready = len(pending) - len(pending) % 3 if len(pending) >= _BLOCK else 0
        if ready:
            yield b64encode(pending[:ready])
            pending = pending[ready:]
    if sent != recording.size:
        raise UsageError("the audio changed while it was being sent", hint="try again")
    yield b64encode(pending)
