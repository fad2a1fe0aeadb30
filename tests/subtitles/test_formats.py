"""SubRip and WebVTT, read back by another program."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from stepcli.subtitles.formats import Cue, srt, vtt

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


def test_no_cues_is_still_a_file_of_its_kind() -> None:
    assert srt([]) == ""
    assert vtt([]) == "WEBVTT\n\n"


@pytest.mark.parametrize("write", [srt, vtt])
def test_a_blank_line_inside_a_cue_does_not_end_it(write: object) -> None:
    text = (srt if write is srt else vtt)([Cue(0, 1, "\none\n\n two \n")])
    assert text.endswith("\none\ntwo\n\n")


@pytest.mark.parametrize(("name", "text"), [("s.srt", srt(CUES)), ("s.vtt", vtt(CUES))])
def test_ffmpeg_reads_the_cues_back(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    command = ["ffmpeg", "-v", "error", "-xerror", "-i", str(path), "-f", "srt", "-"]
    read = subprocess.run(command, capture_output=True, check=True)
    assert read.stderr == b""
    lines = read.stdout.decode().splitlines()
    assert lines[5:7] == ["00:00:01,500 --> 01:01:11,046", "Two"]
