"""``transcribe --language``: what is sent, and what follows an answer without words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.in_process import InProcess
from tests.support.raw_server import RawServer, http, raw_server
from tests.support.recordings import noise, silence, write_wav

EMPTY = b'data: {"type": "transcript.text.done", "text": "", "usage": {"total_tokens": 2}}\n\n'


@pytest.fixture
def run(tmp_path: Path) -> InProcess:
    write_wav(tmp_path / "a.wav", noise(2))
    write_wav(tmp_path / "quiet.wav", silence(2))
    return InProcess(tmp_path, {"STEP_API_KEY": "transcribe-language-key", "LANG": "C.UTF-8"})


def _languages(server: RawServer) -> list[str | None]:
    bodies: list[Any] = [one.json for one in server.requests]
    return [body["audio"]["input"]["transcription"].get("language") for body in bodies]


@pytest.mark.parametrize(
    ("arguments", "environ", "languages"),
    [
        ((), {}, [None, "en", "zh"]),
        (("-l", "AUTO"), {"LANG": "zh_CN.UTF-8"}, [None, "zh", "en"]),
        (("-l", "en"), {}, ["en"]),
        (("--language", "zh-CN"), {}, ["zh"]),
        (("--language", "KO"), {}, ["ko"]),
        ((), {"STEPCLI_LANGUAGE": "ja"}, ["ja"]),
    ],
)
def test_language_is_sent_and_auto_tries_others(
    run: InProcess, arguments: tuple[str, ...], environ: dict[str, str], languages: list[str | None]
) -> None:
    """Where no words are recognized; usage and pieces count all requests."""
    answer = http(EMPTY, kind="text/event-stream")
    with raw_server(answer) as server:
        environ = {**environ, "STEPCLI_BASE_URL": server.base}
        done = run("transcribe", "a.wav", "--json", *arguments, **environ)
    assert done.code == 0, done.stderr
    assert _languages(server) == languages
    transcript = json.loads(done.stdout)
    assert transcript["language"] == (languages[0] or "auto")
    assert transcript["pieces"] == len(transcript["ids"]) == len(languages)
    assert transcript["usage"] == {"total_tokens": 2 * len(languages)}


def test_silence_is_sent_once(run: InProcess) -> None:
    answer = http(EMPTY, kind="text/event-stream")
    with raw_server(answer) as server:
        assert run("transcribe", "quiet.wav", STEPCLI_BASE_URL=server.base).code == 0
    assert _languages(server) == [None]


@pytest.mark.parametrize(("arguments", "extra"), [((), 2), (("-l", "en"), 0)])
def test_dry_run_names_the_requests_that_it_does_not_count(
    run: InProcess, arguments: tuple[str, ...], extra: int
) -> None:
    done = run("transcribe", "a.wav", "--dry-run", "--json", *arguments)
    assert json.loads(done.stdout)["extra_requests_if_empty"] == extra
    note = run("transcribe", "a.wav", "--dry-run", *arguments).stderr
    assert ("sent again as en and zh" in note) == bool(extra)
