"""The options of subtitles, and what is reported about missing word times."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest

from stepcli.cli.context import Run
from stepcli.cli.io.subtitle_output import SubtitleOutput
from stepcli.cli.params.common_options import ConnectionFlags
from stepcli.cli.params.output_options import CueOptions
from stepcli.errors import UsageError
from stepcli.subtitles.alignment import Word
from stepcli.subtitles.formats import SubtitleFormat
from stepcli.subtitles.timeline import Timeline
from tests.support.in_process import pipes


def run(*given: str) -> Run:
    return Run(pipes(), {}, ConnectionFlags(), frozenset(given), ())


@pytest.mark.parametrize(
    ("target", "format"),
    [
        ("a.srt", SubtitleFormat.SRT),
        ("a.b/c.VTT", SubtitleFormat.VTT),
        ("x.lrc", SubtitleFormat.LRC),
        ("x.json", SubtitleFormat.JSON),
    ],
)
def test_extension_selects_the_format(target: str, format: SubtitleFormat) -> None:
    assert SubtitleOutput.from_options(run(), target, CueOptions()).format is format


@pytest.mark.parametrize("target", ["a.txt", "srt", ".srt", "-", "", "a.srt.gz"])
def test_other_targets_are_refused(target: str) -> None:
    with pytest.raises(UsageError, match=r"--subtitles takes FILE\.srt"):
        SubtitleOutput.from_options(run(), target, CueOptions())


@pytest.mark.parametrize("target", ["srt", ".srt", "any.srt", "SRT"])
def test_file_of_a_batch_is_beside_its_sound(target: str) -> None:
    output = SubtitleOutput.from_options(run(), target, CueOptions(), batch=True)
    assert output.beside(Path("out/a.b.mp3")).path == str(Path("out/a.b.srt"))


def test_cue_options_require_subtitles() -> None:
    with pytest.raises(UsageError, match="--max-cue-seconds requires --subtitles"):
        SubtitleOutput.from_options(run("max_cue_seconds"), None, CueOptions())
    assert not SubtitleOutput.from_options(run(), None, CueOptions()).wanted
    assert SubtitleOutput(run().terminal).beside(Path("a.mp3")).path is None


class Sentence(NamedTuple):
    text: str
    items: tuple[Word, ...] = ()


@pytest.mark.parametrize(
    ("sentences", "shown", "shown_if_verbose"),
    [
        ([Sentence("One.", (Word("One.", 0, 1),))], "", ""),
        ([], "the service sent no word times; the words in {}", "sent no word times"),
        ([Sentence("One.")], "", "no word times for 1 of 1 sentences; their words in {}"),
    ],
    ids=["all", "none", "not aligned"],
)
def test_missing_word_times_are_reported(
    tmp_path: Path, sentences: list[Sentence], shown: str, shown_if_verbose: str
) -> None:
    """Those of sentences that could not be aligned only with --verbose."""
    path = str(tmp_path / "a.lrc")
    timeline = Timeline()
    timeline.add("One.", sentences, 2.0)
    for verbose, expected in ((False, shown), (True, shown_if_verbose)):
        terminal = replace(pipes(), verbose=verbose)
        with SubtitleOutput(terminal, path, SubtitleFormat.LRC).open() as write:
            write(timeline)
        assert isinstance(terminal.stderr, io.StringIO)
        assert expected.format(path) in terminal.stderr.getvalue()
        assert bool(expected) == bool(terminal.stderr.getvalue())
    assert Path(path).read_text() == "[00:00.00]One.\n"
