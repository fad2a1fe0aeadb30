"""``voices preview``."""

from __future__ import annotations

import json
import re
import signal
import time
from pathlib import Path

import pytest
import soundfile

from tests.support.in_process import InProcess
from tests.support.program import INTERRUPTS, Program, until
from tests.support.service import Sandbox
from tests.support.voice_samples import write_new_sample


def _asked(service: Sandbox) -> list[str]:
    return [entry["endpoint"] for entry in service.log()]


# ── preview ──────────────────────────────────────────────────────────────────────────────────────


def test_preview_uses_the_open_base_if_the_plan_base_has_none(
    run: InProcess, service: Sandbox, home: Path, sample: Path
) -> None:
    service.fault("plan/preview:*:404,body=404 page not found")
    done = run("voices", "preview", sample, "-o", "p.wav")
    assert done.code == 0, done.stderr
    assert "the plan base has no previews; using" in done.stderr
    with soundfile.SoundFile(home / "p.wav") as sound:
        assert sound.format == "WAV"


def test_unknown_file_is_explained(run: InProcess) -> None:
    done = run("voices", "preview", "file-nosuch", "-o", "p.wav")
    assert done.code == 2
    assert "hint: give an audio file, a voice id, or the id" in done.stderr


@pytest.mark.parametrize(
    ("name", "kind"), [("p.mp3", "MP3"), ("p.wav", "WAV"), ("p.flac", "FLAC"), ("p.opus", "OGG")]
)
def test_preview_uploads_the_sample_and_deletes_it(
    run: InProcess, service: Sandbox, home: Path, sample: Path, name: str, kind: str
) -> None:
    """The preview has the requested format."""
    done = run("voices", "preview", sample, "-o", name)
    assert (done.code, done.stdout) == (0, "")
    open_base = service.base.replace("/step_plan", "")
    assert done.stderr == f"uploading the sample to {open_base}, outside the plan\n"
    assert _asked(service) == ["files", "preview", "delete"]
    with soundfile.SoundFile(home / name) as sound:
        assert (sound.format, sound.channels) == (kind, 1)
        assert sound.frames > sound.samplerate


def test_preview_is_kept_if_its_output_fails(run: InProcess, sample: Path) -> None:
    done = run("voices", "preview", sample, "-o", "/dev/full", "--format", "mp3")
    assert done.code == 8
    kept = re.search(r"the preview is kept in (\S+)", done.stderr)
    assert kept
    assert soundfile.info(kept[1]).frames


def test_preview_json_describes_the_file(run: InProcess, service: Sandbox, sample: Path) -> None:
    """The transcript, the sentence and the sample rate are sent."""
    done = run(
        "voices", "preview", sample, "-o", "p.wav", "--json",
        "--say", "Good morning.", "--transcript", "what it says", "--sample-rate", "16000",
    )  # fmt: skip
    reported = json.loads(done.stdout)
    assert (reported["output"], reported["format"], reported["sample_rate"]) == (
        "p.wav",
        "wav",
        16000,
    )
    assert reported["text"] == "Good morning."
    body = service.log("preview")[0]["body"]
    assert (body["sample_text"], body["text"]) == ("Good morning.", "what it says")


def test_preview_to_stdout_is_only_audio(stepcli: Program, sample: Path) -> None:
    assert stepcli("voices", "preview", sample, "-o", "-", "--format", "wav").out[:4] == b"RIFF"


def test_preview_of_a_stored_file_transfers_nothing(
    run: InProcess, service: Sandbox, sample: Path
) -> None:
    """With --keep-upload the file stays and its id is printed."""
    kept = run("voices", "preview", sample, "-o", "p.mp3", "--keep-upload")
    assert _asked(service) == ["files", "preview"]
    file_id = kept.stderr.split()[-1]
    service.reset()
    assert run("voices", "preview", file_id, "-o", "p.mp3").code == 0
    assert _asked(service) == ["preview"]


def test_preview_of_a_voice_speaks_the_sentence(
    run: InProcess, service: Sandbox, home: Path
) -> None:
    """The voice may be an alias."""
    run("config", "set", "aliases.him", "vibrant-youth")
    for name in ("him", "vibrant-youth"):
        assert run("voices", "preview", name, "-o", "p.mp3", "--say", "Hi there.").code == 0
    bodies = [entry["body"] for entry in service.log("speech")]
    assert [(body["voice"], body["input"]) for body in bodies] == [
        ("vibrant-youth", "Hi there.")
    ] * 2
    assert (home / "p.mp3").stat().st_size > 1000


