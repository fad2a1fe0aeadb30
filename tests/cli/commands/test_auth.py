"""``stepcli auth``: where the key is kept, who can read it, and that it never shows."""

from __future__ import annotations

import json
import os
import signal
import stat
from pathlib import Path
from subprocess import PIPE

import pytest

from tests.support.program import Program
from tests.support.service import Sandbox
from tests.support.terminal import on_terminal

SECRET = "sk-0123456789abcdef-WXYZ"


@pytest.fixture
def keyless(home: Path, service: Sandbox) -> Program:
    """The program, configured for the sandbox but without an API key."""
    return Program(home, {"STEPCLI_BASE_URL": service.base})


def _key_file(home: Path) -> Path:
    return home / ".local/share/stepcli/credentials/key"


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_login_checks_the_key_before_it_is_stored(
    keyless: Program, home: Path, service: Sandbox
) -> None:
    """A refused key, and one that cannot be checked, replaces none."""
    assert keyless("auth", "login", input=service.key).code == 0
    done = keyless("auth", "login", input=SECRET)
    assert done.code == 3
    assert "the service refused the API key (401)" in done.stderr
    assert "; it was not stored\n" in done.stderr
    assert "https://platform.stepfun.ai/interface-key" in done.stderr
    service.fault("models:*:500")
    done = keyless("auth", "login", "--retries", "0", input=SECRET)
    assert done.code == 6
    assert "the key could not be checked and was not stored: " in done.stderr
    assert "--no-check stores it without asking the service" in done.stderr
    assert SECRET not in done.stderr
    assert _key_file(home).read_text().strip() == service.key
    assert keyless("auth", "login", "--no-check", input=SECRET).code == 0
    assert _key_file(home).read_text().strip() == SECRET


def test_login_takes_off_what_was_copied_with_the_key(
    keyless: Program, home: Path, service: Sandbox
) -> None:
    done = keyless("auth", "login", "--json", input=f"\ufeffexport STEP_API_KEY='{service.key}'\n")
    assert done.code == 0
    assert json.loads(done.stdout) == {"source": str(_key_file(home)), "checked": True}
    assert _key_file(home).read_text().strip() == service.key


@pytest.mark.parametrize("command", ["login", "logout"])
def test_sandbox_does_not_touch_the_stored_key(
    keyless: Program, home: Path, service: Sandbox, command: str
) -> None:
    keyless("auth", "login", input=service.key)
    done = keyless("auth", command, "--sandbox", input="sandbox-key")
    assert done.code == 2
    assert "without --sandbox" in done.stderr
    assert _key_file(home).read_text().strip() == service.key


def test_login_stores_the_key_from_stdin(keyless: Program, home: Path, service: Sandbox) -> None:
    """The file has mode 0600 in a directory with mode 0700, and later runs use the key."""
    done = keyless("auth", "login", input=f"{service.key}\n")
    assert (done.code, done.stdout) == (0, "")
    assert _key_file(home).read_text().strip() == service.key
    assert _mode(_key_file(home)) == 0o600
    assert _mode(_key_file(home).parent) == 0o700
    assert [path.name for path in _key_file(home).parent.iterdir()] == ["key"]
    assert keyless("auth", "status").code == 0


def test_login_ignores_the_umask(keyless: Program, home: Path) -> None:
    """A directory that others could read is closed."""
    _key_file(home).parent.mkdir(parents=True, mode=0o777)
    _key_file(home).parent.chmod(0o777)
    before = os.umask(0)
    try:
        assert keyless("auth", "login", "--no-check", input=SECRET).code == 0
    finally:
        os.umask(before)
    assert (_mode(_key_file(home)), _mode(_key_file(home).parent)) == (0o600, 0o700)


def test_second_login_replaces_the_key(keyless: Program, home: Path) -> None:
    keyless("auth", "login", "--no-check", input="first-key")
    keyless("auth", "login", "--no-check", input=SECRET)
    assert _key_file(home).read_text().strip() == SECRET


def test_login_on_a_terminal_does_not_echo(keyless: Program, home: Path) -> None:
    with on_terminal(keyless, "auth", "login", "--no-check", stdout=PIPE) as screen:
        screen.wait_for("API key (not shown): ")
        screen.type(f"{SECRET}\n")
        done = screen.finish()
    assert (done.code, done.stdout) == (0, "")
    assert "page of the StepFun platform: https://platform.stepfun.ai/interface-key" in screen.text
    assert SECRET not in screen.text
    assert _key_file(home).read_text().strip() == SECRET


