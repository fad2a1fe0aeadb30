"""Every field of a SpeechRequest reaches the wire, a batch line and an option.

If a test here names a place, the new field is missing there; see .github/CONTRIBUTING.md.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

import pytest

from stepcli.api.catalog import TextNormalization
from stepcli.api.realtime import StreamRequest, url_of
from stepcli.api.speech import SpeechRequest
from stepcli.audio_types import AudioFormat
from stepcli.base_url import BaseURL
from stepcli.cli.params.output_options import AudioOutputOptions
from stepcli.cli.params.speech_options import SpeechOptions
from stepcli.tasks.speech.requests import read_batch

SAMPLES: dict[str, Any] = {
    "text": "Something else.",
    "voice": "vibrant-youth",
    "model": "step-tts-mini",
    "format": AudioFormat.FLAC,
    "sample_rate": 8000,
    "speed": 1.5,
    "volume": 0.5,
    "instruction": "whispering",
    "pronunciations": ("LOL/laugh",),
    "markdown": True,
    "text_normalization": TextNormalization.ENHANCED,
    "timestamp": True,
}
"""A value of each field that is not its default."""
DEFAULT = SpeechRequest("Text.")
BASE = BaseURL.parse("https://service.example/step_plan/v1")
OPTION_NAMES = {"pronunciations": "pronounce"}
AUDIO_OPTIONS = ("format", "sample_rate")
OF_SUBTITLES = {"timestamp"}
"""Fields that follow from --subtitles."""


def _http(request: SpeechRequest) -> object:
    return request.to_json()


def _websocket(request: SpeechRequest) -> object:
    stream = StreamRequest(request)
    return stream.to_json("session"), url_of(BASE, request.model)


WIRES: dict[str, tuple[Callable[[SpeechRequest], object], set[str]]] = {
    "the HTTP body, SpeechRequest.to_json": (_http, set()),
    "tts.create, StreamRequest.to_json": (_websocket, {"text", "format"}),
}
"""What is sent, and the fields that are sent otherwise: the text later, the format by wire."""


def test_samples_cover_every_field() -> None:
    """A new field needs a sample here, so that the tests below look for it."""
    assert set(SAMPLES) == {field.name for field in fields(SpeechRequest)}


@pytest.mark.parametrize("field", SAMPLES)
@pytest.mark.parametrize("place", WIRES)
def test_field_is_sent(field: str, place: str) -> None:
    sent, elsewhere = WIRES[place]
    changed = replace(DEFAULT, **{field: SAMPLES[field]})
    assert field in elsewhere or sent(changed) != sent(DEFAULT), f"{field} is missing in {place}"


@pytest.mark.parametrize("field", sorted(set(SAMPLES) - OF_SUBTITLES))
def test_line_of_a_batch_can_have_the_field(field: str) -> None:
    key = OPTION_NAMES.get(field, field)
    value = SAMPLES[field]
    line = {"text": "Text.", key: list(value) if isinstance(value, tuple) else value}
    (read,) = read_batch(json.dumps(line), DEFAULT)
    assert getattr(read.request, field) == value, (
        f"{field} is missing in a line of a batch, stepcli/tasks/speech/requests.py"
    )


@pytest.mark.parametrize("field", sorted(set(SAMPLES) - {"text"} - OF_SUBTITLES))
def test_field_has_an_option(field: str) -> None:
    name = OPTION_NAMES.get(field, field)
    if field in AUDIO_OPTIONS:
        assert getattr(AudioOutputOptions(**{name: SAMPLES[field]}), name) == SAMPLES[field]
        return
    names = {one.name for one in fields(SpeechOptions)}
    assert name in names, (
        f"{field} is missing in SpeechOptions, stepcli/cli/params/speech_options.py"
    )
    request = SpeechOptions(**{name: SAMPLES[field]}).request()
    assert getattr(request, field) == SAMPLES[field], (
        f"{field} is missing in SpeechOptions.request, stepcli/cli/params/speech_options.py"
    )
