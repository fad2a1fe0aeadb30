"""``stepcli stream`` as a user runs it, against the sandbox."""

from __future__ import annotations

import json
import subprocess
import time

import pytest

from tests.support.in_process import InProcess
from tests.support.program import Program
from tests.support.realtime_log import created, kinds, received
from tests.support.service import Sandbox
from tests.support.sounds import probe

TEXT = "One is here. Two is there! Is three anywhere? The end."
FORMATS = [
    ("x.wav", "pcm_s16le"),
    ("x.mp3", "mp3"),
    ("x.flac", "flac"),
    ("x.opus", "opus"),
]


def write_slowly(run: subprocess.Popen[bytes], text: str, pause: float = 0.08) -> None:
    """Write ``text`` word by word, as a language model does, and close the pipe."""
    assert run.stdin
    for word in text.split(" "):
        run.stdin.write(f"{word} ".encode())
        run.stdin.flush()
        time.sleep(pause)
    run.stdin.close()


def test_text_is_spoken_while_it_is_written(stepcli: Program, service: Sandbox) -> None:
    """Every character goes up in order, once; the first sound comes before the second sentence."""
    first, rest = "One is here. ", TEXT[13:] + " 你好，世界。" + " And so on it goes." * 8
    text = first + rest
    command = ("stream", "-o", "x.wav", "--json")
    with stepcli.started(*command, stdin=subprocess.PIPE) as run:
        assert run.stdin
        run.stdin.write(first.encode())
        run.stdin.flush()
        _wait_for(service, "tts.response.audio.delta")
        write_slowly(run, rest)
        assert run.stdout
        told = json.loads(run.stdout.read())
        assert run.wait(30) == 0
    assert received(service) == [text + " "]
    assert kinds(service, "received").count("tts.text.done") == 1
    assert told["characters"] == len(text) + 1
    assert told["sentences"] == 13
    assert (told["sessions"], told["reconnects"]) == (1, 0)
    assert told["first_audio_ms"] > 0
    assert probe(stepcli.home / "x.wav").duration == pytest.approx(told["duration"], abs=0.01)


def _wait_for(service: Sandbox, kind: str, count: int = 1) -> None:
    """Until the service has sent so many messages of that kind."""
    for _ in range(600):
        if kinds(service, "sent").count(kind) >= count:
            return
        time.sleep(0.05)
    raise AssertionError(f"no {kind} came")


def test_mode_depends_on_where_the_text_comes_from(stepcli: Program, service: Sandbox) -> None:
    """Text that is all there is cut by the service at sentence marks; a pipe's is gathered."""
    stepcli("stream", "-o", "x.wav", TEXT)
    stepcli("stream", "-o", "x.wav", input=TEXT)
    stepcli("stream", "-o", "x.wav", "--mode", "sentence", input=TEXT)
    assert [data["mode"] for data in created(service)] == ["sentence", "default", "sentence"]


def test_text_of_a_file_is_spoken(run: InProcess, service: Sandbox) -> None:
    (run.home / "story.txt").write_bytes(b"\xef\xbb\xbf" + TEXT.encode())
    assert run("stream", "-f", "story.txt", "-o", "x.wav").code == 0
    assert received(service) == [TEXT]


def test_options_are_sent_under_the_names_of_the_service(run: InProcess, service: Sandbox) -> None:
    done = run(
        "stream", "Hi.", "-o", "x.wav", "-v", "vibrant-youth", "-i", "softly", "--speed", "1.2",
        "--volume", "0.8", "--pronounce", "LOL/laugh", "--markdown", "--sample-rate", "16000",
        "--text-normalization", "enhanced",
    )  # fmt: skip
    assert (done.code, done.stderr) == (0, "")
    (data,) = created(service)
    del data["session_id"]
    assert data == {
        "voice_id": "vibrant-youth",
        "response_format": "pcm",
        "mode": "sentence",
        "sample_rate": 16000,
        "speed_ratio": 1.2,
        "volume_ratio": 0.8,
        "instruction": "softly",
        "pronunciation_map": {"tone": ["LOL/laugh"]},
        "markdown_filter": True,
        "text_normalization": "enhanced",
    }


@pytest.mark.parametrize(("name", "codec"), FORMATS)
def test_output_is_one_file_in_any_format(run: InProcess, name: str, codec: str) -> None:
    told = json.loads(run("stream", TEXT, "-o", name, "--json").stdout)
    found = probe(run.home / name)
    assert (found.codec, found.channels) == (codec, 1)
    assert found.duration == pytest.approx(told["duration"], abs=0.1)