@pytest.mark.parametrize("key", ["\x03", "\x04", "\n"], ids=["ctrl-c", "end", "nothing"])
def test_cancelled_login_stores_nothing(keyless: Program, home: Path, key: str) -> None:
    """Ctrl-C kills the process, an empty answer with 3."""
    with on_terminal(keyless, "auth", "login", "--no-check", stdout=PIPE) as screen:
        screen.wait_for("API key (not shown): ")
        screen.type(key)
        code = screen.finish().code
    assert code == (-signal.SIGINT if key == "\x03" else 3)
    assert not _key_file(home).exists()


@pytest.mark.parametrize(
    "key",
    ["two words", "line\nbreak", "schlüssel", "", "\N{FULLWIDTH LATIN SMALL LETTER S}k-1", b"\xff"],
)
def test_login_rejects_a_malformed_key_without_showing_it(
    keyless: Program, home: Path, key: str | bytes
) -> None:
    done = keyless("auth", "login", input=key)
    assert done.code == 3
    assert not key or str(key) not in done.stderr
    assert not _key_file(home).exists()


def test_login_rejects_input_that_is_too_long(keyless: Program) -> None:
    assert keyless("auth", "login", input="x" * 5000).code == 3


def test_login_warns_that_the_environment_takes_precedence(keyless: Program) -> None:
    done = keyless("auth", "login", "--no-check", input=SECRET, STEP_API_KEY="other")
    assert "STEP_API_KEY is set and takes precedence" in done.stderr


def test_key_from_the_environment_takes_precedence(keyless: Program, service: Sandbox) -> None:
    keyless("auth", "login", "--no-check", input=SECRET)
    assert keyless("auth", "status", STEP_API_KEY=service.key).code == 0
    assert keyless("auth", "status").code == 3


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_key_file_that_others_can_read_is_refused(
    keyless: Program, home: Path, service: Sandbox, mode: int
) -> None:
    """The hint is the command that corrects the mode."""
    keyless("auth", "login", "--no-check", input=service.key)
    _key_file(home).chmod(mode)
    done = keyless("auth", "status")
    assert done.code == 3
    assert f"chmod 600 '{_key_file(home)}'" in done.stderr
    assert service.log() == []


@pytest.mark.parametrize("content", ["", "two words", "\x00\x01"])
def test_key_file_without_a_key_is_refused(keyless: Program, home: Path, content: str) -> None:
    keyless("auth", "login", "--no-check", input=SECRET)
    _key_file(home).write_text(content)
    done = keyless("auth", "status")
    assert done.code == 3
    assert str(_key_file(home)) in done.stderr


def test_key_that_cannot_be_stored_exits_with_8(keyless: Program, home: Path) -> None:
    (home / ".local/share").mkdir(parents=True)
    (home / ".local/share/stepcli").write_text("in the way")
    done = keyless("auth", "login", "--no-check", input=SECRET)
    assert done.code == 8
    assert SECRET not in done.stderr


def test_status_shows_the_source_and_checks_the_key(stepcli: Program, service: Sandbox) -> None:
    done = stepcli("auth", "status")
    assert (done.code, done.stderr) == (0, "")
    assert "STEP_API_KEY" in done.stdout
    assert service.base in done.stdout
    assert "accepts the key" in done.stdout
    reported = json.loads(stepcli("auth", "status", "--json").stdout)
    assert (reported["source"], reported["accepted"]) == ("STEP_API_KEY", True)


def test_status_shows_only_the_last_four_characters(keyless: Program) -> None:
    """Also if the key was refused, and with --debug."""
    keyless("auth", "login", "--no-check", input=SECRET)
    for options in ([], ["--json"], ["--debug"], ["--verbose"]):
        done = keyless("auth", "status", *options)
        assert done.code == 3
        assert SECRET not in done.stdout + done.stderr
    done = keyless("auth", "status")
    assert "…WXYZ" in done.stdout
    assert "hint: store another key with stepcli auth login" in done.stderr


def test_status_shows_nothing_of_a_short_key(keyless: Program) -> None:
    assert "…  " not in keyless("auth", "status", STEP_API_KEY="abcdef").stdout
    assert "cdef" not in keyless("auth", "status", STEP_API_KEY="abcdef").stdout


