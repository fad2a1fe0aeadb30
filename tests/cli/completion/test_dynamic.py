"""The candidates that completion scripts request from the program."""

from __future__ import annotations

import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest

from stepcli.audio.portaudio import Device
from stepcli.cli.completion import dynamic
from tests.support.program import Program

DEVICES = [
    Device(0, "Speaker", "ALSA", 0, 2, 48000, False, True),
    Device(1, "Twin", "ALSA", 2, 2, 48000, False, False),
    Device(2, "Twin", "JACK", 2, 2, 48000, False, False),
    Device(3, "Microphone", "ALSA", 1, 0, 48000, True, False),
]


def test_unknown_source_prints_nothing(offline: Program) -> None:
    """An error message would end up on the user's command line."""
    done = offline(_STEPCLI_COMPLETE="nonsense")
    assert (done.code, done.stdout, done.stderr) == (0, "", "")


def test_device_with_an_ambiguous_name_is_offered_by_number(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("stepcli.audio.portaudio.list_devices", lambda: DEVICES)
    assert _printed(dynamic.OUTPUTS) == ["Speaker", "1", "2"]
    assert _printed(dynamic.INPUTS) == ["1", "2", "Microphone"]


def _printed(source: str) -> list[str]:
    stdout = StringIO()
    dynamic.print_candidates(source, "", {}, stdout)
    return [line.split("\t")[0] for line in stdout.getvalue().splitlines()]


def test_built_in_voices_are_offered_with_descriptions(offline: Program) -> None:
    lines = offline(_STEPCLI_COMPLETE="voices").stdout.splitlines()
    voices = dict(line.split("\t") for line in lines)
    assert voices["lively-girl"]


@pytest.mark.parametrize(
    ("line", "environ", "offered", "missing"),
    [
        ("speak", {}, "lively-girl", "cixingnansheng"),
        ("speak --model step-tts-mini", {}, "elegantgentle-female", "lively-girl"),
        ("speak --model=step-tts-mini", {}, "elegantgentle-female", "lively-girl"),
        ("speak --model = step-tts-mini", {}, "elegantgentle-female", "lively-girl"),
        ("speak", {"STEPCLI_MODEL": "step-tts-mini"}, "elegantgentle-female", "lively-girl"),
        ("speak --base-url https : //api.stepfun.com/v1", {}, "cixingnansheng", "brand-new"),
        (
            "speak",
            {"STEPCLI_BASE_URL": "https://api.stepfun.com/v1"},
            "yingwennvsheng",
            "brand-new",
        ),
        ("speak", {"STEPCLI_BASE_URL": "https://["}, "lively-girl", "cixingnansheng"),
    ],
)
def test_only_voices_of_the_site_and_the_model_are_offered(
    line: str, environ: dict[str, str], offered: str, missing: str, offline: Program
) -> None:
    shown = offline(line, _STEPCLI_COMPLETE="voices", **environ).stdout
    voices = {line.split("\t")[0] for line in shown.splitlines()}
    assert missing not in voices
    assert offered in voices


def test_configured_model_limits_the_voices(offline: Program, home: Path) -> None:
    (home / ".config/stepcli").mkdir(parents=True)
    (home / ".config/stepcli/config.toml").write_text('[speak]\nmodel = "step-tts-mini"\n')
    assert "lively-girl" not in offline("speak", _STEPCLI_COMPLETE="voices").stdout
    assert "lively-girl" in offline("stream", _STEPCLI_COMPLETE="voices").stdout


def test_candidates_load_neither_typer_nor_a_client() -> None:
    code = (
        "import sys; from stepcli.__main__ import main; main()\n"
        "print(*sys.modules, file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True, text=True, check=True, env={"_STEPCLI_COMPLETE": "voices"},
    )  # fmt: skip
    assert {"typer", "httpx", "rich", "numpy"}.isdisjoint(done.stderr.split())
