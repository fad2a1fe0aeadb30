"""Every way the service can fail ``transcribe``: the right code, one sentence, nothing written."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.in_process import InProcess
from tests.support.program import Program
from tests.support.recordings import reading, silence, write_wav
from tests.support.service import Sandbox


@pytest.fixture
def stepcli(home: Path, service: Sandbox) -> InProcess:
    return InProcess(home, dict(service.environ))


@pytest.fixture
def words(home: Path) -> Path:
    """Two sentences."""
    return write_wav(home / "words.wav", reading("beckett")[: 2 * 16000 * 4])


@pytest.mark.parametrize(
    ("fault", "code", "said"),
    [
        ("asr:*:400", 2, "refused the request"),
        ("asr:*:401", 3, "refused the API key"),
        ("asr:*:402", 4, "credit"),
        ("asr:*:413", 2, "too large"),
        ("asr:*:429", 4, "too many requests"),
        ("asr:*:451", 10, "moderation"),
        ("asr:*:503", 6, "failed"),
        ("asr:*:html", 6, "text/html"),
        ("asr:*:empty", 6, "instead of an event stream"),
        ("asr:*:type,value=text/plain", 6, "text/plain"),
        ("asr:*:reset", 6, "cut off"),
        ("asr:*:cut,after=2", 6, "cut off"),
        ("asr:*:reset,after=2", 6, "cut off"),
        ("asr:*:malformed,after=1", 6, "not JSON"),
        ("asr:*:error,message=too noisy,after=2", 6, "too noisy"),
        ("asr:*:error,message=no: censorship_block", 10, "no"),
        ("asr:*:drop,event=transcript.text.done", 6, "before it was done"),
        ("asr:*:stall,after=2", 5, "silent for"),
    ],
)
def test_failure_has_its_exit_code_and_leaves_no_file(
    stepcli: InProcess, service: Sandbox, words: Path, fault: str, code: int, said: str
) -> None:
    service.fault(fault)
    options = ("-l", "en", "-o", "x.srt", "--retries", "0", "--timeout", "3" if code == 5 else "60")
    done = stepcli("transcribe", words, *options)
    assert (done.code, done.stdout) == (code, "")
    assert said in done.stderr
    assert done.stderr.count("stepcli: error: ") == 1
    assert "Traceback" not in done.stderr
    assert [path.name for path in stepcli.home.iterdir() if path.is_file()] == ["words.wav"]


@pytest.mark.parametrize(
    "fault",
    [
        "asr:1:stall,after=1,for=1",
        "asr:1:frame,after=1,bytes=1048576",
        "asr:1:drip,rate=3000,piece=7",
        "asr:*:repeat,event=transcript.text.done",
        "asr:1:429,retry-after=0",
        'asr:*:edit,field=start_time,value="soon"',
        "asr:*:edit,field=usage,value=[1]",
        "asr:*:edit,field=meta,value=7",
        "asr:*:edit,field=usage",
    ],
)
def test_harmless_fault_does_not_change_the_transcript(
    stepcli: InProcess, service: Sandbox, words: Path, fault: str
) -> None:
    """A pause, a large event, a slow connection, unexpected fields."""
    expected = stepcli("transcribe", words, "-l", "en").stdout
    service.fault(fault)
    done = stepcli("transcribe", words, "-l", "en", "--format", "json")
    assert done.code == 0, done.stderr
    assert expected.strip() in done.stdout


def test_invalid_input_is_reported_before_a_missing_key(offline: Program) -> None:
    write_wav(offline.home / "a.wav", silence(0.5))
    assert offline("transcribe", "a.wav").code == 3
    assert offline("transcribe", "none.wav").code == 2


def test_results_are_kept_when_the_output_fails(
    stepcli: InProcess, service: Sandbox, words: Path
) -> None:
    """They are not requested again."""
    done = stepcli("transcribe", words, "-l", "en", "-o", "/dev/full")
    assert done.code == 8
    assert "/dev/full" in done.stderr
    assert "1 finished piece is kept in" in done.stderr
    service.reset()
    assert stepcli("transcribe", words, "-l", "en").code == 0
    assert service.log("asr") == []
