"""How transcripts are written: to files, to a pipe, and one utterance at a time."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from stepcli.api.recognition import TranscriptDelta
from stepcli.cli.commands.transcript_destination import TranscriptDestination
from stepcli.cli.commands.transcript_writers import live_writer
from stepcli.cli.io.audio_input import AudioInput, InputSettings
from stepcli.tasks.transcription.results import RecognitionResult
from stepcli.tasks.transcription.transcript import TranscriptFormat
from stepcli.text.replacements import Replacements
from tests.support.in_process import InProcess, pipes
from tests.support.program import Finished
from tests.support.segments import segment
from tests.support.service import Sandbox

ODD = os.fsdecode(b"odd\xff.wav")


@pytest.fixture
def run(home: Path, service: Sandbox, words: Path) -> InProcess:
    for name in ("second.wav", ODD):
        shutil.copy(words, home / name)
    return InProcess(home, dict(service.environ))


def transcribe(program: InProcess, *arguments: str, **environ: str) -> Finished:
    return program("transcribe", "-l", "en", *arguments, **environ)


def test_failed_write_fails_its_input_only(run: InProcess, service: Sandbox) -> None:
    """What was paid for is kept: the same command sends nothing again."""
    (run.home / "out").mkdir()
    (run.home / "out" / "words.txt").symlink_to("/dev/full")
    arguments = ("words.wav", "second.wav", "--output-dir", "out", "--json")
    done = transcribe(run, *arguments)
    assert done.code == 8
    first, second = json.loads(done.stdout)["transcripts"]
    assert first["error"]["exit_code"] == 8
    assert second["text"]
    assert (run.home / "out" / "second.txt").read_text() == second["text"] + "\n"
    assert "run the same command again to send only the rest" in done.stderr
    (run.home / "out" / "words.txt").unlink()
    service.reset()
    assert transcribe(run, *arguments).code == 0
    assert service.log("asr") == []


@pytest.mark.parametrize("name", ["x.json", "x.jsonl"])
def test_file_name_that_is_not_utf8_is_escaped_in_json(run: InProcess, name: str) -> None:
    """Python and JavaScript read the escape as the name's bytes."""
    assert transcribe(run, ODD, "-o", name).code == 0
    assert transcribe(run, ODD, "--output-dir", "out", "--format", name[2:]).code == 0
    for path in (run.home / name, run.home / "out" / os.fsdecode(b"odd\xff" + name[1:].encode())):
        last = path.read_text(encoding="utf-8").splitlines()[-1]
        assert json.loads(last)["input"] == ODD


def test_file_name_that_is_not_utf8_is_its_bytes_in_text(run: InProcess) -> None:
    done = transcribe(run, "words.wav", ODD)
    assert b"==> odd\xff.wav <==\n" in done.out
    assert transcribe(run, "words.wav", ODD, "-o", "x.txt").code == 0
    assert (run.home / "x.txt").read_bytes() == done.out


@pytest.mark.parametrize("format", ["text", "json", "jsonl", "srt"])
def test_words_are_replaced_in_every_format_but_not_in_what_is_kept(
    run: InProcess, service: Sandbox, format: str
) -> None:
    (run.home / "config.toml").write_text('[replace]\n"no matter" = "all right"\n')
    replaced = ("--replace", "ever=never", "--format", format, "--piece-minutes", "0.05")
    service.fault("asr:2:500")
    failed = transcribe(run, "words.wav", "--retries", "0", "--jobs", "1", *replaced)
    assert failed.code == 6
    service.reset()
    done = transcribe(run, "words.wav", *replaced, STEPCLI_CONFIG="config.toml")
    assert done.code == 0, done.stderr
    assert all(words in done.stdout for words in ("Never tried.", "Never failed.", "All right"))
    assert "Ever" not in done.stdout


def test_utterance_is_a_line_before_words_are_replaced(home: Path) -> None:
    terminal = pipes()
    microphone = AudioInput("microphone", "microphone", home / "a.wav", InputSettings(), terminal)
    replacements = Replacements({"new line": "\n"})
    destination = TranscriptDestination(
        [microphone], None, None, TranscriptFormat.TEXT, terminal, {}, replacements
    )
    with live_writer(destination) as writer:
        said = RecognitionResult("Dear\nAnn new line hello", [TranscriptDelta("Dear")])
        writer.add([segment(0.0, 1.0)], [said])
        writer.finish(1.0)
    assert terminal.stdout.getvalue() == "Dear Ann\nhello\n"  # type: ignore[attr-defined]
