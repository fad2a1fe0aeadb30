"""The objects that ``--json`` prints: the source of the manual's fields and of JSON Schemas."""

from __future__ import annotations

from collections.abc import Iterator
from types import NoneType, UnionType
from typing import (
    Annotated,
    Any,
    NotRequired,
    Required,
    TypedDict,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)


class Speech(TypedDict):
    output: Annotated[str | None, "the file; null for playback"]
    format: Annotated[str, "audio format"]
    sample_rate: Annotated[int, "Hz"]
    duration: Annotated[float | None, "seconds"]
    bytes: Annotated[int, "size of the audio"]
    characters: Annotated[int, "characters of the text"]
    first_audio_ms: Annotated[int | None, "milliseconds until the first audio arrived"]
    underruns: Annotated[int, "how often playback waited for audio"]
    voice: Annotated[str, "voice id"]
    model: Annotated[str, "speech model"]


class Late(TypedDict):
    cue: Annotated[int, "number of the cue"]
    by: Annotated[float, "seconds by which it runs over"]


class SpeakResult(Speech):
    requests: Annotated[int, "number of requests"]
    subtitles: NotRequired[Annotated[str, "the file of the subtitles"]]
    late: NotRequired[Annotated[list[Late], "cues that run over, with --timed"]]


class CostJSON(TypedDict):
    amount: Annotated[float, "amount"]
    currency: Annotated[str, "CNY or USD"]


class SpeakPlan(TypedDict):
    requests: Annotated[list[dict[str, Any]], "bodies of the requests"]
    characters: Annotated[int, "characters of the text"]
    billed_characters: Annotated[float, "characters as the service counts them"]
    estimated_cost: Annotated[CostJSON | None, "null for a model without a known price"]


class BatchFile(TypedDict):
    id: Annotated[str, "the id of the line, or its number"]
    line: Annotated[int, "number of the line"]
    output: NotRequired[Annotated[str, "the file"]]
    bytes: NotRequired[Annotated[int, "size of the file"]]
    reused: NotRequired[Annotated[bool, "whether an earlier run has made it"]]
    error: NotRequired[Annotated[dict[str, Any], "what failed; the other fields are missing"]]


class BatchResult(TypedDict):
    files: Annotated[list[BatchFile], "the lines that were tried"]
    skipped: Annotated[int, "lines skipped by --skip-existing"]
    not_tried: Annotated[int, "lines left after a failure that affects all"]


class StreamCommandResult(Speech):
    subtitles: NotRequired[Annotated[str, "the file of the subtitles"]]
    sentences: Annotated[int, "sentences that were spoken"]
    sessions: Annotated[int, "realtime sessions that were opened"]
    reconnects: Annotated[int, "sessions that replaced a failed one"]


class WordJSON(TypedDict):
    text: Annotated[str, "the word as it is written in the segment"]
    start: Annotated[float, "seconds"]
    end: Annotated[float, "seconds"]


class SegmentJSON(TypedDict):
    start: Annotated[float, "seconds from the beginning of the input"]
    end: Annotated[float, "seconds from the beginning of the input"]
    text: Annotated[str, "one sentence"]
    words: Annotated[list[WordJSON], "its words with their times"]
    speaker: NotRequired[Annotated[str, "the channel, with --channels"]]


class Ids(TypedDict):
    session_id: Annotated[str | None, "session of the service, for support"]
    trace_id: Annotated[str | None, "request of the service, for support"]


class TranscribeResult(TypedDict):
    input: Annotated[str, "the input as it was named"]
    output: NotRequired[Annotated[str, "the file of the transcript"]]
    language: Annotated[str, "requested language, or auto"]
    model: Annotated[str, "recognition model"]
    text: Annotated[str, "the transcript"]
    duration: Annotated[float, "seconds"]
    segments: Annotated[list[SegmentJSON], "sentences with their times"]
    usage: Annotated[dict[str, Any], "usage as the service reports it"]
    pieces: Annotated[int, "number of requests that the recording was cut into"]
    ids: Annotated[list[Ids], "ids of the requests"]


class SummaryJSON(TypedDict):
    done: Annotated[int, "inputs that were transcribed"]
    skipped: Annotated[int, "inputs skipped by --skip-existing"]
    failed: Annotated[int, "inputs that failed"]
    not_tried: Annotated[int, "inputs left after a failure that affects all"]
    minutes: Annotated[float, "length of the audio that was recognized"]
    estimated_cost: Annotated[CostJSON | None, "null for a model without a known price"]