@pytest.mark.parametrize("status", [400, 402])
def test_refusal_for_another_reason_proves_the_key(
    stepcli: Program, service: Sandbox, status: int
) -> None:
    """The reason is printed as a note."""
    service.fault(f"models:*:{status},message=not in your plan")
    done = stepcli("auth", "status")
    assert done.code == 0
    assert "accepts the key" in done.stdout
    assert "not in your plan" in done.stderr
    service.fault(f"models:*:{status},message=not in your plan")
    assert (
        "not in your plan" in json.loads(stepcli("auth", "status", "--json").stdout)["reservation"]
    )


@pytest.mark.parametrize(("status", "code"), [(401, 3), (403, 3), (404, 2), (500, 6), (429, 0)])
def test_status_fails_if_the_service_does_not_accept_the_key(
    stepcli: Program, service: Sandbox, status: int, code: int
) -> None:
    """A 429 does accept it; a wrong path or a 5xx does not."""
    service.fault(f"models:*:{status}")
    assert stepcli("auth", "status", "--retries", "0").code == code


def test_status_without_a_key_sends_nothing(keyless: Program, service: Sandbox) -> None:
    done = keyless("auth", "status")
    assert (done.code, done.stdout) == (3, "")
    assert "stepcli auth login" in done.stderr
    assert service.log() == []


def test_logout_removes_the_key(keyless: Program, home: Path) -> None:
    """A second logout succeeds."""
    keyless("auth", "login", "--no-check", input=SECRET)
    assert json.loads(keyless("auth", "logout", "--json").stdout) == {"removed": True}
    assert not _key_file(home).exists()
    done = keyless("auth", "logout")
    assert (done.code, done.stderr) == (0, "no key is stored\n")


@pytest.fixture
def with_keyring(keyless: Program, home: Path) -> Program:
    """A system keyring that is a file in the test's home."""
    backend = (
        "import json, keyring.backend, keyring.errors, pathlib\n"
        "HELD = pathlib.Path.home() / 'held.json'\n"
        "class Backend(keyring.backend.KeyringBackend):\n"
        "    priority = 1\n"
        "    def set_password(self, service, user, password):\n"
        "        HELD.write_text(json.dumps([service, user, password]))\n"
        "    def get_password(self, service, user):\n"
        "        return json.loads(HELD.read_text())[2] if HELD.exists() else None\n"
        "    def delete_password(self, service, user):\n"
        "        HELD.unlink()\n"
    )
    (home / "in_a_file.py").write_text(backend)
    keyless.environ |= {
        "PYTHONPATH": str(home),
        "PYTHON_KEYRING_BACKEND": "in_a_file.Backend",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    return keyless


def test_keyring_stores_the_key_in_no_file(
    with_keyring: Program, home: Path, service: Sandbox
) -> None:
    """Logout removes it from the keyring."""
    assert with_keyring("auth", "login", "--keyring", input=service.key).code == 0
    assert service.key in (home / "held.json").read_text()
    assert service.key not in _key_file(home).read_text()
    done = with_keyring("auth", "status")
    assert done.code == 0
    assert "from the keyring" in done.stdout
    with_keyring("auth", "logout")
    assert not (home / "held.json").exists()
    assert not _key_file(home).exists()


def test_login_to_a_file_removes_the_key_from_the_keyring(
    with_keyring: Program, home: Path
) -> None:
    with_keyring("auth", "login", "--no-check", "--keyring", input="first-key")
    with_keyring("auth", "login", "--no-check", input=SECRET)
    assert not (home / "held.json").exists()
    assert _key_file(home).read_text().strip() == SECRET


def test_missing_keyring_entry_exits_with_3(with_keyring: Program, home: Path) -> None:
    with_keyring("auth", "login", "--no-check", "--keyring", input=SECRET)
    (home / "held.json").unlink()
    done = with_keyring("auth", "status")
    assert done.code == 3
    assert "stepcli auth login --keyring" in done.stderr


def test_missing_keyring_stores_nothing(keyless: Program, home: Path) -> None:
    """The hint offers the file."""
    backend = {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}
    done = keyless("auth", "login", "--no-check", "--keyring", input=SECRET, **backend)
    assert done.code == 3
    assert "without --keyring" in done.stderr
    assert SECRET not in done.stderr
    assert not _key_file(home).exists()
