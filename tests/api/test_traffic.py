"""The totals of ``--verbose`` and the wire log of ``--debug``."""

from __future__ import annotations

import base64
import logging
from typing import Any

import httpx
import pytest

from stepcli.api.traffic import Traffic, log_frame, model_in, recorded
from tests.support.program import Program

SOUND = base64.b64encode(bytes(range(256)) * 4).decode()


def _logged(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records]


def _read(body: bytes, kind: str, **headers: str) -> None:
    class Blocks(httpx.SyncByteStream):
        def __iter__(self) -> Any:
            yield from (body[at : at + 7] for at in range(0, len(body), 7))

    response = httpx.Response(200, headers={"content-type": kind, **headers})
    assert b"".join(recorded(Blocks(), response)) == body


def test_sound_is_summarized(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "stepcli.wire"):
        log_frame("<", f'{{"audio":"{SOUND}","text":"Hello"}}')
    assert _logged(caplog) == ['< {"audio":"<sound, 1,026 bytes>","text":"Hello"}']


def test_text_is_logged_by_the_line_and_audio_by_its_size(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.DEBUG, "stepcli.wire"):
        _read(b'data: {"a": 1}\n\ndata: [DONE]', "text/event-stream; charset=utf-8")
        _read(bytes(5000), "audio/mpeg")
    lines = [line for line in _logged(caplog) if not line.startswith(("< content", "< 200"))]
    assert lines == ['< data: {"a": 1}', "< data: [DONE]", "< <audio/mpeg, 5,000 bytes>"]


def test_encoded_text_is_logged_by_its_size(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "stepcli.wire"):
        _read(b"\x1f\x8b123", "application/json", **{"content-encoding": "gzip"})
    assert "< <application/json, 5 bytes>" in _logged(caplog)


def test_model_is_found_at_any_depth() -> None:
    assert model_in({"audio": {"input": {"transcription": {"model": "asr"}}}}) == "asr"
    assert model_in({"input": "text"}) is None


def test_totals_count_requests_bytes_and_the_first_byte() -> None:
    traffic = Traffic()
    assert traffic.describe() is None
    traffic.request("tts", 100)
    traffic.transfer(received=2000)
    traffic.reuse()
    traffic.first_byte = 0.25
    assert traffic.describe() == (
        "tts, 1 request, 1 part reused, 100 bytes sent, 2,000 bytes received, "
        "first byte after 250 ms"
    )


def test_verbose_reports_the_totals_of_a_run(stepcli: Program) -> None:
    done = stepcli("speak", "Hello.", "-o", "a.wav", "--verbose")
    assert "stepcli: stepaudio-2.5-tts, 1 request, 0 parts reused, " in done.stderr
    assert "first byte after" in done.stderr
    done = stepcli("transcribe", "a.wav", "-l", "en", "--verbose")
    assert "stepcli: stepaudio-2.5-asr" in done.stderr
    assert "request" not in stepcli("speak", "Hello.", "-o", "a.wav").stderr


def test_debug_logs_bodies_without_sound_and_key(stepcli: Program) -> None:
    assert stepcli("speak", "Hello.", "-o", "a.wav").code == 0
    done = stepcli("transcribe", "a.wav", "-l", "en", "--debug")
    assert '"data": "<sound, ' in done.stderr
    assert "transcript.text.done" in done.stderr
    assert "authorization: Bearer ***" in done.stderr
    assert max(map(len, done.stderr.splitlines())) < 4100
