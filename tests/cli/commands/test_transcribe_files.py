"""Many inputs and long ones: their order, their files, and the results that are kept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.program import Finished, Program
from tests.support.recordings import (
    BECKETT,
    RATE,
    breathless,
    reading,
    silence,
    write_long,
    write_wav,
)
from tests.support.service import Sandbox
from tests.support.sounds import word_errors

PIECES = ("--piece-minutes", "0.2")
"""Cuts ``long`` into eight pieces, one a reading."""


@pytest.fixture
def run(stepcli: Program) -> Program:
    stepcli.environ["LANG"] = "C.UTF-8"
    return stepcli


def _good(done: Finished) -> Finished:
    assert done.code == 0, done.stderr
    return done


def test_all_inputs_are_tried(
    run: Program, service: Sandbox, beckett: Path, tmp_path: Path
) -> None:
    """The exit code is that of the first failure."""
    service.fault("asr:1:503", "asr:3:400")
    empty = tmp_path / "empty.wav"
    empty.touch()
    files = [beckett, empty, beckett, tmp_path / "none.wav", beckett]
    done = run("transcribe", *files, "--jobs", "1", "--retries", "0")
    assert done.code == 6
    errors = [line for line in done.stderr.splitlines() if "stepcli: error: " in line]
    assert [line.count("beckett.wav") for line in errors] == [1, 0, 0, 1]
    assert "empty" in errors[1]
    assert "none.wav" in errors[2]
    assert done.stdout.count("==> ") == 1


def test_output_dir_has_a_file_for_each_input(run: Program, beckett: Path, long: Path) -> None:
    _good(run("transcribe", beckett, long, *PIECES, "--output-dir", "new/dir", "--format", "vtt"))
    made = sorted(path.name for path in (run.home / "new/dir").iterdir())
    assert made == ["beckett.vtt", "long.vtt"]


def test_failed_input_leaves_no_file_in_output_dir(
    run: Program, beckett: Path, tmp_path: Path
) -> None:
    done = run("transcribe", beckett, tmp_path / "none.wav", "--output-dir", "d")
    assert done.code == 2
    assert [path.name for path in (run.home / "d").iterdir()] == ["beckett.txt"]


def test_file_for_all_inputs_appears_only_if_none_failed(
    run: Program, beckett: Path, tmp_path: Path
) -> None:
    """The results are kept."""
    old = run.home / "all.txt"
    old.write_text("old")
    done = run("transcribe", beckett, tmp_path / "none.wav", "-o", "all.txt")
    assert done.code == 2
    assert old.read_text() == "old"
    assert [path.name for path in run.home.iterdir() if path.is_file()] == ["all.txt"]
    assert "1 finished piece is kept in" in done.stderr


def test_long_recording_is_recognized_as_well_as_a_short_one(
    run: Program, service: Sandbox, beckett: Path, long: Path
) -> None:
    """Eight readings in eight pieces."""
    planned = json.loads(_good(run("transcribe", long, *PIECES, "--dry-run", "--json")).stdout)
    service.reset()
    single = _good(run("transcribe", beckett)).stdout
    service.reset()
    reported = json.loads(_good(run("transcribe", long, *PIECES, "--json")).stdout)
    assert reported["pieces"] == planned["pieces"] == len(service.log("asr")) == 8
    assert word_errors(" ".join([single] * 8), reported["text"]) <= 4


def test_recording_over_the_size_limit_is_sent_in_pieces(
    run: Program, service: Sandbox, tmp_path: Path
) -> None:
    """The number of pieces is the one that ``--dry-run`` shows."""
    path = tmp_path / "long.wav"
    count = len(write_long(path, ["beckett"], 250))
    command = ("transcribe", path, "--json", "--upload-format", "pcm", "--jobs", "1")
    plan = json.loads(_good(run(*command, "--dry-run")).stdout)
    done = json.loads(_good(run(*command)).stdout)
    assert plan["pieces"] == done["pieces"] == len(service.log("asr")) == 2
    assert word_errors(" ".join([BECKETT] * count), done["text"]) <= 2 * count


def test_overlapping_pieces_lose_and_repeat_no_words(run: Program, tmp_path: Path) -> None:
    """Speech without pauses is cut with an overlap."""
    path = write_wav(tmp_path / "breathless.wav", breathless(reading("two_cities")))
    whole = json.loads(_good(run("transcribe", path, "--json")).stdout)
    cut = json.loads(_good(run("transcribe", path, "--json", "--piece-minutes", "0.25")).stdout)
    words = len(whole["text"].split())
    assert cut["pieces"] == 2
    assert abs(len(cut["text"].split()) - words) <= 0.1 * words
    assert word_errors(whole["text"], cut["text"]) <= 0.25 * words


def test_repeated_run_sends_only_the_missing_pieces(
    run: Program, service: Sandbox, long: Path
) -> None:
    service.fault("asr:5:500")
    failed = run("transcribe", long, *PIECES, "--jobs", "1", "--retries", "0", "-o", "x.txt")
    assert failed.code == 6
    assert "4 finished pieces are kept in" in failed.stderr
    assert not (run.home / "x.txt").exists()
    assert len(service.log("asr")) == 5
    service.reset()
    _good(run("transcribe", long, *PIECES, "--jobs", "1", "-o", "x.txt"))
    assert len(service.log("asr")) == 4
    assert word_errors(" ".join([BECKETT] * 8), (run.home / "x.txt").read_text()) <= 24
    service.reset()
    _good(run("transcribe", long, *PIECES))
    assert len(service.log("asr")) == 8


def test_no_cache_discards_kept_results(run: Program, service: Sandbox, long: Path) -> None:
    """So do other recognition options."""
    command = ("transcribe", long, *PIECES, "--jobs", "1", "--retries", "0")
    service.fault("asr:2:500")
    assert "kept" not in run(*command, "--no-cache").stderr
    service.fault("asr:2:500")
    assert "1 finished piece is kept" in run(*command).stderr
    for options in (["--no-cache"], ["--no-itn"], ["--hotword", "Beckett"]):
        service.reset()
        _good(run(*command, *options))
        assert len(service.log("asr")) == 8


def test_dry_run_needs_no_key(offline: Program, beckett: Path, long: Path) -> None:
    done = _good(offline("transcribe", beckett, long, *PIECES, "--dry-run"))
    assert done.stdout.splitlines()[-1].startswith("9 pieces, 1.69 minutes, about $0.0006")
    assert "8 pieces" in done.stdout


def test_jobs_limits_requests_at_a_time(run: Program, service: Sandbox) -> None:
    """Two hundred inputs, in order."""
    folder = run.home / "in"
    folder.mkdir()
    names, lengths = [], [round(0.08 * (number % 25 + 0.5), 3) for number in range(200)]
    for number, length in enumerate(lengths):
        path = folder / f"{number:03}.wav"
        write_wav(path, silence(length), rate=RATE)
        names.append(f"in/{path.name}")
    done = _good(run("transcribe", *names, "--jobs", "4", "--json"))
    reported = json.loads(done.stdout)["transcripts"]
    assert [each["input"] for each in reported] == names
    assert [each["duration"] for each in reported] == lengths
    log = service.log("asr")
    assert len(log) == 200
    assert max(entry["connection"]["open"] for entry in log) <= 4 + 1
    assert max(entry["busy"] for entry in log) <= 4


@pytest.mark.parametrize(("first", "second", "sent"), [("auto", "mp3", 4), ("mp3", "pcm", 8)])
def test_results_are_kept_for_what_was_sent(
    run: Program, service: Sandbox, long: Path, first: str, second: str, sent: int
) -> None:
    """A run in another format repeats everything."""
    command = ("transcribe", long, *PIECES, "--jobs", "1", "--retries", "0", "--upload-format")
    service.fault("asr:5:500")
    assert run(*command, first).code == 6
    service.reset()
    _good(run(*command, second))
    assert len(service.log("asr")) == sent


@pytest.mark.parametrize(
    ("site", "model", "cost", "shown"),
    [
        ("com", "stepaudio-2.5-asr", {"amount": 0.000375, "currency": "CNY"}, "about ¥0.0004"),
        ("ai", "stepaudio-3-asr-max", {"amount": 0.001, "currency": "USD"}, "about $0.0010"),
        ("com", "stepaudio-2-asr-pro", None, "no price known for this model"),
    ],
)
def test_cost_of_recognition_depends_on_model_and_site(
    offline: Program, site: str, model: str, cost: dict[str, Any] | None, shown: str
) -> None:
    write_wav(offline.home / "a.wav", silence(9))
    base = f"https://api.stepfun.{site}/step_plan/v1"
    command = ("transcribe", "a.wav", "--dry-run", "--base-url", base, "--model", model)
    reported = json.loads(offline(*command, "--json").stdout)
    assert reported["estimated_cost"] == cost
    assert shown in offline(*command).stdout
