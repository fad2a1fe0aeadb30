"""``transcribe`` where the service finds no speech, or leaves its final text empty."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.in_process import InProcess
from tests.support.recordings import noise, silence, write_wav
from tests.support.scripted import Scripted, http, scripted

FORMATS = ("text", "json", "jsonl", "srt", "vtt", "tsv")
SILENT = b'data: {"type": "error", "message": "no speech detected"}\n\n'
TIMES = {"start_time": 0, "end_time": 400}


def _events(*events: dict[str, object]) -> bytes:
    return b"".join(f"data: {json.dumps(event)}\n\n".encode() for event in events)


def _spoken(*texts: str, final: str = "") -> bytes:
    deltas = [{"type": "transcript.text.delta", "delta": text, **TIMES} for text in texts]
    return _events(*deltas, {"type": "transcript.text.done", "text": final})


Serve = Callable[..., Scripted]


@pytest.fixture
def run(tmp_path: Path) -> InProcess:
    write_wav(tmp_path / "a.wav", noise(4), silence(1), noise(4))
    return InProcess(tmp_path, {"STEP_API_KEY": "transcribe-silence-key", "LANG": "C.UTF-8"})


@pytest.fixture
def serve(run: InProcess) -> Iterator[Serve]:
    """Return what serves the given event streams, one a request; the last one repeatedly."""
    answers: list[bytes] = []

    with scripted(
        lambda connection: connection.sendall(
            http(answers.pop(0) if len(answers) > 1 else answers[0], kind="text/event-stream")
        )
    ) as server:
        run.environ["STEPCLI_BASE_URL"] = server.base

        def begin(*streams: bytes) -> Scripted:
            answers[:] = streams
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
        assert "speech" not in done.stdout


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
    done = run("transcribe", "a.wav", "--json")
    assert done.code == code
    details = error["error"] if isinstance(error.get("error"), dict) else error
    assert isinstance(details, dict)
    assert details["message"] in json.loads(done.stderr)["error"]["message"]
