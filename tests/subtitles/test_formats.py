"""Subtitle formats, read back by another program."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from stepcli.subtitles.alignment import Word
from stepcli.subtitles.formats import Cue, lrc, segment, srt, vtt

CUES = [Cue(0.0, 1.5, "Hello there."), Cue(1.5, 3671.0456, "Two\nlines & <b>marks</b> --> 你好")]


def test_srt_numbers_cues_and_writes_commas() -> None:
    assert srt(CUES) == (
        "1\n00:00:00,000 --> 00:00:01,500\nHello there.\n\n"
        "2\n00:00:01,500 --> 01:01:11,046\nTwo\nlines & <b>marks</b> → 你好\n\n"
    )


def test_vtt_escapes_what_its_markup_would_swallow() -> None:
    assert vtt(CUES) == (
        "WEBVTT\n\n00:00:00.000 --> 00:00:01.500\nHello there.\n\n"
        "00:00:01.500 --> 01:01:11.046\nTwo\nlines &amp; &lt;b&gt;marks&lt;/b&gt; --&gt; 你好\n\n"
    )


def _cue(*words: Word, text: str) -> Cue:
    return Cue(words[0].start, words[-1].end, text, words)


def test_vtt_has_the_times_of_words_on_request() -> None:
    cue = _cue(
        Word("<I", 0.5, 1), Word("am", 1, 1.2), Word("今", 1.2004, 2), Word("here.", 2, 2.5),
        text="<I am\n今 here.",
    )  # fmt: skip
    assert vtt([cue], word_times=True) == (
        "WEBVTT\n\n00:00:00.500 --> 00:00:02.500\n"
        "&lt;I <00:00:01.000>am\n<00:00:01.200>今 <00:00:02.000>here.\n\n"
    )
    assert "<0" not in vtt([cue])


def test_vtt_times_of_words_increase_within_the_cue() -> None:
    """A parser ignores others (https://www.w3.org/TR/webvtt1/#webvtt-timestamp-tag)."""
    cue = _cue(
        Word("a", 1, 1), Word("b", 1, 1.5), Word("c", 1.5, 1.5), Word("d", 1.5, 2), Word("e", 2, 2),
        text="a b c d e",
    )  # fmt: skip
    assert vtt([cue], word_times=True).splitlines()[3] == "a b <00:00:01.500>c d e"


def test_lrc_has_a_line_for_each_cue() -> None:
    cues = [*CUES, Cue(6000, 6001, "[ar:me]")]
    assert lrc(cues) == (
        "[00:00.00]Hello there.\n[00:01.50]Two lines & <b>marks</b> --> 你好\n[100:00.00] [ar:me]\n"
    )


def test_json_segment_has_its_words() -> None:
    assert segment(_cue(Word("Hi,", 0.12345, 0.5), Word("you", 0.5, 1), text="Hi, you")) == {
        "start": 0.123,
        "end": 1,
        "text": "Hi, you",
        "words": [
            {"text": "Hi,", "start": 0.123, "end": 0.5},
            {"text": "you", "start": 0.5, "end": 1},
        ],
    }


def test_no_cues_is_still_a_file_of_its_kind() -> None:
    assert srt([]) == ""
    assert vtt([]) == "WEBVTT\n\n"
    assert lrc([]) == ""


@pytest.mark.parametrize("write", [srt, vtt])
def test_a_blank_line_inside_a_cue_does_not_end_it(write: object) -> None:
    text = (srt if write is srt else vtt)([Cue(0, 1, "\none\n\n two \n")])
    assert text.endswith("\none\ntwo\n\n")


@pytest.mark.parametrize(
    ("name", "text"), [("s.srt", srt(CUES)), ("s.vtt", vtt(CUES)), ("s.lrc", lrc(CUES))]
)
def test_ffmpeg_reads_the_cues_back(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    command = ["ffmpeg", "-v", "error", "-xerror", "-i", str(path), "-f", "srt", "-"]
    read = subprocess.run(command, capture_output=True, check=True)
    assert read.stderr == b""
    lines = read.stdout.decode().splitlines()
    assert lines[5].startswith("00:00:01,500 --> ")
    assert lines[6].startswith("Two")
