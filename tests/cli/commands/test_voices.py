"""``stepcli voices`` against the sandbox: what is heard, what is paid, what stays behind."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
import tomllib
from pathlib import Path
from subprocess import PIPE

import pytest
import soundfile

from tests.support.program import Finished, Program
from tests.support.service import Sandbox
from tests.support.terminal import on_terminal
from tests.support.voice_samples import write_sample

_count = iter(range(1, 10**6))


@pytest.fixture
def sample(home: Path) -> Path:
    """Seven seconds that nobody uploaded before: the sandbox knows a sample again."""
    return write_sample(home / "mum.wav", 7 + next(_count) / 1000)


def _asked(service: Sandbox) -> list[str]:
    return [entry["endpoint"] for entry in service.log()]


def _config(home: Path) -> str:
    file = home / ".config/stepcli/config.toml"
    return file.read_text() if file.exists() else ""


# ── preview ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("name", "kind"), [("p.mp3", "MP3"), ("p.wav", "WAV"), ("p.flac", "FLAC"), ("p.opus", "OGG")]
)
def test_preview_of_a_file(
    stepcli: Program, service: Sandbox, home: Path, sample: Path, name: str, kind: str
) -> None:
    """The sample goes up, the preview comes in the format that was wanted, the sample goes."""
    done = stepcli("voices", "preview", sample, "-o", name)
    assert (done.code, done.stdout, done.stderr) == (0, "", "")
    assert _asked(service) == ["files", "preview", "delete"]
    with soundfile.SoundFile(home / name) as sound:
        assert (sound.format, sound.channels) == (kind, 1)
        assert sound.frames > sound.samplerate


def test_preview_tells(stepcli: Program, service: Sandbox, sample: Path) -> None:
    """``--json`` describes the file; the transcript, the sentence and the rate are passed on."""
    done = stepcli(
        "voices", "preview", sample, "-o", "p.wav", "--json",
        "--say", "Good morning.", "--transcript", "what it says", "--sample-rate", "16000",
    )  # fmt: skip
    told = json.loads(done.stdout)
    assert (told["output"], told["format"], told["sample_rate"]) == ("p.wav", "wav", 16000)
    assert told["text"] == "Good morning."
    body = service.log("preview")[0]["body"]
    assert (body["sample_text"], body["text"]) == ("Good morning.", "what it says")


def test_preview_to_a_pipe(stepcli: Program, sample: Path) -> None:
    """``-o -`` is the sound and nothing else."""
    assert stepcli("voices", "preview", sample, "-o", "-", "--format", "wav").out[:4] == b"RIFF"


def test_preview_of_a_stored_file(stepcli: Program, service: Sandbox, sample: Path) -> None:
    """With --keep-upload the file stays and its id is told; by it nothing goes up or down."""
    kept = stepcli("voices", "preview", sample, "-o", "p.mp3", "--keep-upload")
    assert _asked(service) == ["files", "preview"]
    file_id = kept.stderr.split()[-1]
    service.reset()
    assert stepcli("voices", "preview", file_id, "-o", "p.mp3").code == 0
    assert _asked(service) == ["preview"]


def test_preview_of_a_voice(stepcli: Program, service: Sandbox, home: Path) -> None:
    """A voice, or your name for it, speaks the sentence itself."""
    stepcli("config", "set", "aliases.him", "vibrant-youth")
    for name in ("him", "vibrant-youth"):
        assert stepcli("voices", "preview", name, "-o", "p.mp3", "--say", "Hi there.").code == 0
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
def test_preview_fails(
    stepcli: Program, service: Sandbox, home: Path, sample: Path, fault: str, code: int,
    asked: list[str],
) -> None:  # fmt: skip
    """Nothing goes up twice that may have arrived, and what went up comes down again."""
    service.fault(fault)
    done = stepcli("voices", "preview", sample, "-o", "p.mp3")
    assert done.code == code, done.stderr
    assert _asked(service) == asked
    assert (home / "p.mp3").exists() is (code == 0)
    assert [path.name for path in home.glob("*.part")] == []


def test_another_sentence(stepcli: Program, sample: Path) -> None:
    """The service lets one sample speak one sentence; who asks for a second one is told that."""
    assert stepcli("voices", "preview", sample, "-o", "p.mp3").code == 0
    done = stepcli("voices", "preview", sample, "-o", "p.mp3", "--say", "Something else.")
    assert done.code == 2
    assert "hint: a sample speaks one short sentence only: --say the same" in done.stderr


def test_undeleted_sample_is_told(stepcli: Program, service: Sandbox, sample: Path) -> None:
    """A preview whose sample could not be deleted is there, with the id of what stayed."""
    service.fault("delete:*:400")
    done = stepcli("voices", "preview", sample, "-o", "p.mp3", "-q")
    assert "file-" in done.stderr
    assert "could not be deleted" in done.stderr


def test_upload_that_may_have_arrived(stepcli: Program, service: Sandbox, sample: Path) -> None:
    """An upload without an answer is not repeated; that it may be there is said."""
    service.fault("files:*:reset")
    done = stepcli("voices", "preview", sample, "-o", "p.mp3")
    assert "may have reached" in done.stderr
    service.reset()
    service.fault("files:*:413")
    assert "may have reached" not in stepcli("voices", "preview", sample, "-o", "p.mp3").stderr


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_interrupted_preview(
    stepcli: Program, service: Sandbox, home: Path, sample: Path, sent: signal.Signals, code: int
) -> None:
    """Ctrl-C and SIGTERM take the sample down again before they end the run."""
    service.fault("preview:*:stall")
    with stepcli.started("voices", "preview", sample, "-o", "p.mp3") as run:
        _wait_until(lambda: "files" in _asked(service) and _under_way(service))
        run.send_signal(sent)
        assert run.wait(30) == code
    _wait_until(lambda: "delete" in _asked(service))
    assert not (home / "p.mp3").exists()


def _under_way(service: Sandbox) -> bool:
    """The upload was answered a moment ago: the preview has been asked for, or will be at once."""
    time.sleep(0.5)
    status: int = service.log("files")[0]["status"]
    return status == 200


def _wait_until(condition: object) -> None:
    assert callable(condition)
    until = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.05)


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["none.wav"],
        ["./none"],
        ["mum.wav", "--record", "5"],
        ["mum.wav", "--microphone", "1"],
        ["mum.wav", "-o", "no/such/directory.mp3"],
        ["mum.wav", "--say", " "],
        ["text.wav"],
        ["--record", "0"],
        ["lively-girl", "--transcript", "x"],
        ["lively-girl", "--keep-upload"],
    ],
)
def test_preview_usage(
    stepcli: Program, service: Sandbox, home: Path, sample: Path, arguments: list[str]
) -> None:
    """What cannot be is found before anything is sent."""
    assert sample.exists()
    (home / "text.wav").write_text("no sound")
    output = [] if "-o" in arguments else ["-o", "p.mp3"]
    assert stepcli("voices", "preview", *arguments, *output).code == 2
    assert service.log() == []


def test_preview_of_a_poor_sample(stepcli: Program, home: Path) -> None:
    """A sample that is too short for a clone, or faint, or cut off, is previewed with a word."""
    write_sample(home / "short.wav", 3 + next(_count) / 1000, loudness=0.03)
    done = stepcli("voices", "preview", "short.wav", "-o", "p.mp3")
    assert done.code == 0
    assert "cloning needs 5 to 10 s" in done.stderr
    assert "very quiet" in done.stderr
    write_sample(home / "loud.wav", 7 + next(_count) / 1000, loudness=1.5)
    assert "is clipped" in stepcli("voices", "preview", "loud.wav", "-o", "p.mp3").stderr


# ── clone ────────────────────────────────────────────────────────────────────────────────────────


def _clone(stepcli: Program, sample: Path | str, *options: str) -> Finished:
    return stepcli("voices", "clone", sample, "--yes", *options)


def test_clone(stepcli: Program, service: Sandbox, home: Path, sample: Path) -> None:
    """The id alone on stdout; the name works wherever -v does; the sample stays, and is told."""
    done = _clone(stepcli, sample, "--name", "mum", "--transcript", "what it says")
    assert done.code == 0
    id = done.stdout.strip()
    assert done.stdout == f"{id}\n"
    assert _asked(service) == ["files", "clone"]
    body = service.log("clone")[0]["body"]
    assert body["text"] == "what it says"
    assert body["file_id"] in done.stderr
    assert tomllib.loads(_config(home)) == {"aliases": {"mum": id}}

    assert stepcli("voices", "preview", "mum", "-o", "p.mp3").code == 0
    assert stepcli("speak", "-v", "mum", "Hello.", "-o", "s.mp3").code == 0
    assert stepcli("speak", "Hello.", "-o", "s.mp3", STEPCLI_VOICE="mum").code == 0
    assert {entry["body"]["voice"] for entry in service.log("speech")} == {id}
    assert f"{id}  cloned    mum" in stepcli("voices", "list").stdout


def test_name_in_a_batch(stepcli: Program, service: Sandbox, home: Path) -> None:
    """A line of a batch may name a voice as -v does."""
    stepcli("config", "set", "aliases.him", "vibrant-youth")
    (home / "lines.jsonl").write_text('{"text": "Hi.", "voice": "him"}\n')
    assert stepcli("speak", "--batch", "lines.jsonl", "--output-dir", "out").code == 0
    assert service.log("speech")[0]["body"]["voice"] == "vibrant-youth"


def test_clone_json(stepcli: Program, sample: Path) -> None:
    """One object, also when a sample was cloned before."""
    first = json.loads(_clone(stepcli, sample, "--json", "--name", "a").stdout)
    again = json.loads(_clone(stepcli, first["file_id"], "--json").stdout)
    assert (first["name"], first["duplicated"]) == ("a", False)
    assert again == {**first, "name": None, "duplicated": True}


def test_clone_of_a_stored_file(stepcli: Program, service: Sandbox, sample: Path) -> None:
    """What a preview left there need not go up again."""
    file_id = stepcli("voices", "preview", sample, "-o", "p.mp3", "--keep-upload").stderr.split()[
        -1
    ]
    service.reset()
    assert _clone(stepcli, file_id).code == 0
    assert _asked(service) == ["clone"]


@pytest.mark.parametrize(
    ("fault", "code", "asked", "unsure"),
    [
        ("clone:*:400", 2, ["files", "clone", "delete"], False),
        ("clone:*:401", 3, ["files", "clone", "delete"], False),
        ("clone:*:402", 4, ["files", "clone", "delete"], False),
        ("clone:*:451", 10, ["files", "clone", "delete"], False),
        ("clone:1:429,retry-after=0", 4, ["files", "clone", "delete"], False),
        ("clone:*:500", 6, ["files", "clone"], True),
        ("clone:*:503", 6, ["files", "clone"], True),
        ("clone:*:504", 6, ["files", "clone"], True),
        ("clone:*:reset", 6, ["files", "clone"], True),
        ("clone:*:empty", 6, ["files", "clone"], True),
        ("clone:*:html", 6, ["files", "clone"], True),
        ("clone:*:cut,after=20", 6, ["files", "clone"], True),
        ("clone:*:edit,field=id", 6, ["files", "clone"], True),
        ("files:*:500", 6, ["files"], False),
        ("files:*:401", 3, ["files"], False),
    ],
)
def test_clone_fails(
    stepcli: Program, service: Sandbox, home: Path, sample: Path, fault: str, code: int,
    asked: list[str], unsure: bool,
) -> None:  # fmt: skip
    """Never charged twice. Where a voice may exist that is said, with the way to find out, and its
    sample stays; where none can, the sample goes. No name is kept for a voice that is not."""
    service.fault(fault)
    done = _clone(stepcli, sample, "--name", "mum")
    assert done.code == code, done.stderr
    assert _asked(service) == asked
    assert ("may have been created and charged" in done.stderr) is unsure
    assert ("stepcli voices list --cloned" in done.stderr) is unsure
    assert ("mum" in _config(home)) is (code == 0)


def test_clone_that_is_silent(stepcli: Program, service: Sandbox, sample: Path) -> None:
    """A clone that nobody answers in time is exit 5, and may have been made."""
    service.fault("clone:*:stall")
    done = _clone(stepcli, sample, "--timeout", "1")
    assert done.code == 5
    assert "may have been created and charged" in done.stderr
    assert len(service.log("clone")) == 1


def test_interrupted_clone(stepcli: Program, service: Sandbox, sample: Path) -> None:
    """Ctrl-C while the voice is made: it may exist, and its sample stays."""
    service.fault("clone:*:stall")
    with stepcli.started("voices", "clone", sample, "--yes") as run:
        _wait_until(lambda: "files" in _asked(service) and _under_way(service))
        run.send_signal(signal.SIGINT)
        _, stderr = run.communicate(timeout=30)
    assert run.returncode == 130
    assert b"may have been created and charged" in stderr
    assert b"stays in the account's file storage" in stderr
    assert "delete" not in _asked(service)


@pytest.mark.parametrize(
    "options",
    [
        ["mum.wav"],
        ["short.wav", "--yes"],
        ["mum.wav", "--yes", "--name", "lively-girl"],
        ["mum.wav", "--yes", "--name", "a/b"],
        ["mum.wav", "--yes", "--name", "taken"],
        ["lively-girl", "--yes"],
        ["--yes"],
    ],
)
def test_clone_usage(
    stepcli: Program, service: Sandbox, home: Path, sample: Path, options: list[str]
) -> None:
    """Nobody to ask, too short a sample, a name that cannot be: found before anything is sent."""
    assert sample.exists()
    write_sample(home / "short.wav", 3)
    stepcli("config", "set", "aliases.taken", "voice-tone-1")
    assert stepcli("voices", "clone", *options).code == 2
    assert service.log() == []


def test_clone_with_a_config_that_cannot_be_written(
    stepcli: Program, service: Sandbox, home: Path, sample: Path
) -> None:
    """No name can be kept there, so nothing is paid."""
    (home / ".config/stepcli").mkdir(parents=True)
    (home / ".config/stepcli/config.toml").mkdir()
    done = _clone(stepcli, sample, "--name", "mum")
    assert done.code == 2
    assert service.log() == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_clone_that_cannot_be_told(
    stepcli: Program, service: Sandbox, home: Path, sample: Path
) -> None:
    """A stdout that takes nothing is exit 8; the paid voice's id is told, and its name kept."""
    command = f"{sys.executable} -m stepcli voices clone mum.wav --yes --name mum > /dev/full"
    done = subprocess.run(
        command, shell=True, cwd=home, env=stepcli.environment(), capture_output=True, text=True
    )
    assert done.returncode == 8
    assert sample.exists()
    id = service.log("clone")[0]["answer"]["id"]
    assert f"hint: the id of the new voice is {id}" in done.stderr
    assert tomllib.loads(_config(home)) == {"aliases": {"mum": id}}


