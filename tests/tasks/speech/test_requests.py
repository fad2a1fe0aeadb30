"""What a batch file says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from stepcli.api.speech import SpeechRequest
from stepcli.audio_types import AudioFormat
from stepcli.errors import UsageError
from stepcli.tasks.speech.requests import FIRST_PIECE, read_batch, requests_for
from stepcli.text.preparation import Preparation

VOICE_AND_STYLE = SpeechRequest("", voice="vibrant-youth", speed=1.2)


def test_every_line_that_is_not_blank_is_an_utterance() -> None:
    """One utterance a line, named by the line's number; blank lines count but say nothing."""
    read = read_batch("One.\r\n\n  Three.  \n", VOICE_AND_STYLE)
    assert [(one.name, one.request.text) for one in read] == [("1", "One."), ("3", "Three.")]
    assert {one.request.voice for one in read} == {"vibrant-youth"}


@pytest.mark.parametrize(
    ("count", "first", "last"), [(9, "1", "9"), (10, "01", "10"), (100, "001", "100")]
)
@pytest.mark.parametrize("line", ["Text.\n", '{"text": "Text."}\n'], ids=["text", "json"])
def test_numbers_have_equal_width(line: str, count: int, first: str, last: str) -> None:
    read = read_batch(line * count + "\n" * 1000, VOICE_AND_STYLE)
    assert (read[0].name, read[-1].name) == (first, last)


def test_id_is_not_padded() -> None:
    lines = '{"text": "a", "id": 1}\n' + '{"text": "b"}\n' * 11
    assert [one.name for one in read_batch(lines, VOICE_AND_STYLE)][:3] == ["1", "02", "03"]


def test_json_line_overrides_the_defaults() -> None:
    """Each line may have a name and a manner of its own; the rest is the command's."""
    text = (
        '{"text": "One.", "id": "first", "voice": "lively-girl", "speed": 1, "format": "wav"}\n'
        '{"text": "Two.", "pronounce": ["a/b"], "literal": true, "verbatim": true}\n'
    )
    first, second = read_batch(text, VOICE_AND_STYLE)
    assert (first.name, first.request.voice, first.request.speed) == ("first", "lively-girl", 1)
    assert first.request.format is AudioFormat.WAV
    assert (second.name, second.request.voice) == ("2", "vibrant-youth")
    assert (first.preparation, second.preparation) == (Preparation(), Preparation(True, True))
    assert second.request.pronunciations == ("a/b",)


def test_json_keys_may_have_hyphens() -> None:
    """``sample-rate`` is ``sample_rate``, and what can be repeated may stand alone."""
    (read,) = read_batch('{"text": "a", "sample-rate": 8000, "pronounce": "a/b"}', VOICE_AND_STYLE)
    assert read.request.sample_rate == 8000
    assert read.request.pronunciations == ("a/b",)


def test_choices_are_case_insensitive() -> None:
    line = '{"text": "a", "format": "WAV", "text-normalization": "Enhanced"}'
    (read,) = read_batch(line, VOICE_AND_STYLE)
    assert (read.request.format, read.request.text_normalization) == ("wav", "enhanced")


def test_plain_line_among_objects_has_a_hint() -> None:
    with pytest.raises(UsageError) as raised:
        read_batch('{"text": "a"}\nplain', VOICE_AND_STYLE)
    assert raised.value.hint == "the first line is a JSON object, so all lines must be JSON objects"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        (" \n \n", "empty"),
        ('{"text": "a"}\nplain', "line 2 is not JSON"),
        ('{"text": "a"}\n[1]', "line 2 is not a JSON object"),
        ('{"id": "a"}', "line 1 has no text"),
        ('{"text": " "}', "line 1 has no text"),
        ('{"text": "bad \\ud800"}', "line 1 contains an unpaired surrogate"),
        ('{"text": 7}', "line 1: 'text' cannot be 7"),
        ('{"text": "a", "speed": true}', "line 1: 'speed' cannot be True"),
        ('{"text": "a", "sped": 1}', "unknown option 'sped'"),
        ('{"text": "a", "format": "aac"}', "line 1: 'format' cannot be 'aac'"),
        (
            '{"text": "a", "text-normalization": "full"}',
            "line 1: 'text_normalization' cannot be 'full'",
        ),
        ('{"text": "a", "id": "../b"}', "cannot be a file's name"),
        ('{"text": "a", "id": ".."}', "cannot be a file's name"),
        ('{"text": "a", "id": "c:d"}', "cannot be a file's name"),
        ('{"text": "a", "id": "x"}\n{"text": "b", "id": "X"}', "lines 1 and 2"),
        ('{"text": "a", "id": "2"}\n{"text": "b"}', "lines 1 and 2"),
        ('{"text": "a", "id": "' + "x" * 300 + '"}', "too long"),
    ],
)
def test_first_invalid_line_is_named(text: str, says: str) -> None:
    """The first such line is named, before anything is sent."""
    with pytest.raises(UsageError, match=says):
        read_batch(text, VOICE_AND_STYLE)


def test_text_within_the_limit_is_one_request() -> None:
    request = replace(VOICE_AND_STYLE, text="a" * 1000)
    assert requests_for(request) == [request]


def test_long_text_is_split_and_begins_with_a_short_request() -> None:
    text = "This is a sentence. " * 200
    requests = requests_for(replace(VOICE_AND_STYLE, text=text))
    assert "".join(one.text for one in requests) == text
    assert len(requests[0].text) <= FIRST_PIECE
    assert all(len(one.text) <= 1000 for one in requests)
    assert {replace(one, text="") for one in requests} == {replace(VOICE_AND_STYLE, text="")}


def test_blank_pieces_are_not_requested() -> None:
    requests = requests_for(replace(VOICE_AND_STYLE, text="One." + " " * 5000 + "Two."))
    assert [one.text.strip() for one in requests] == ["One.", "Two."]


def test_text_for_an_unknown_model_is_not_split() -> None:
    request = replace(VOICE_AND_STYLE, text="a " * 5000, model="another")
    assert requests_for(request) == [request]
