"""``stepcli.cli.context``: settings, the private sandbox and the wire log of a run."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from stepcli.cli import context
from stepcli.cli.context import Run, private_sandbox, wire_log
from stepcli.cli.params.common_options import ConnectionFlags
from stepcli.errors import AuthError, StepcliError, UsageError
from tests.support.in_process import pipes

KEY = {"STEP_API_KEY": "sk-of-the-environment"}


def _run(environ: Mapping[str, str], **connection: Any) -> Run:
    return Run(pipes(), environ, ConnectionFlags(**connection))


def test_settings_come_from_the_flags_and_the_environment_handed_in() -> None:
    with _run(KEY, base_url="https://service.example/step_plan/v1", retries=7).settings() as found:
        assert found.key.secret == "sk-of-the-environment"
        assert str(found.base_url) == "https://service.example/step_plan/v1"
        assert found.retries == 7


def test_run_without_a_key_is_an_auth_error(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(home))
    with pytest.raises(AuthError), _run({}).settings():
        pass


def test_invalid_base_url_is_a_usage_error() -> None:
    with pytest.raises(UsageError), _run(KEY, base_url="ftp://service.example").settings():
        pass


@pytest.fixture
def fake_sandbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A script in place of ``stepcli sandbox``."""
    script = tmp_path / "sandbox.py"
    monkeypatch.setattr(context, "_COMMAND", (sys.executable, str(script)))
    return script


def test_private_sandbox_does_not_get_the_key_of_the_user(fake_sandbox: Path) -> None:
    fake_sandbox.write_text(
        "import json, os, sys\n"
        "base = 'http://127.0.0.1:9/step_plan/v1'\n"
        "key = str('STEP_API_KEY' in os.environ) + os.environ['OTHER']\n"
        "print(json.dumps({'key': key, 'base_url': base}), flush=True)\n"
        "sys.stdin.read()\n"
    )
    with private_sandbox(KEY | {"OTHER": "kept"}) as (key, base):
        assert key.secret == "Falsekept"
        assert base.host == "127.0.0.1"


def test_sandbox_that_explains_itself_is_a_usage_error(fake_sandbox: Path) -> None:
    fake_sandbox.write_text(
        "import json, sys\n"
        "error = {'message': 'not installed', 'hint': 'install it'}\n"
        "print(json.dumps({'error': error}), file=sys.stderr)\n"
    )
    with pytest.raises(UsageError, match="not installed") as caught, private_sandbox({}):
        pass
    assert caught.value.hint == "install it"


def test_sandbox_that_crashes_is_an_error(fake_sandbox: Path) -> None:
    fake_sandbox.write_text("raise SystemExit('no reason')")
    with pytest.raises(StepcliError, match="did not start"), private_sandbox({}):
        pass


def test_wire_log_writes_one_harmless_line_for_each_record() -> None:
    terminal = pipes()
    log = logging.getLogger("stepcli.wire")
    with wire_log(terminal):
        log.debug("< %s", "one\n\x1b[2Jtwo")
    log.debug("not logged any more")
    written = terminal.stderr.getvalue()  # type: ignore[attr-defined]
    assert written == "stepcli: < one\\n\\x1b[2Jtwo\n"