class TranscribeManyResult(TypedDict):
    transcripts: Annotated[list[dict[str, Any]], "a result for each input, or its error"]
    summary: Annotated[SummaryJSON, "counts of the inputs"]


class PlannedInputJSON(TypedDict):
    input: Annotated[str, "the input as it was named"]
    pieces: Annotated[int, "number of requests"]
    minutes: Annotated[float, "length of the audio that is sent"]


class TranscribePlan(TypedDict):
    inputs: Annotated[list[PlannedInputJSON], "the inputs"]
    pieces: Annotated[int, "number of requests"]
    minutes: Annotated[float, "length of the audio that is sent"]
    estimated_cost: Annotated[CostJSON | None, "null for a model without a known price"]
    extra_requests_if_empty: Annotated[int, "more requests for a piece without words"]


class Voice(TypedDict):
    id: Annotated[str, "what follows --voice"]
    kind: Annotated[str, "official or cloned"]
    aliases: Annotated[list[str], "names that the config file gives it"]
    english: NotRequired[Annotated[str | None, "description in English"]]
    sex: NotRequired[Annotated[str | None, "female or male"]]
    language: NotRequired[Annotated[str | None, "en or zh"]]
    models: NotRequired[Annotated[list[str] | None, "models that speak with it"]]
    name: NotRequired[Annotated[str | None, "name that the service gives it"]]
    description: NotRequired[Annotated[str | None, "description of the service"]]
    scene: NotRequired[Annotated[str | None, "use that the service suggests"]]
    created_at: NotRequired[Annotated[str | None, "ISO 8601; of a cloned voice"]]
    file_id: NotRequired[Annotated[str | None, "the sample of a cloned voice"]]


class VoicesListResult(TypedDict):
    voices: Annotated[list[Voice], "the voices"]
    official_from: Annotated[str, "service, or built-in if the service did not list them"]


class PreviewResult(Speech):
    requests: NotRequired[Annotated[int, "number of requests; for a voice"]]
    text: NotRequired[Annotated[str | None, "text of the sample; for a clone"]]


class CloneResult(TypedDict):
    id: Annotated[str, "the new voice"]
    name: Annotated[str | None, "the alias"]
    file_id: Annotated[str, "the sample in the account's file storage"]
    duplicated: Annotated[bool, "whether the service already had a voice for the sample"]


class UploadJSON(TypedDict):
    id: Annotated[str, "the file-… id"]


class UploadsResult(TypedDict):
    uploads: Annotated[list[UploadJSON], "the samples that are still stored"]
    daily_cost: Annotated[CostJSON, "what storing them costs a day"]


class UploadsDeleted(TypedDict):
    deleted: Annotated[list[str], "ids of the files that are gone"]


class AuthLoginResult(TypedDict):
    source: Annotated[str, "where the key is stored"]
    checked: Annotated[bool, "whether the service accepted it"]


class AuthLogoutResult(TypedDict):
    removed: Annotated[bool, "whether a key was stored"]


class SandboxResult(TypedDict):
    base_url: Annotated[str, "the base URL for clients"]
    key: Annotated[str, "the only accepted API key"]


class AuthStatusResult(TypedDict):
    source: Annotated[str, "where the key comes from"]
    key: Annotated[str, "the key, masked"]
    base_url: Annotated[str, "where it was checked"]
    accepted: Annotated[bool, "whether the service accepts it"]
    reservation: Annotated[str | None, "what the service refused although it accepts the key"]


class ConfigPathResult(TypedDict):
    path: Annotated[str, "the config file"]
    exists: Annotated[bool, "whether there is one"]


class DeviceJSON(TypedDict):
    index: Annotated[int, "the number that --device accepts"]
    name: Annotated[str, "the name, of which --device accepts a part"]
    host_api: Annotated[str, "ALSA, Core Audio, WASAPI or another"]
    max_input_channels: Annotated[int, "0 if it cannot record"]
    max_output_channels: Annotated[int, "0 if it cannot play"]
    default_sample_rate: Annotated[int, "Hz"]
    default_input: Annotated[bool, "whether it records without --device"]
    default_output: Annotated[bool, "whether it plays without --device"]


class DevicesResult(TypedDict):
    devices: Annotated[list[DeviceJSON], "the audio devices"]