def test_stdout_gets_audio_only(stepcli: Program) -> None:
    done = stepcli("stream", TEXT, "-o", "-", "--format", "wav")
    assert done.code == 0
    assert done.out[:4] == b"RIFF"
    command = ["sox", "-t", "wav", "-", "-n", "stat"]
    played = subprocess.run(command, input=done.out, capture_output=True, check=True)
    assert b"Length (seconds)" in played.stderr


def test_closed_pipe_is_not_an_error(stepcli: Program) -> None:
    with stepcli.started("stream", TEXT * 20, "-o", "-", "--format", "pcm") as run:
        assert run.stdout
        run.stdout.read(100)
        run.stdout.close()
        assert run.stderr
        assert (run.wait(30), run.stderr.read()) == (0, b"")


@pytest.mark.parametrize("blank", [b"", b" \n\t", b"\xef\xbb\xbf"])
def test_blank_input_is_a_usage_error(run: InProcess, service: Sandbox, blank: bytes) -> None:
    done = run("stream", "-o", "x.wav", input=blank)
    assert done.code == 2
    assert "blank" in done.stderr
    assert not (run.home / "x.wav").exists()
    assert received(service) in ([], [""])


def test_invalid_utf8_is_reported_with_its_offset(run: InProcess) -> None:
    done = run("stream", "-o", "x.wav", input=b"Hello. \xff")
    assert done.code == 2
    assert "byte 0xff at offset 7" in done.stderr
    assert not (run.home / "x.wav").exists()


def test_audio_before_invalid_bytes_is_kept(stepcli: Program, service: Sandbox) -> None:
    assert stepcli("stream", "-o", "x.wav", input="Hello there. How").code == 0
    service.reset()
    with stepcli.started("stream", "-o", "y.wav", stdin=subprocess.PIPE) as run:
        assert run.stdin
        assert run.stderr
        run.stdin.write(b"Hello there. How")
        run.stdin.flush()
        _wait_for(service, "tts.response.audio.delta")
        run.stdin.write(b"\xff")
        run.stdin.close()
        complaint = run.stderr.read().decode()
        assert run.wait(30) == 2
    assert "offset 16" in complaint
    assert "y.partial.wav" in complaint
    whole, part = (probe(stepcli.home / name) for name in ("x.wav", "y.partial.wav"))
    assert part.duration == pytest.approx(whole.duration, abs=0.05)


@pytest.mark.parametrize(
    "arguments",
    [
        ("Hi", "--speed", "9"),
        ("Hi", "--instruction", "x" * 201),
        ("Hi", "--sample-rate", "12345"),
        ("Hi", "--pronounce", "LOL"),
        ("Hi", "--subtitles", "x.txt"),
        ("Hi", "--wire-format", "wav"),
        ("Hi", "-f", "x.txt"),
        ("Hi", "-o", "-", "--json"),
        ("Hi", "-o", "nowhere/x.wav"),
        ("",),
    ],
)
def test_invalid_option_is_refused_before_a_request(
    run: InProcess, service: Sandbox, arguments: tuple[str, ...]
) -> None:
    output = () if "-o" in arguments else ("-o", "x.wav")
    assert run("stream", *arguments, *output).code == 2
    assert service.log() == []


def test_missing_key_is_reported_before_the_text_is_read(offline: Program) -> None:
    with offline.started("stream", "-o", "x.wav", stdin=subprocess.PIPE) as run:
        assert run.wait(30) == 3


def test_help_mentions_the_lower_quality(offline: Program) -> None:
    told = " ".join(offline("stream", "--help", COLUMNS="200").stdout.split())
    assert "sounds better over HTTP" in told
    assert "stepcli speak" in told


def test_key_is_sent_to_the_service_only_and_never_shown(
    stepcli: Program, service: Sandbox
) -> None:
    service.fault(f"realtime:1:401,message={service.key} is no key")
    done = stepcli("stream", TEXT, "-o", "x.wav", "--debug")
    assert done.code == 3
    assert service.key not in done.stderr
    assert "*** is no key" in done.stderr


def test_literal_speaks_text_in_parentheses(run: InProcess, service: Sandbox) -> None:
    run("stream", "-o", "x.wav", "--literal", input="Hello (to all) 你好（大家）")
    assert received(service) == ["Hello ,to all, 你好，大家，"]
