"""Where the sample of a voice comes from, and what is said about it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from stepcli.cli.commands.voice_source import (
    SampleOptions,
    find_voice_source,
    is_stored,
    is_voice,
    length_problem,
)
from stepcli.cli.context import Run
from stepcli.cli.params.common_options import ConnectionFlags
from stepcli.errors import UsageError
from tests.support.in_process import pipes
from tests.support.voice_samples import write_sample


@pytest.fixture
def run() -> Run:
    return Run(pipes(), {}, ConnectionFlags(), frozenset())


@pytest.fixture(autouse=True)
def _directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patched:
        patched.chdir(tmp_path)
        yield


@pytest.mark.parametrize(
    ("source", "voice", "stored"),
    [
        ("lively-girl", True, False),
        ("file-1", False, True),
        ("mum.wav", False, False),
        ("./mum", False, False),
        ("file-here", False, False),
        ("x" * 300, True, False),
    ],
    ids=["voice", "stored", "name of a file", "path", "file of that name", "long"],
)
def test_source_is_a_voice_a_stored_file_or_a_file(source: str, voice: bool, stored: bool) -> None:
    """A file that exists is one, whatever its name."""
    Path("file-here").touch()
    assert (is_voice(source), is_stored(source)) == (voice, stored)


@pytest.mark.parametrize(
    ("source", "options", "problem"),
    [
        (None, SampleOptions(), "no sample given"),
        ("mum.wav", SampleOptions(record=5.0), "cannot be combined"),
        ("mum.wav", SampleOptions(microphone="1"), "requires --record"),
        ("mum.wav", SampleOptions(), "cannot read mum.wav"),
        ("https://example.com/mum.wav", SampleOptions(), "mum.wav"),
    ],
)
def test_exactly_one_sample_is_needed(
    run: Run, source: str | None, options: SampleOptions, problem: str
) -> None:
    with pytest.raises(UsageError, match=problem):
        find_voice_source(run, source, options)


def test_stored_file_is_not_read(run: Run) -> None:
    found = find_voice_source(run, "file-1", SampleOptions())
    assert (found.stored, found.sample) == ("file-1", None)
    assert length_problem(found) is None


@pytest.mark.parametrize(
    ("loudness", "note"),
    [(0.5, ""), (0.03, "mum.wav is very quiet"), (1.5, "mum.wav is clipped")],
)
def test_poor_sample_is_a_note(run: Run, loudness: float, note: str) -> None:
    write_sample(Path("mum.wav"), 7, loudness=loudness)
    assert find_voice_source(run, "mum.wav", SampleOptions()).name.startswith("mum.wav (7.")
    said = run.terminal.stderr.getvalue()  # type: ignore[attr-defined]
    assert said.startswith(note)
    assert bool(said) is bool(note)


@pytest.mark.parametrize(("seconds", "fits"), [(7, True), (3, False), (12, False)])
def test_sample_of_a_wrong_length_is_a_problem(run: Run, seconds: float, fits: bool) -> None:
    write_sample(Path("mum.wav"), seconds)
    problem = length_problem(find_voice_source(run, "mum.wav", SampleOptions()))
    assert (problem is None) is fits
    assert fits or "cloning needs 5 to 10 s" in (problem or "")
