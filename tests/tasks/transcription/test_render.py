"""Transcripts as text, subtitles, tables and JSON."""

from __future__ import annotations

import json

import pytest

from stepcli.api.recognition import TranscriptDelta
from stepcli.subtitles.formats import CueStyle
from stepcli.tasks.transcription.render import (
    ContinuedRenderer,
    delta_line,
    empty_json,
    json_line,
    render,
    transcript_json,
    utterance_line,
)
from stepcli.tasks.transcription.run import DeltaReceived
from stepcli.tasks.transcription.transcript import Transcript, TranscriptFormat
from tests.tasks.transcription.test_transcript import transcript

TWO = transcript("One is here.", "Two is here.")


def test_text_ends_with_a_newline() -> None:
    assert render(TWO, TranscriptFormat.TEXT) == "One is here. Two is here.\n"


def test_srt_has_numbered_cues() -> None:
    srt = render(TWO, TranscriptFormat.SRT)
    assert srt.startswith("1\n00:00:00,000 --> 00:00:05,000\nOne is here.\n\n2\n00:00:10,000")


def test_vtt_begins_with_its_header() -> None:
    assert render(TWO, TranscriptFormat.VTT).startswith(
        "WEBVTT\n\n00:00:00.000 --> 00:00:05.000\nOne is here.\n\n"
    )


def test_tsv_has_milliseconds() -> None:
    assert render(TWO, TranscriptFormat.TSV).splitlines()[:2] == [
        "start\tend\ttext",
        "0\t5000\tOne is here.",
    ]


def test_lrc_has_a_line_for_each_cue() -> None:
    assert render(TWO, TranscriptFormat.LRC) == "[00:00.00]One is here.\n[00:10.00]Two is here.\n"


def test_style_shapes_cues_of_all_formats() -> None:
    style = CueStyle(line_width=8, lines=1)
    assert render(TWO, TranscriptFormat.LRC, style).count("\n") == 4
    assert render(TWO, TranscriptFormat.TSV, style).count("\n") == 5
    assert len(transcript_json(TWO, {}, style)["segments"]) == 4
    assert "One <00:00:01.667>is" in render(TWO, TranscriptFormat.VTT, CueStyle(word_times=True))
    assert "<0" not in render(TWO, TranscriptFormat.SRT, CueStyle(word_times=True))


@pytest.mark.parametrize("format", [TranscriptFormat.SRT, TranscriptFormat.VTT])
def test_long_cues_have_two_lines(format: TranscriptFormat) -> None:
    long = transcript("This is a sentence that is too long for one line of a screen.")
    assert "that is too\nlong for" in render(long, format)


@pytest.mark.parametrize(
    "format",
    [TranscriptFormat.SRT, TranscriptFormat.VTT, TranscriptFormat.LRC, TranscriptFormat.TSV],
)
def test_continued_transcripts_are_one_file(format: TranscriptFormat) -> None:
    renderer = ContinuedRenderer(format)
    parts = [Transcript([s], [r]) for s, r in zip(TWO.segments, TWO.results, strict=True)]
    silence = transcript(" ")
    written = [renderer.header, *map(renderer.add, [parts[0], silence, parts[1]])]
    assert "".join(written) == render(TWO, format)


def test_continued_text_has_a_line_for_each_utterance() -> None:
    renderer = ContinuedRenderer(TranscriptFormat.TEXT)
    assert renderer.header == ""
    assert renderer.add(transcript("One is here.")) == "One is here.\n"


def test_json_has_all_fields() -> None:
    value = transcript_json(TWO, {"input": "a.wav"})
    assert value["input"] == "a.wav"
    assert value["text"] == "One is here. Two is here."
    assert (value["duration"], value["pieces"]) == (20.0, 2)
    second = value["segments"][1]
    assert (second["start"], second["end"], second["text"]) == (10.0, 15.0, "Two is here.")
    assert [word["text"] for word in second["words"]] == ["Two", "is", "here."]
    assert second["words"][0] == {"text": "Two", "start": 10.0, "end": 11.667}
    assert len(value["ids"]) == 2


def test_json_of_silence_has_the_same_fields() -> None:
    assert (
        empty_json({"input": "a.wav"}, 1.23456).keys()
        == transcript_json(TWO, {"input": "a.wav"}).keys()
    )
    assert empty_json({}, 1.23456)["duration"] == 1.235


def test_json_line_is_ascii_only_where_it_must_be() -> None:
    line = json_line({"text": "你好\n", "input": "a\udcff.wav"})
    assert line == '{"text": "你好\\n", "input": "a\\udcff.wav"}\n'
    assert json.loads(line)["input"] == "a\udcff.wav"


@pytest.mark.parametrize(
    ("start", "end", "expected"), [(1.0, 2.0, (11.0, 12.0)), (None, None, (None, None))]
)
def test_delta_has_the_times_of_the_recording(
    start: float | None, end: float | None, expected: tuple[float | None, float | None]
) -> None:
    received = DeltaReceived(0, TWO.segments[1], TranscriptDelta("Two", start, end))
    value = json.loads(delta_line(received, {"input": "a.wav"}))
    assert value == {
        "type": "delta", "input": "a.wav", "text": "Two", "start": expected[0], "end": expected[1],
    }  # fmt: skip


def test_utterance_has_the_times_of_the_recording() -> None:
    second = Transcript(TWO.segments[1:], TWO.results[1:])
    value = json.loads(utterance_line(second, {"usage": {}}))
    assert value == {
        "type": "utterance", "start": 10.0, "end": 20.0, "text": "Two is here.", "usage": {},
    }  # fmt: skip
