"""``stepcli doctor``: the checks, their remedies, and the exit code of the first failure."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.support.program import COMMAND, Program
from tests.support.raw_server import http, raw_server
from tests.support.service import Sandbox


def _checks(program: Program, *options: str, **environ: str) -> tuple[int, dict[str, Any]]:
    done = program("doctor", "--json", *options, **environ)
    reported = json.loads(done.stdout)
    assert reported["exit_code"] == done.code
    assert reported["ok"] is (done.code == 0)
    return done.code, {check["name"]: check for check in reported["checks"]}


def test_working_setup_passes_all_checks(stepcli: Program, service: Sandbox) -> None:
    done = stepcli("doctor")
    assert (done.code, done.stderr) == (0, "")
    names = {line.split()[1] for line in done.stdout.splitlines() if "→" not in line}
    assert names >= {"settings", "key", "base", "DNS", "connection", "service", "clock"}
    assert names >= {"versions", "libsndfile", "ffmpeg", "PortAudio", "completion"}
    assert service.log()[-1]["endpoint"] == "models"
    assert "FAILED" not in done.stdout


def test_text_and_json_have_the_same_checks(stepcli: Program) -> None:
    """Each failed check has a remedy."""
    code, checks = _checks(stepcli)
    assert code == 0
    *lines, verdict = stepcli("doctor").stdout.splitlines()
    assert verdict.startswith(("Everything works", "Speaking and transcribing work"))
    shown = [(line[9:22].strip(), line.split()[0].lower()) for line in lines if "→" not in line]
    assert shown == [(name, check["state"]) for name, check in checks.items()]
    assert all(check["remedy"] for check in checks.values() if check["state"] != "ok")


def test_missing_key_exits_with_3(offline: Program, service: Sandbox) -> None:
    """The connection is checked, but nothing is sent."""
    code, checks = _checks(offline, STEPCLI_BASE_URL=service.base)
    assert code == 3
    assert checks["key"]["state"] == "failed"
    verdict = offline("doctor", STEPCLI_BASE_URL=service.base).stdout.splitlines()[-1]
    assert verdict.startswith("Speaking and transcribing do not work yet: fix key")
    assert "stepcli auth login" in checks["key"]["remedy"]
    assert "https://platform.stepfun.ai/interface-key" in checks["key"]["remedy"]
    assert checks["connection"]["state"] == "ok"
    assert service.log() == []


def test_refused_key_exits_with_3_without_showing_it(stepcli: Program) -> None:
    code, checks = _checks(stepcli, STEP_API_KEY="sk-wrong-0123456789")
    assert code == 3
    assert checks["service"]["state"] == "failed"
    assert "sk-wrong-0123456789" not in stepcli("doctor", STEP_API_KEY="sk-wrong-0123456789").stdout


def test_remedy_for_a_readable_key_file_is_chmod(
    offline: Program, home: Path, service: Sandbox
) -> None:
    offline("auth", "login", "--no-check", input=service.key)
    key = home / ".local/share/stepcli/credentials/key"
    key.chmod(0o644)
    code, checks = _checks(offline, STEPCLI_BASE_URL=service.base)
    assert code == 3
    assert f"chmod 600 '{key}'" in checks["key"]["remedy"]


def test_refused_connection_exits_with_6(stepcli: Program) -> None:
    """Checks that depend on it are skipped."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    code, checks = _checks(stepcli, "--base-url", f"http://127.0.0.1:{port}/step_plan/v1")
    assert code == 6
    assert checks["connection"]["state"] == "failed"
    assert "service" not in checks


def test_unknown_host_exits_with_6(stepcli: Program) -> None:
    code, checks = _checks(stepcli, "--base-url", "https://no-such-host.invalid/step_plan/v1")
    assert code == 6
    assert checks["DNS"]["state"] == "failed"
    assert "connection" not in checks


@pytest.mark.parametrize(("fault", "code"), [("500", 6), ("404", 2), ("html", 6), ("400", 0)])
def test_service_failures_have_their_exit_codes(
    stepcli: Program, service: Sandbox, fault: str, code: int
) -> None:
    """A plan-only account can speak, with a warning."""
    service.fault(f"models:*:{fault}")
    got, checks = _checks(stepcli, "--retries", "0")
    assert got == code
    assert ("account" in checks) is (fault == "400")


def test_plain_http_base_exits_with_2_and_sends_nothing(stepcli: Program) -> None:
    code, checks = _checks(stepcli, "--base-url", "http://example.com/v1")
    assert code == 2
    assert checks["base URL"]["state"] == "failed"


def test_broken_config_file_is_reported(stepcli: Program, home: Path) -> None:
    (home / ".config/stepcli").mkdir(parents=True)
    (home / ".config/stepcli/config.toml").write_text("voice = ")
    code, checks = _checks(stepcli)
    assert code == 2
    assert "config.toml" in checks["settings"]["detail"]
    assert checks["service"]["state"] == "ok"


def test_unknown_setting_is_a_warning_with_the_nearest_name(stepcli: Program, home: Path) -> None:
    """Aliases are not settings."""
    (home / ".config/stepcli").mkdir(parents=True)
    (home / ".config/stepcli/config.toml").write_text(
        'vioce = "x"\n[speak]\nspeed = 1.0\n[aliases]\nmum = "voice-tone-1"\n'
    )
    code, checks = _checks(stepcli)
    assert code == 0
    assert "'vioce'" in checks["setting"]["detail"]
    assert checks["setting"]["remedy"] == "did you mean voice?"


def test_clock_skew_over_a_minute_is_a_warning(offline: Program) -> None:
    body = http(b"{}", kind="application/json").replace(
        b"Connection", b"Date: Thu, 01 Jan 2026 00:00:00 GMT\r\nConnection"
    )
    with raw_server(body) as server:
        code, checks = _checks(offline, "--base-url", server.base, STEP_API_KEY="sk-1")
    assert code == 0
    assert checks["clock"]["state"] == "warning"
    assert "set the clock" in checks["clock"]["remedy"]


def test_missing_ffmpeg_is_a_warning(stepcli: Program, tmp_path: Path) -> None:
    code, checks = _checks(stepcli, PATH=str(tmp_path))
    assert code == 0
    assert checks["ffmpeg"]["state"] == "warning"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_installed_completion_is_found(offline: Program, home: Path, shell: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    _, checks = _checks(offline, SHELL=f"/usr/bin/{shell}")
    assert checks["completion"]["remedy"] == "stepcli --install-completion"
    line = f"{' '.join(COMMAND)} {checks['completion']['remedy'].partition(' ')[2]}; true"
    subprocess.run([shell, "-c", line], env=offline.environment(), check=True, capture_output=True)
    _, checks = _checks(offline, SHELL=f"/usr/bin/{shell}")
    assert checks["completion"]["state"] == "ok"
    assert checks["completion"]["detail"].startswith(str(home))
