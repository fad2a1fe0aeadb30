"""``voices clone``, which is paid for."""

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

from tests.support.in_process import InProcess
from tests.support.program import Finished, Program, until
from tests.support.service import Sandbox
from tests.support.terminal import on_terminal
from tests.support.voice_samples import write_new_sample


def _asked(service: Sandbox) -> list[str]:
    return [entry["endpoint"] for entry in service.log()]


def _uploaded(service: Sandbox) -> bool:
    """Return whether the upload is complete and the preview is about to be requested."""
    time.sleep(0.5)
    status: int = service.log("files")[0]["status"]
    return status == 200


def _config(home: Path) -> str:
    file = home / ".config/stepcli/config.toml"
    return file.read_text() if file.exists() else ""


# ── clone ────────────────────────────────────────────────────────────────────────────────────────


def _clone(stepcli: Program, sample: Path | str, *options: str) -> Finished:
    return stepcli("voices", "clone", sample, "--yes", *options)


def test_clone_prints_only_the_id(
    stepcli: Program, service: Sandbox, home: Path, sample: Path
) -> None:
    """The alias works with every -v, and the stored sample is reported."""
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


def test_batch_line_may_use_an_alias(run: InProcess, service: Sandbox, home: Path) -> None:
    run("config", "set", "aliases.him", "vibrant-youth")
    (home / "lines.jsonl").write_text('{"text": "Hi.", "voice": "him"}\n')
    assert run("speak", "--batch", "lines.jsonl", "--output-dir", "out").code == 0
    assert service.log("speech")[0]["body"]["voice"] == "vibrant-youth"


def test_clone_in_a_private_sandbox_defines_no_alias(
    offline: Program, home: Path, sample: Path
) -> None:
    """The voice ends with its sandbox; nothing of it remains in the user's directories."""
    done = offline("voices", "clone", sample, "--yes", "--name", "me", "--sandbox")
    assert done.code == 0, done.stderr
    assert "no alias was defined" in done.stderr
    assert "stepcli speak -v" not in done.stderr
    assert [path for path in home.rglob("*") if path.is_file()] == [sample]


def test_clone_json_is_one_object(stepcli: Program, sample: Path) -> None:
    """Also for a sample that was cloned before."""
    first = json.loads(_clone(stepcli, sample, "--json", "--name", "a").stdout)
    again = json.loads(_clone(stepcli, first["file_id"], "--json").stdout)
    assert (first["name"], first["duplicated"]) == ("a", False)
    assert again == {**first, "name": None, "duplicated": True}


def test_clone_of_a_stored_file_uploads_nothing(
    stepcli: Program, service: Sandbox, sample: Path
) -> None:
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
def test_failed_clone_is_never_sent_twice(
    stepcli: Program, service: Sandbox, home: Path, sample: Path, fault: str, code: int,
    asked: list[str], unsure: bool,
) -> None:  # fmt: skip
    """If a voice may exist, the message says so and the sample stays; otherwise it is deleted."""
    service.fault(fault)
    done = _clone(stepcli, sample, "--name", "mum")
    assert done.code == code, done.stderr
    assert _asked(service) == asked
    assert ("may have been created and charged" in done.stderr) is unsure
    assert ("stepcli voices list --cloned" in done.stderr) is unsure
    assert ("mum" in _config(home)) is (code == 0)


def test_clone_timeout_exits_with_5(stepcli: Program, service: Sandbox, sample: Path) -> None:
    """The message says that the voice may exist."""
    service.fault("clone:*:stall")
    done = _clone(stepcli, sample, "--timeout", "1")
    assert done.code == 5
    assert "may have been created and charged" in done.stderr
    assert len(service.log("clone")) == 1


def test_interrupted_clone_keeps_the_sample(
    stepcli: Program, service: Sandbox, sample: Path
) -> None:
    """The voice may exist."""
    service.fault("clone:*:stall")
    with stepcli.started("voices", "clone", sample, "--yes") as run:
        until(lambda: "files" in _asked(service) and _uploaded(service))
        run.send_signal(signal.SIGINT)
        _, stderr = run.communicate(timeout=30)
    assert run.returncode == -signal.SIGINT
    assert b"may have been created and charged" in stderr
    assert b"stays in the account's file storage" in stderr
    assert "delete" not in _asked(service)


def test_clone_is_not_paid_for_if_the_alias_cannot_be_saved(
    stepcli: Program, service: Sandbox, home: Path, sample: Path
) -> None:
    (home / ".config/stepcli").mkdir(parents=True)
    (home / ".config/stepcli/config.toml").mkdir()
    done = _clone(stepcli, sample, "--name", "mum")
    assert done.code == 2
    assert service.log() == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_clone_reports_the_id_if_stdout_fails(
    stepcli: Program, service: Sandbox, home: Path, sample: Path
) -> None:
    """The exit code is 8 and the alias is saved."""
    command = f"{sys.executable} -m stepcli voices clone mum.wav --yes --name mum > /dev/full"
    done = subprocess.run(
        command, shell=True, cwd=home, env=stepcli.environment(), capture_output=True, text=True
    )
    assert done.returncode == 8
    assert sample.exists()
    id = service.log("clone")[0]["answer"]["id"]
    assert f"hint: the id of the new voice is {id}" in done.stderr
    assert tomllib.loads(_config(home)) == {"aliases": {"mum": id}}


def test_force_sends_a_short_sample(stepcli: Program, home: Path) -> None:
    write_new_sample(home / "short.wav", 3)
    assert _clone(stepcli, "short.wav", "--force").code == 0


@pytest.mark.parametrize(
    ("answer", "agrees"), [("y", True), ("YES", True), ("", False), ("n", False)]
)
def test_only_yes_accepts_the_price(
    stepcli: Program, service: Sandbox, sample: Path, answer: str, agrees: bool
) -> None:
    with on_terminal(stepcli, "voices", "clone", sample, stdout=PIPE) as screen:
        screen.wait_for("[y/N] ")
        assert service.log() == []
        screen.type(f"{answer}\n")
        done = screen.finish()
    assert "$1.50 (list price of autumn 2026)" in screen.text
    assert "mum.wav" in screen.text
    assert (done.code, bool(done.stdout)) == ((0, True) if agrees else (1, False))
    assert _asked(service) == (["files", "clone"] if agrees else [])


@pytest.mark.parametrize(("key", "code"), [("\x03", -signal.SIGINT), ("\x04", 1)])
def test_interrupted_confirmation_does_not_accept(
    stepcli: Program, service: Sandbox, sample: Path, key: str, code: int
) -> None:
    with on_terminal(stepcli, "voices", "clone", sample, stdout=PIPE) as screen:
        screen.wait_for("[y/N] ")
        screen.type(key)
        done = screen.finish()
    assert (done.code, done.stdout) == (code, "")
    assert service.log() == []


@pytest.mark.usefixtures("sample")
@pytest.mark.parametrize(("site", "price"), [("com", "¥9.90"), ("ai", "$1.50")])
def test_price_without_yes_is_named(offline: Program, site: str, price: str) -> None:
    base = f"https://api.stepfun.{site}/step_plan/v1"
    done = offline("voices", "clone", "mum.wav", "--base-url", base)
    assert done.code == 2
    assert f"cloning costs about {price} (list price of autumn 2026)" in done.stderr
