"""Reading of SubRip and WebVTT files."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stepcli.errors import UsageError
from stepcli.subtitles.formats import Cue, srt, vtt
from stepcli.subtitles.parsing import parse_subtitles

EXAMPLES = settings(max_examples=200, deadline=None, derandomize=True)
CUES = st.lists(
    st.builds(
        lambda start, length, text: Cue(start / 1000, (start + length) / 1000, text),
        st.integers(0, 100_000_000),
        st.integers(0, 10_000),
        st.text(alphabet="ab, .é你", min_size=1).map(str.strip).filter(bool),
    )
)


def test_subrip_is_read() -> None:
    text = (
        "1\r\n00:00:01,000 --> 00:00:02,500\r\n<i>Hello</i>\r\nthere.\r\n\r\n"
        "2\r\n01:02:03,45 --> 01:02:04,450 X1:40 X2:600\r\n{\\an8}Tom &amp; I\r\n"
    )
    assert parse_subtitles(text) == [
        Cue(1.0, 2.5, "Hello\nthere."),
        Cue(3723.45, 3724.45, "Tom &amp; I"),
    ]


def test_webvtt_is_read() -> None:
    text = (
        "WEBVTT - a title\nKind: captions\n\nNOTE a comment\nof two lines\n\n"
        "STYLE\n::cue { color: red }\n\nintro\n00:01.000 --> 00:02.500 align:start\n"
        "<v.loud Anna>Hello <00:01.200><b>there</b> &amp; goodbye\n\n"
        "00:03.000 --> 00:04.000\n2 < 3\n"
    )
    assert parse_subtitles(text) == [
        Cue(1.0, 2.5, "Anna: Hello there & goodbye"),
        Cue(3.0, 4.0, "2 < 3"),
    ]


def test_cues_are_sorted_and_empty_ones_left_out() -> None:
    text = (
        "2\n00:00:05,000 --> 00:00:06,000\nLater\n\n"
        "1\n00:00:01,000 --> 00:00:02,000\nEarlier\n\n\n3\n00:00:07,000 --> 00:00:08,000\n"
    )
    assert [cue.text for cue in parse_subtitles(text)] == ["Earlier", "Later"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("1\n00:00:01,000 -> 00:00:02,000\nHello\n", "line 2: expected the times"),
        ("1\n00:00:01,000 --> 00:00:02,000\nOne\n\nstray text\n", "line 5: expected the times"),
        ("\n\n1\n00:00:0x,000 --> 00:00:02,000\nHello\n", "line 4: expected the times"),
        ("1\n00:00:03,000 --> 00:00:02,000\nHello\n", "line 2: the cue ends before it starts"),
        ("WEBVTT\n\n00:00:01.000 --> \nHello\n", "line 3: expected the times"),
    ],
)
def test_invalid_cue_is_reported_with_its_line(text: str, problem: str) -> None:
    with pytest.raises(UsageError, match=problem):
        parse_subtitles(text)


@EXAMPLES
@given(CUES)
def test_written_cues_are_read_back(cues: list[Cue]) -> None:
    expected = sorted(cues, key=lambda cue: cue.start)
    assert parse_subtitles(srt(cues)) == expected
    assert parse_subtitles(vtt(cues)) == expected
