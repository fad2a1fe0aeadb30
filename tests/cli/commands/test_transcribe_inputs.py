"""``transcribe`` of directories, lists and parts: many inputs, one run."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.in_process import InProcess
from tests.support.program import Finished
from tests.support.raw_server import RawServer, raw_server
from tests.support.recordings import reading, write_wav
from tests.support.service import Sandbox

SOUND = reading("beckett")[: 2 * 16000 * 4]
"""Two sentences."""
TOKENS_PER_SECOND = 12.5
"""What the sandbox reports for a second of audio."""


@pytest.fixture
def talks(home: Path) -> Path:
    """A directory of three recordings, each of another length, and a text file."""
    for number, name in enumerate(("a.wav", "b.wav", "below/a.wav"), start=1):
        path = home / "talks" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write_wav(path, SOUND, bytes(3200 * number))
    (home / "talks" / "notes.txt").write_text("just words")
    return home / "talks"


def transcribe(run: InProcess, *arguments: str | Path) -> Finished:
    return run("transcribe", "-l", "en", *arguments)


def _written(directory: Path) -> list[str]:
    return sorted(
        str(path.relative_to(directory)) for path in directory.rglob("*") if path.is_file()
    )


def test_output_dir_keeps_sub_directories(run: InProcess, talks: Path) -> None:
    done = transcribe(run, talks, "--recursive", "--output-dir", "out", "--format", "srt")
    assert (done.code, done.stdout) == (0, ""), done.stderr
    assert _written(run.home / "out") == ["a.srt", "b.srt", "below/a.srt"]


def test_existing_transcripts_are_skipped(run: InProcess, service: Sandbox, talks: Path) -> None:
    arguments = (talks, "--recursive", "--output-dir", "out", "--skip-existing")
    (run.home / "out" / "below").mkdir(parents=True)
    (run.home / "out" / "below" / "a.txt").write_text("old")
    assert transcribe(run, *arguments).code == 0
    assert len(service.log("asr")) == 2
    assert (run.home / "out" / "below" / "a.txt").read_text() == "old"
    done = transcribe(run, *arguments, "--json")
    assert done.code == 0
    assert len(service.log("asr")) == 2
    assert json.loads(done.stdout)["transcripts"] == []


def test_existing_output_is_skipped_without_a_key(run: InProcess, talks: Path) -> None:
    (run.home / "a.txt").write_text("old")
    run.environ.clear()
    done = transcribe(run, talks / "a.wav", "-o", "a.txt", "--skip-existing")
    assert (done.code, done.stdout) == (0, "")
    assert "every transcript exists already" in done.stderr
    assert (run.home / "a.txt").read_text() == "old"


@pytest.mark.usefixtures("talks")
def test_list_from_stdin(run: InProcess) -> None:
    names = "talks/a.wav\0talks/b.wav\0"
    done = run("transcribe", "-l", "en", "--files-from", "-", input=names)
    assert done.code == 0, done.stderr
    assert [line for line in done.stdout.splitlines() if line.startswith("==>")] == [
        "==> talks/a.wav <==",
        "==> talks/b.wav <==",
    ]


@pytest.mark.usefixtures("talks")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("talks/a.wav", "--skip-existing"), "--skip-existing requires -o FILE or --output-dir"),
        (("talks/a.wav", "talks/below/a.wav", "--output-dir", "out"), "would both be written to"),
        (("--mic", "--recursive"), "--recursive requires INPUT"),
        (("--mic", "--paragraphs"), "--paragraphs requires INPUT"),
        (("x.wav", "--paragraphs", "-o", "x.srt"), "--paragraphs requires the format text"),
        (("--files-from", "https://example.org/list"), "is a URL, not a file"),
        (("--last", "--files-from", "x"), "--files-from requires INPUT"),
        (("talks/below", "talks/none.wav", "--output-dir", "talks/a.wav"), "cannot create"),
    ],
)
def test_unusable_inputs_are_refused_before_a_request(
    run: InProcess, service: Sandbox, arguments: tuple[str, ...], message: str
) -> None:
    done = transcribe(run, *arguments)
    assert done.code == 2
    assert message in done.stderr
    assert service.log("asr") == []


def test_only_the_part_is_sent_and_times_are_those_of_the_whole(
    run: InProcess, service: Sandbox, home: Path
) -> None:
    write_wav(home / "long.wav", bytes(2 * 16000 * 60), SOUND, bytes(2 * 16000 * 60))
    done = transcribe(run, "long.wav", "--from", "0:59.5", "--to", "1:04.5", "--json")
    assert done.code == 0, done.stderr
    reported = json.loads(done.stdout)
    assert reported["text"].startswith("Ever tried")
    assert 59.5 <= reported["segments"][0]["start"] < reported["segments"][-1]["end"] <= 64.5
    assert reported["duration"] == 5
    assert len(service.log("asr")) == 1
    assert reported["usage"]["input_tokens"] == pytest.approx(5 * TOKENS_PER_SECOND, abs=2)


def test_results_kept_of_a_part_are_not_those_of_the_whole(run: InProcess, home: Path) -> None:
    write_wav(home / "a.wav", SOUND)
    assert transcribe(run, "a.wav", "--to", "2", "-o", "/dev/full").code == 8
    whole = transcribe(run, "a.wav").stdout
    assert len(whole) > len(transcribe(run, "a.wav", "--to", "2").stdout) > 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--from", "1:75"), "'1:75' is not seconds, mm:ss or hh:mm:ss"),
        (("--to", "soon"), "'soon' is not seconds"),
        (("--from", "3", "--to", "0:02"), "--to must be later than --from"),
        (("--from", "1:00:00"), "a.wav is only 4.00 s long"),
    ],
)
def test_unusable_times_are_refused_before_a_request(
    run: InProcess, service: Sandbox, home: Path, arguments: tuple[str, ...], message: str
) -> None:
    write_wav(home / "a.wav", SOUND)
    done = transcribe(run, "a.wav", *arguments)
    assert done.code == 2
    assert message in done.stderr
    assert service.log("asr") == []


def test_config_file_sets_the_part(run: InProcess, home: Path) -> None:
    write_wav(home / "a.wav", SOUND)
    (home / "config.toml").write_text('[transcribe]\nfrom = "1:00:00"\n')
    done = run("transcribe", "a.wav", STEPCLI_CONFIG=str(home / "config.toml"))
    assert "a.wav is only 4.00 s long" in done.stderr


@contextmanager
def _served(body: bytes, *headers: str) -> Iterator[RawServer]:
    lines = ["HTTP/1.1 200 OK", *headers, f"Content-Length: {len(body)}", "Connection: close"]
    with raw_server("\r\n".join([*lines, "", ""]).encode() + body) as server:
        yield server


def test_url_is_downloaded_without_the_key(run: InProcess, home: Path) -> None:
    sound = write_wav(home / "a.wav", SOUND).read_bytes()
    with _served(sound, "Content-Type: text/html") as server:
        url = f"{server.origin}/talks/one.wav?x=1"
        done = transcribe(run, url, "--output-dir", "out", "--format", "json")
    assert done.code == 0, done.stderr
    written = json.loads((home / "out" / "one.json").read_text())
    assert written["input"] == url
    assert written["text"].startswith("Ever tried")
    (request,) = server.requests
    assert "authorization" not in request.headers


def test_page_is_a_usage_error_that_names_yt_dlp(
    run: InProcess, service: Sandbox, home: Path
) -> None:
    with _served(b"<!doctype html><title>A talk</title>" + b" " * 9000) as server:
        done = transcribe(run, server.origin, write_wav(home / "a.wav", SOUND))
    assert done.code == 2
    assert f"{server.origin} is not a sound file" in done.stderr
    assert "yt-dlp" in done.stderr
    assert "Ever tried" in done.stdout
    assert len(service.log("asr")) == 1


def test_url_is_not_downloaded_without_a_key(run: InProcess) -> None:
    run.environ.pop("STEP_API_KEY")
    with _served(b"") as server:
        assert transcribe(run, server.origin).code == 3
    assert server.requests == []


def test_limits_of_a_download(run: InProcess) -> None:
    with _served(b"RIFF" + bytes(5000)) as server:
        done = transcribe(run, server.origin, "--max-download", "4K")
        assert (done.code, "is larger than 0.004 MB" in done.stderr) == (2, True), done.stderr
        assert transcribe(run, "ftp://example.org/a").code == 2
        assert transcribe(run, server.origin, "--max-download", "much").code == 2


def test_no_copy_of_a_url_is_left(
    run: InProcess, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    with _served(write_wav(home / "a.wav", SOUND).read_bytes()) as server:
        assert transcribe(run, server.origin).code == 0
    assert list((tmp_path / "temporary").iterdir()) == []


def test_pipe_on_stdin_is_the_input_without_names(run: InProcess, home: Path) -> None:
    sound = write_wav(home / "a.wav", SOUND).read_bytes()
    done = run("transcribe", "-l", "en", input=sound)
    assert done.code == 0, done.stderr
    assert done.stdout.startswith("Ever tried")
    assert "no input given" in run("transcribe").stderr


def test_named_pipe_is_read_once(run: InProcess, home: Path) -> None:
    sound = write_wav(home / "a.wav", SOUND).read_bytes()
    os.mkfifo(home / "pipe")
    writer = threading.Thread(target=(home / "pipe").write_bytes, args=[sound])
    writer.start()
    done = transcribe(run, "pipe", "--output-dir", "out")
    writer.join()
    assert done.code == 0, done.stderr
    assert (home / "out" / "pipe.txt").read_text().startswith("Ever tried")