class Check(TypedDict):
    name: Annotated[str, "what was checked"]
    state: Annotated[str, "ok, warning or failed"]
    detail: Annotated[str, "what was found"]
    remedy: Annotated[str | None, "what to do"]


class DoctorResult(TypedDict):
    ok: Annotated[bool, "whether speaking and transcribing work"]
    exit_code: Annotated[int, "that of the first failed check, or 0"]
    verdict: Annotated[str, "one sentence about all checks"]
    checks: Annotated[list[Check], "the checks in order"]


class Kept(TypedDict):
    kind: Annotated[str, "the name that clean accepts"]
    files: Annotated[int, "number of files"]
    bytes: Annotated[int, "their size"]
    directory: Annotated[str, "where they are"]


class CleanResult(TypedDict):
    kept: Annotated[list[Kept], "what there is now"]
    deleted: Annotated[list[Kept], "what was deleted"]


RESULTS: dict[str, Any] = {
    "speak": SpeakResult,
    "stream": StreamCommandResult,
    "transcribe": TranscribeResult,
    "voices list": VoicesListResult,
    "voices preview": PreviewResult,
    "voices clone": CloneResult,
    "voices uploads": UploadsResult,
    "auth login": AuthLoginResult,
    "auth status": AuthStatusResult,
    "auth logout": AuthLogoutResult,
    "config path": ConfigPathResult,
    "config list": dict[str, Any],
    "config get": dict[str, Any],
    "devices": DevicesResult,
    "doctor": DoctorResult,
    "clean": CleanResult,
    "sandbox": SandboxResult,
}
"""The result of each command with ``--json``, by its name after ``stepcli``."""

OTHER_RESULTS: dict[str, dict[str, Any]] = {
    "speak": {"--batch": BatchResult, "--dry-run": SpeakPlan},
    "transcribe": {"several inputs": TranscribeManyResult, "--dry-run": TranscribePlan},
    "voices uploads": {"--delete": UploadsDeleted},
}
"""The results of commands with an option, or with several inputs."""

_NAMES = {str: "string", int: "integer", float: "number", bool: "boolean", NoneType: "null"}


def result_schema(path: tuple[str, ...]) -> dict[str, Any] | None:
    """Return the JSON Schema of the result of the command at ``path``; None if not described."""
    result = RESULTS.get(" ".join(path))
    return None if result is None else _schema(result)


def other_result_schemas(path: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    """Return the JSON Schemas of the other results of a command by what leads to them."""
    others = OTHER_RESULTS.get(" ".join(path), {})
    return {condition: _schema(result) for condition, result in others.items()}


def result_fields(schema: dict[str, Any] | None) -> Iterator[tuple[str, str]]:
    """Yield each field of a result with its type and meaning, such as ``segments[].text``."""
    yield from _fields(schema or {}, "")


def _fields(schema: dict[str, Any], prefix: str) -> Iterator[tuple[str, str]]:
    for name, field in schema.get("properties", {}).items():
        kind = field["type"] if isinstance(field["type"], str) else " or ".join(field["type"])
        yield (
            f"{prefix}{name}",
            f"{field['description'][:1].upper()}{field['description'][1:]} ({kind}).",
        )
        yield from _fields(field, f"{prefix}{name}.")
        yield from _fields(field.get("items", {}), f"{prefix}{name}[].")


def _schema(kind: Any, description: str = "") -> dict[str, Any]:
    if get_origin(kind) in (NotRequired, Required):
        return _schema(get_args(kind)[0], description)
    if get_origin(kind) is Annotated:
        inner, meaning, *_ = get_args(kind)
        return _schema(inner, meaning)
    about = {"description": description} if description else {}
    if is_typeddict(kind):
        hints = get_type_hints(kind, include_extras=True)
        return {
            "type": "object",
            "properties": {name: _schema(hint) for name, hint in hints.items()},
            "required": [
                name for name, hint in hints.items() if get_origin(hint) is not NotRequired
            ],
        } | about
    if isinstance(kind, UnionType):
        kinds = [_schema(one) for one in get_args(kind)]
        merged = {key: value for one in kinds for key, value in one.items()}
        return merged | {"type": [one["type"] for one in kinds]} | about
    if get_origin(kind) is list:
        return {"type": "array", "items": _schema(get_args(kind)[0])} | about
    return {"type": _NAMES.get(kind, "object")} | about