def test_forced_clone(stepcli: Program, home: Path) -> None:
    """``--force`` sends a short sample all the same."""
    write_sample(home / "short.wav", 3 + next(_count) / 1000)
    assert _clone(stepcli, "short.wav", "--force").code == 0


@pytest.mark.parametrize(
    ("answer", "agrees"), [("y", True), ("YES", True), ("", False), ("n", False)]
)
def test_question(
    stepcli: Program, service: Sandbox, sample: Path, answer: str, agrees: bool
) -> None:
    """The price stands before the question, and only a yes pays it."""
    with on_terminal(stepcli, "voices", "clone", sample, stdout=PIPE) as screen:
        screen.wait_for("[y/N] ")
        assert service.log() == []
        screen.type(f"{answer}\n")
        done = screen.finish()
    assert "¥9.9" in screen.text
    assert "mum.wav" in screen.text
    assert (done.code, bool(done.stdout)) == ((0, True) if agrees else (1, False))
    assert _asked(service) == (["files", "clone"] if agrees else [])


@pytest.mark.parametrize(("key", "code"), [("\x03", 130), ("\x04", 1)])
def test_question_left(
    stepcli: Program, service: Sandbox, sample: Path, key: str, code: int
) -> None:
    """Ctrl-C and the end of input are no yes."""
    with on_terminal(stepcli, "voices", "clone", sample, stdout=PIPE) as screen:
        screen.wait_for("[y/N] ")
        screen.type(key)
        done = screen.finish()
    assert (done.code, done.stdout) == (code, "")
    assert service.log() == []


@pytest.mark.parametrize("source", ["mum.wav", "lively-girl"])
@pytest.mark.parametrize("wrong", [("--say", " "), ("--sample-rate", "44100")])
def test_previews_that_cannot_be(
    stepcli: Program, service: Sandbox, sample: Path, source: str, wrong: tuple[str, str]
) -> None:
    """Of a sample or of a voice: found before anything is sent."""
    assert sample.name == "mum.wav"
    done = stepcli("voices", "preview", source, *wrong, "-o", "p.wav")
    assert done.code == 2
    assert service.log() == []


def test_a_file_called_as_the_voice(stepcli: Program, home: Path) -> None:
    """A voice is no file that could be overwritten."""
    done = stepcli("voices", "preview", "lively-girl", "-o", "lively-girl")
    assert done.code == 0, done.stderr
    assert (home / "lively-girl").stat().st_size
