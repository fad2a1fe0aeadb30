"""``transcribe`` where the service finds no words, reports an error, or refuses large pieces."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.in_process import InProcess
from tests.support.raw_server import RawServer, http, raw_server
from tests.support.recordings import noise, silence, write_wav

FORMATS = ("text", "json", "jsonl", "srt", "vtt", "lrc", "tsv")
SILENT = b'data: {"type": "error", "message": "no speech detected"}\n\n'
TIMES = {"start_time": 0, "end_time": 400}


def _events(*events: dict[str, object]) -> bytes:
    return b"".join(f"data: {json.dumps(event)}\n\n".encode() for event in events)


def _spoken(*texts: str, final: str = "") -> bytes:
    deltas = [{"type": "transcript.text.delta", "delta": text, **TIMES} for text in texts]
    return _events(*deltas, {"type": "transcript.text.done", "text": final})


def _answer(wanted: bytes) -> bytes:
    return wanted if wanted.startswith(b"HTTP") else http(wanted, kind="text/event-stream")


Serve = Callable[..., RawServer]


@pytest.fixture
def run(tmp_path: Path) -> InProcess:
    write_wav(tmp_path / "a.wav", noise(4), silence(1), noise(4))
    return InProcess(tmp_path, {"STEP_API_KEY": "transcribe-silence-key", "LANG": "C.UTF-8"})


@pytest.fixture
def serve(run: InProcess) -> Iterator[Serve]:
    """Return what serves the given answers, one a request; the last one repeatedly."""
    answers: list[bytes] = []

    with raw_server(
        lambda connection, _: connection.sendall(answers.pop(0) if len(answers) > 1 else answers[0])
    ) as server:
        run.environ["STEPCLI_BASE_URL"] = server.base

        def begin(*wanted: bytes) -> RawServer:
            answers[:] = [_answer(one) for one in wanted]
            return server

        yield begin


@pytest.mark.parametrize("format", FORMATS)
def test_silence_is_an_empty_transcript_in_every_format(
    run: InProcess, serve: Serve, format: str
) -> None:
    """The exit code is 0, and a note says that nothing was recognized."""
    serve(SILENT)
    done = run("transcribe", "a.wav", "--format", format)
    assert done.code == 0, done.stderr
    assert "no speech was recognized in a.wav" in done.stderr
    if format in ("json", "jsonl"):
        value = json.loads(done.stdout)
        assert (value["text"], value["segments"]) == ("", [])
    else:
        heads = {"text": "\n", "vtt": "WEBVTT\n\n", "tsv": "start\tend\ttext\n"}
        assert done.stdout == heads.get(format, "")


@pytest.mark.parametrize("format", FORMATS)
def test_silent_piece_is_an_empty_part_of_the_transcript(
    run: InProcess, serve: Serve, format: str
) -> None:
    server = serve(SILENT, _spoken("hello", final="hello"))
    options = ("--piece-minutes", "0.1", "--jobs", "1", "-l", "en")
    done = run("transcribe", "a.wav", *options, "--format", format)
    assert done.code == 0, done.stderr
    assert done.stderr == ""
    assert "hello" in done.stdout
    assert len(server.requests) == 2


@pytest.mark.parametrize("format", FORMATS)
def test_deltas_are_the_transcript_if_the_final_text_is_empty(
    run: InProcess, serve: Serve, format: str
) -> None:
    serve(_spoken("hello", " world"))
    done = run("transcribe", "a.wav", "--format", format)
    assert done.code == 0, done.stderr
    assert done.stderr == ""
    assert "hello world" in done.stdout


WORDS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]


def _spread(*texts: str) -> bytes:
    """Return an answer in which each word takes half a second."""
    deltas = [
        {
            "type": "transcript.text.delta",
            "delta": f" {text}",
            "start_time": 500 * number,
            "end_time": 500 * number + 500,
        }
        for number, text in enumerate(texts)
    ]
    return _events(*deltas, {"type": "transcript.text.done", "text": " ".join(texts)})


@pytest.mark.parametrize(
    ("options", "cues"),
    [
        (["--max-line-width", "10"], ["one two\nthree four", "five six\nseven", "eight\nnine ten"]),
        (["--max-lines", "1"], ["one two three four five six", "seven eight nine ten"]),
        (
            ["--max-cue-seconds", "2"],
            ["one two three four", "five six seven eight", "nine ten"],
        ),
    ],
)
def test_options_shape_cues(
    run: InProcess, serve: Serve, options: list[str], cues: list[str]
) -> None:
    serve(_spread(*WORDS))
    done = run("transcribe", "a.wav", "--format", "srt", *options)
    assert [cue.split("\n", 2)[2] for cue in done.stdout.strip().split("\n\n")] == cues, done.stdout


def test_options_shape_segments(run: InProcess, serve: Serve) -> None:
    serve(_spread(*WORDS))
    done = run("transcribe", "a.wav", "--json", "--max-cue-seconds", "3")
    segments = json.loads(done.stdout)["segments"]
    assert [len(segment["words"]) for segment in segments] == [6, 4]


def test_word_times_are_for_vtt(run: InProcess, serve: Serve) -> None:
    serve(_spread(*WORDS[:2]), _spread(*WORDS[:2]))
    vtt, srt = (
        run("transcribe", "a.wav", "--word-times", "--format", name).stdout
        for name in ("vtt", "srt")
    )
    assert "\none <00:00:00.500>two\n" in vtt
    assert "\none two\n" in srt


TOO_LARGE = "audio data size 12582912 bytes exceeds maximum allowed size 10485760 bytes"
BODY = json.dumps({"error": {"message": TOO_LARGE}}).encode()


@pytest.mark.parametrize(
    "refusal",
    [
        _events({"type": "error", "message": TOO_LARGE}),
        http(BODY, kind="application/json"),
        http(BODY, kind="application/json", status="400 Bad Request"),
        http(b"<html>", kind="text/html", status="413 Content Too Large"),
    ],
    ids=["event", "body", "400", "413"],
)
@pytest.mark.parametrize("format", FORMATS)
def test_piece_that_is_refused_as_too_large_is_cut_in_two(
    run: InProcess, serve: Serve, refusal: bytes, format: str
) -> None:
    """At the pause; times and text are those of the whole."""
    server = serve(refusal, _spoken("hello"), _spoken("again"))
    done = run("transcribe", "a.wav", "--format", format)
    assert done.code == 0, done.stderr
    assert len(server.requests) == 3
    if format == "text":
        assert done.stdout == "hello again\n"
    if format == "json":
        value = json.loads(done.stdout)
        assert (value["text"], value["pieces"]) == ("hello again", 2)
        assert value["segments"][-1]["end"] == pytest.approx(5.1, abs=0.3)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ({"message": "quota exceeded"}, 4),
        ({"code": "quota_exceeded", "message": "no"}, 4),
        ({"code": "429", "message": "no"}, 4),
        ({"message": "Incorrect API key provided"}, 3),
        ({"error": {"type": "invalid_api_key", "message": "no"}}, 3),
        ({"error": {"type": "censorship_block", "message": "no"}}, 10),
        ({"code": "request_params_invalid", "message": "no"}, 2),
        ({"error": None, "message": "no"}, 6),
    ],
)
def test_error_event_has_the_exit_code_of_its_kind(
    run: InProcess, serve: Serve, error: dict[str, object], code: int
) -> None:
    serve(_events({"type": "error", **error}))
    done = run("transcribe", "a.wav", "--json", "--retries", "0")
    assert done.code == code
    details = error["error"] if isinstance(error.get("error"), dict) else error
    assert isinstance(details, dict)
    assert details["message"] in json.loads(done.stderr)["error"]["message"]
