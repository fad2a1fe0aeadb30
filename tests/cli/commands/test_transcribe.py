"""``transcribe`` as a user runs it, against the sandbox: in, out, many, long."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.program import Finished, Program
from tests.support.recordings import BECKETT, RATE, reading, silence, write_wav
from tests.support.service import Sandbox
from tests.support.sounds import needs_ffmpeg, word_errors


@pytest.fixture
def run(stepcli: Program) -> Program:
    stepcli.environ["LANG"] = "C.UTF-8"
    return stepcli


def _good(done: Finished) -> Finished:
    assert done.code == 0, done.stderr
    return done


def test_text_is_the_transcript_and_a_newline(run: Program, beckett: Path) -> None:
    done = _good(run("transcribe", beckett))
    assert word_errors(BECKETT, done.stdout) <= 2
    assert done.stdout.endswith(".\n")
    assert done.stderr == ""


def test_json_and_format_json_are_the_same_object(run: Program, beckett: Path) -> None:
    reported = json.loads(_good(run("transcribe", beckett, "--json")).stdout)
    assert reported["input"] == str(beckett)
    assert reported["language"] == "auto"
    assert reported["duration"] == pytest.approx(9.963, abs=0.01)
    assert reported["pieces"] == len(reported["ids"]) == 1
    assert reported["ids"][0]["session_id"]
    assert reported["usage"]["total_tokens"] > 0
    for segment in reported["segments"]:
        assert list(segment) == ["start", "end", "text", "words"]
        assert " ".join(word["text"] for word in segment["words"]) == segment["text"]
        assert segment["words"][0]["start"] == segment["start"]
        assert segment["words"][-1]["end"] == segment["end"]
    assert " ".join(each["text"] for each in reported["segments"]) == reported["text"]
    again = json.loads(_good(run("transcribe", beckett, "--format", "json")).stdout)
    assert again["segments"] == reported["segments"]


def test_jsonl_has_a_line_for_each_delta_and_the_result(run: Program, beckett: Path) -> None:
    lines = [
        json.loads(line)
        for line in _good(run("transcribe", beckett, "--format=jsonl")).stdout.splitlines()
    ]
    *deltas, done = lines
    assert {delta["type"] for delta in deltas} == {"delta"}
    assert "".join(delta["text"] for delta in deltas) == done["text"]
    assert all(0 <= delta["start"] <= delta["end"] <= 10 for delta in deltas)
    assert done["type"] == "done"


@needs_ffmpeg
@pytest.mark.parametrize("kind", ["srt", "vtt", "lrc"])
def test_subtitles_are_read_by_ffmpeg(run: Program, long: Path, kind: str) -> None:
    """Each cue has the time of its reading."""
    _good(run("transcribe", long, "--piece-minutes", "0.2", "-o", f"x.{kind}"))
    path = run.home / f"x.{kind}"
    command = ["ffprobe", "-v", "error", "-show_packets", "-of", "json", str(path)]
    done = subprocess.run(command, capture_output=True, check=True)
    assert done.stderr == b""
    cues = json.loads(done.stdout)["packets"]
    starts = [float(cue["pts_time"]) for cue in cues]
    mark = "[" if kind == "lrc" else " --> "
    assert len(cues) == path.read_text().count(mark)
    period = len(reading("beckett")) / 2 / RATE + 1.5
    firsts = starts[:: len(starts) // 8]
    for number, start in enumerate(firsts):
        assert start == pytest.approx(starts[0] + number * period, abs=0.3)


def test_tsv_has_milliseconds_and_text(run: Program, beckett: Path) -> None:
    head, *rows = _good(run("transcribe", beckett, "--format", "tsv")).stdout.splitlines()
    assert head == "start\tend\ttext"
    assert all(re.fullmatch(r"\d+\t\d+\t.+", row) for row in rows)


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("a.txt", "Ever"),
        ("a.srt", "1\n"),
        ("a.vtt", "WEBVTT"),
        ("a.lrc", "[00:00."),
        ("a.tsv", "start\t"),
        ("a.json", "{"),
        ("a.jsonl", "{"),
        ("a", "Ever"),
    ],
)
def test_extension_selects_the_format(run: Program, beckett: Path, name: str, start: str) -> None:
    assert _good(run("transcribe", beckett, "-o", name)).stdout == ""
    assert (run.home / name).read_text().startswith(start)


def test_format_wins_over_extension(run: Program, beckett: Path) -> None:
    _good(run("transcribe", beckett, "-o", "a.txt", "--format", "srt"))
    assert (run.home / "a.txt").read_text().startswith("1\n")


def test_json_describes_the_output_file(run: Program, beckett: Path) -> None:
    done = _good(run("transcribe", beckett, "--json", "-o", "a.srt"))
    assert json.loads(done.stdout)["output"] == "a.srt"
    assert (run.home / "a.srt").read_text().startswith("1\n")


def test_transcripts_of_several_inputs_have_headings(
    run: Program, beckett: Path, tmp_path: Path
) -> None:
    """In the order of the arguments."""
    quiet = write_wav(tmp_path / "quiet.wav", silence(1))
    done = _good(run("transcribe", beckett, quiet, beckett))
    parts = re.split(r"^==> (.*) <==\n", done.stdout, flags=re.M)
    assert parts[1::2] == [str(beckett), str(quiet), str(beckett)]
    assert parts[2] == parts[6]
    assert parts[4] == "\n"


def test_json_of_several_inputs_is_a_list(run: Program, beckett: Path, tmp_path: Path) -> None:
    """A failed input is in it, and on stderr."""
    words = tmp_path / "words.wav"
    words.write_text("no sound")
    done = run("transcribe", words, beckett, "--json")
    failed, good = json.loads(done.stdout)["transcripts"]
    assert failed["error"]["type"] == "usage"
    assert word_errors(BECKETT, good["text"]) <= 2
    assert json.loads(done.stderr)["error"]["exit_code"] == done.code == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("a.wav", "b/a.mp3", "--output-dir", "d"), "would both be written to d/a.txt"),
        (("a.wav", "A.WAV", "--output-dir", "d"), "would both be written"),
        (("a.wav", "b.wav", "--format", "srt"), "2 inputs cannot be combined in one srt"),
        (("a.wav", "b.wav", "-o", "x.vtt"), "2 inputs cannot be combined in one vtt"),
        (("a.wav", "-o", "x", "--output-dir", "d"), "cannot be combined"),
        (("a.wav", "-o", "a.wav", "--format", "text"), "would overwrite an input"),
        (("a.wav", "--json", "--format", "srt"), "--json already writes to stdout"),
        (("a.wav", "--json", "-o", "-"), "--json already writes to stdout"),
        (("a.wav", "-o", "none/x.txt"), "no such directory"),
        (("a.wav", "--output-dir", "a.wav"), "cannot create the directory"),
        (("a.wav", "-l", "Klingon!"), "zh or en"),
        (("a.wav", "--format", "mp3"), "'mp3'"),
        (("a.wav", "--pcm", "fast"), "RATE[:CHANNELS]"),
        (("a.wav", "--piece-minutes", "0"), "--piece-minutes"),
        (("a.wav", "--jobs", "0"), "--jobs"),
        (("-", "-"), "only once"),
        ((), "stdin is empty"),
        (("none.wav",), "none.wav"),
    ],
)
def test_unusable_input_or_output_is_refused_before_a_request(
    run: Program, service: Sandbox, arguments: tuple[str, ...], said: str
) -> None:
    write_wav(run.home / "a.wav", silence(0.5))
    done = run("transcribe", *arguments)
    assert done.code == 2
    assert said in done.stderr
    assert done.stderr.startswith("stepcli: error: " if "--json" not in arguments else "{")
    assert service.log("asr") == []
    assert {path.name for path in run.home.iterdir()} <= {"a.wav", ".local", "d"}


def test_format_from_the_environment_is_checked(run: Program, beckett: Path) -> None:
    assert run("transcribe", beckett, STEPCLI_FORMAT="vtt").stdout.startswith("WEBVTT")
    done = run("transcribe", beckett, STEPCLI_FORMAT="mp3")
    assert done.code == 2
    assert "STEPCLI_FORMAT" in done.stderr


def test_container_from_stdin_is_recognized_by_its_bytes(
    run: Program, service: Sandbox, beckett: Path
) -> None:
    """No temporary file is left."""
    done = _good(run("transcribe", "-", input=beckett.read_bytes(), TMPDIR=str(run.home)))
    assert word_errors(BECKETT, done.stdout) <= 2
    assert [path.name for path in run.home.iterdir() if path.name.startswith("stepcli")] == []
    service.reset()
    _good(run("transcribe", "-", "--upload-format", "as-is", input=beckett.read_bytes()))
    assert service.log("asr")[0]["body"]["audio"]["input"]["format"] == {"type": "wav"}


def test_raw_samples_from_stdin_are_sent_as_described(run: Program, service: Sandbox) -> None:
    options = ("--pcm", "16000", "--upload-format", "pcm")
    done = _good(run("transcribe", "-", *options, input=reading("beckett")))
    assert word_errors(BECKETT, done.stdout) <= 2
    reported = service.log("asr")[0]["body"]["audio"]["input"]["format"]
    assert (reported["type"], reported["rate"], reported["channel"]) == ("pcm", 16000, 1)


def test_empty_stdin_is_a_usage_error(run: Program, service: Sandbox) -> None:
    done = run("transcribe", "-")
    assert (done.code, done.stderr) == (2, "stepcli: error: stdin is empty\n")
    assert service.log("asr") == []


@needs_ffmpeg
def test_m4a_is_converted_without_a_temporary_file(run: Program, beckett: Path) -> None:
    path = run.home / "memo.m4a"
    command = ["ffmpeg", "-v", "error", "-i", str(beckett), "-b:a", "96k", str(path)]
    subprocess.run(command, check=True)
    temporary = run.home / "tmp"
    temporary.mkdir()
    done = _good(run("transcribe", path, TMPDIR=str(temporary)))
    assert word_errors(BECKETT, done.stdout) <= 3
    assert list(temporary.iterdir()) == []


@needs_ffmpeg
def test_m4a_is_sent_as_it_is_where_ffmpeg_is_missing(
    run: Program, service: Sandbox, beckett: Path
) -> None:
    """In one request; it cannot be cut."""
    path = run.home / "memo.m4a"
    subprocess.run(["ffmpeg", "-v", "error", "-i", str(beckett), str(path)], check=True)
    done = _good(run("transcribe", path, PATH=str(run.home)))
    assert word_errors(BECKETT, done.stdout) <= 3
    (entry,) = service.log("asr")
    assert entry["body"]["audio"]["input"]["format"]["type"] == "m4a"
    refused = run("transcribe", path, "--piece-minutes", "0.1", PATH=str(run.home))
    assert refused.code == 2
    assert "needs ffmpeg" in refused.stderr


def test_silence_is_an_empty_transcript_and_a_note(run: Program, tmp_path: Path) -> None:
    quiet = write_wav(tmp_path / "quiet.wav", silence(1))
    done = _good(run("transcribe", quiet))
    assert done.stdout == "\n"
    assert "no speech was recognized" in done.stderr
    assert _good(run("transcribe", quiet, "-q")).stderr == ""
    assert _good(run("transcribe", quiet, "--format", "srt")).stdout == ""


def test_cues_without_times_are_spread_evenly_and_reported(
    run: Program, service: Sandbox, beckett: Path
) -> None:
    service.fault("asr:*:edit,field=end_time,value=0")
    done = _good(run("transcribe", beckett, "--format", "json"))
    reported = json.loads(done.stdout)
    assert "returned no times" in done.stderr
    assert reported["segments"][0]["start"] == 0
    assert reported["segments"][-1]["end"] == reported["duration"]


def test_text_is_that_of_the_final_event(run: Program, service: Sandbox, beckett: Path) -> None:
    """Cues agree with it."""
    service.fault('asr:*:edit,field=text,value="Ever tried, ever failed; Try again!"')
    reported = json.loads(_good(run("transcribe", beckett, "--json")).stdout)
    assert reported["text"] == "Ever tried, ever failed; Try again!"
    assert "".join(each["text"] for each in reported["segments"]).replace(" ", "") == reported[
        "text"
    ].replace(" ", "")


def test_wav_in_a_pipe_loads_no_codec_and_no_display(run: Program, beckett: Path) -> None:
    code = (
        "import sys; from stepcli.__main__ import main; code = main();"
        "print(*sys.modules, file=sys.stderr); sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "transcribe", beckett],
        env=run.environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = {name.partition(".")[0] for name in done.stderr.split()}
    assert not loaded & {"numpy", "soundfile", "soxr", "rich", "sounddevice", "websockets"}


def test_missing_ffmpeg_is_reported_with_the_install_command(run: Program) -> None:
    path = run.home / "x.amr"
    path.write_bytes(b"#!AMR\n" + bytes(range(200)))
    done = run(
        "transcribe", path, PATH=str(Path(shutil.which("true") or "/bin/true").parent / "none")
    )
    assert done.code == 2
    assert "needs ffmpeg" in done.stderr
    assert "hint: " in done.stderr


@pytest.mark.parametrize(
    ("format", "sent"), [("auto", "mp3"), ("mp3", "mp3"), ("pcm", "pcm"), ("as-is", "wav")]
)
def test_audio_is_sent_in_the_upload_format(
    run: Program, service: Sandbox, beckett: Path, format: str, sent: str
) -> None:
    """The words are the same, and at the same times, which the sandbox's model has every 32 ms."""
    command = ("transcribe", beckett, "--json")
    reported = json.loads(_good(run(*command, "--upload-format", format)).stdout)
    (entry,) = service.log("asr")
    assert entry["body"]["audio"]["input"]["format"]["type"] == sent
    raw = json.loads(_good(run(*command, "--upload-format", "pcm")).stdout)
    assert word_errors(raw["text"], reported["text"]) <= 1
    assert _first_word(reported) == pytest.approx(_first_word(raw), abs=0.035)


def _first_word(reported: dict[str, Any]) -> float:
    return float(reported["segments"][0]["words"][0]["start"])