@pytest.mark.parametrize(
    ("fault", "code", "asked"),
    [
        ("preview:*:400", 2, ["files", "preview", "delete"]),
        ("preview:*:451", 10, ["files", "preview", "delete"]),
        ("preview:*:reset", 6, ["files", "preview", "delete"]),
        ("preview:*:cut,after=500", 6, ["files", "preview", "delete"]),
        ("preview:*:html", 6, ["files", "preview", "delete"]),
        ("preview:*:edit,field=sample_audio", 6, ["files", "preview", "delete"]),
        ('preview:*:edit,field=sample_audio,value="AAAA"', 6, ["files", "preview", "delete"]),
        ("preview:1:503", 0, ["files", "preview", "preview", "delete"]),
        ("files:*:401", 3, ["files"]),
        ("files:*:413", 2, ["files"]),
        ("files:*:500", 6, ["files"]),
        ("files:*:reset", 6, ["files"]),
        ("files:*:empty", 6, ["files"]),
        ("files:*:edit,field=id", 6, ["files"]),
        ("files:1:429,retry-after=0", 0, ["files", "files", "preview", "delete"]),
        ("files:1:503", 0, ["files", "files", "preview", "delete"]),
        ("delete:1:503", 0, ["files", "preview", "delete", "delete"]),
        ("delete:*:404", 0, ["files", "preview", "delete"]),
        ("delete:*:400", 0, ["files", "preview", "delete"]),
    ],
)
def test_failed_preview_deletes_the_upload(
    run: InProcess, service: Sandbox, home: Path, sample: Path, fault: str, code: int,
    asked: list[str],
) -> None:  # fmt: skip
    """Requests that may have arrived are not repeated."""
    service.fault(fault)
    done = run("voices", "preview", sample, "-o", "p.mp3")
    assert done.code == code, done.stderr
    assert _asked(service) == asked
    assert (home / "p.mp3").exists() is (code == 0)
    assert [path.name for path in home.glob("*.part")] == []


def test_second_sentence_for_a_sample_has_a_hint(run: InProcess, sample: Path) -> None:
    """The service accepts one sentence per sample."""
    assert run("voices", "preview", sample, "-o", "p.mp3").code == 0
    done = run("voices", "preview", sample, "-o", "p.mp3", "--say", "Something else.")
    assert done.code == 2
    assert "hint: a sample speaks one short sentence only: --say the same" in done.stderr


def test_sample_that_cannot_be_deleted_is_reported(
    run: InProcess, service: Sandbox, sample: Path
) -> None:
    """The preview succeeds."""
    service.fault("delete:*:400")
    done = run("voices", "preview", sample, "-o", "p.mp3", "-q")
    assert "file-" in done.stderr
    assert "could not be deleted" in done.stderr


def test_upload_without_a_response_is_not_repeated(
    run: InProcess, service: Sandbox, sample: Path
) -> None:
    """The message says that the sample may be stored."""
    service.fault("files:*:reset")
    done = run("voices", "preview", sample, "-o", "p.mp3")
    assert "may be stored" in done.stderr
    service.reset()
    service.fault("files:*:413")
    assert "may be stored" not in run("voices", "preview", sample, "-o", "p.mp3").stderr


@pytest.mark.parametrize(("sent", "code"), INTERRUPTS)
def test_interrupted_preview_deletes_the_sample(
    stepcli: Program, service: Sandbox, home: Path, sample: Path, sent: signal.Signals, code: int
) -> None:
    service.fault("preview:*:stall")
    with stepcli.started("voices", "preview", sample, "-o", "p.mp3") as run:
        until(lambda: "files" in _asked(service) and _uploaded(service))
        run.send_signal(sent)
        assert run.wait(30) == code
    until(lambda: "delete" in _asked(service))
    assert not (home / "p.mp3").exists()


def _uploaded(service: Sandbox) -> bool:
    """Return whether the upload is complete and the preview is about to be requested."""
    time.sleep(0.5)
    status: int = service.log("files")[0]["status"]
    return status == 200


def test_preview_warns_about_a_poor_sample(run: InProcess, home: Path) -> None:
    """Too short, too quiet or clipped."""
    write_new_sample(home / "short.wav", 3, loudness=0.03)
    done = run("voices", "preview", "short.wav", "-o", "p.mp3")
    assert done.code == 0
    assert "cloning needs 5 to 10 s" in done.stderr
    assert "very quiet" in done.stderr
    write_new_sample(home / "loud.wav", 7, loudness=1.5)
    assert "is clipped" in run("voices", "preview", "loud.wav", "-o", "p.mp3").stderr


def test_output_may_have_the_name_of_the_voice(run: InProcess, home: Path) -> None:
    done = run("voices", "preview", "lively-girl", "-o", "lively-girl")
    assert done.code == 0, done.stderr
    assert (home / "lively-girl").stat().st_size
