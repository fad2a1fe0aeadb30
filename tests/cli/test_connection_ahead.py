"""Which command lines connect before they are parsed, and to which base."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from stepcli.api import early_connection
from stepcli.base_url import BaseURL
from stepcli.cli.connection_ahead import OPTIONS, SHORT, connect_ahead, service_of
from stepcli.settings import DEFAULT_BASE_URL
from tests.support.command_tree import COMMANDS
from tests.support.program import Program

KEY = {"STEP_API_KEY": "key"}


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    Path("text.txt").write_text("Hello.")
    Path("sound.wav").write_bytes(b"RIFF")
    Path("empty.wav").touch()


def base_of(line: str, environ: dict[str, str] = KEY, *, terminal: bool = True) -> str | None:
    base = service_of(line.split(), environ, stdin_is_terminal=terminal)
    return str(base) if base else None


@pytest.mark.parametrize(
    "line",
    [
        "speak Hello",
        "speak Hello there -o x.mp3 --play -v alto",
        "--json speak -f text.txt --output=x.mp3",
        "speak -- --dry-run",
        "stream Hello",
        "stream",
        "transcribe sound.wav -l zh-CN --jobs 4 --format srt",
        "speak Hello --timeout 2.5 --retries 0 --jobs auto --format flac",
    ],
)
def test_command_that_uses_the_service_connects(line: str) -> None:
    assert base_of(line) == DEFAULT_BASE_URL


@pytest.mark.parametrize(
    "line",
    [
        "", "--help", "speak", "speak --help", "speak Hello --dry-run", "speak Hello --sandbox",
        "speak Hello --nonsense", "speak Hello --play=yes", "speak -f missing.txt",
        "speak Hello -f text.txt", "speak Hello -o missing/x.mp3", "transcribe",
        "transcribe missing.wav", "transcribe https://example.com/a.mp3", "doctor", "voices list",
        "Hello", "help speak", "speak Hello --base-url http://example.com/v1",
        "speak Hello --base-url nonsense", "speak Hello -o x.xyz", "speak Hello --format m4a",
        "speak Hello --timeout -1", "speak Hello --retries x", "speak Hello --jobs 0",
        "speak Hello -v", "transcribe sound.wav -l Klingon!", "transcribe sound.wav --format mp3",
        "transcribe empty.wav",
    ],
)  # fmt: skip
def test_other_command_lines_do_not(line: str) -> None:
    assert base_of(line) is None


def test_piped_input_connects() -> None:
    assert base_of("speak", terminal=False)
    assert base_of("transcribe", terminal=False)


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"STEP_API_KEY": "two words"},
        KEY | {"STEPCLI_SANDBOX": "1"},
        KEY | {"STEPCLI_RETRIES": "many"},
        KEY | {"STEPCLI_BASE_URL": "http://example.com"},
        KEY | {"HTTPS_PROXY": "http://127.0.0.1:1"},
    ],
)
def test_environment_may_prevent_it(
    environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    assert base_of("speak Hello", environ) is None


def test_base_comes_from_the_option_the_environment_or_the_config_file(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text('base-url = "https://a.example/v1"\n[stream]\nbase_url = "https://b.example"')
    environ = KEY | {"STEPCLI_CONFIG": str(config)}
    assert base_of("speak Hello", environ) == "https://a.example/v1"
    assert base_of("stream Hello", environ) == "https://b.example"
    environ |= {"STEPCLI_BASE_URL": "https://c.example"}
    assert base_of("speak Hello", environ) == "https://c.example"
    assert base_of("speak Hello --base-url https://d.example", environ) == "https://d.example"


@pytest.mark.parametrize(
    "content", ["sandbox = true", "[speak]\ndry-run = true", "nonsense", "timeout = -1"]
)
def test_config_file_may_prevent_it(content: str, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text(content)
    assert base_of("speak Hello", KEY | {"STEPCLI_CONFIG": str(config)}) is None


@pytest.mark.parametrize("command", OPTIONS)
def test_options_are_those_of_the_command(command: str) -> None:
    model = next(one for one in COMMANDS if one.path == (command,))
    found = {name: option for option in model.options for name in option.names}
    assert {name: bool(check) for name, check in OPTIONS[command].items()}.items() <= {
        name: bool(option.metavar) for name, option in found.items()
    }.items()
    for short, long in SHORT.items():
        assert long not in OPTIONS[command] or found[short] is found[long]
    formats, check = found["--format"].choices, OPTIONS[command]["--format"]
    assert formats
    assert check
    assert all(map(check, formats))


@pytest.mark.parametrize("command", OPTIONS)
def test_numbers_have_the_limits_of_the_option(command: str) -> None:
    model = next(one for one in COMMANDS if one.path == (command,))
    limits = {one.long: one.limits for one in model.options if one.limits}
    checked = limits.keys() & OPTIONS[command].keys()
    assert checked >= {"--timeout"}
    for name in checked:
        (least, most), check = limits[name], OPTIONS[command][name]
        assert check
        tried = [f"{least:g}", f"{most:g}", f"{least / 10:g}", f"{most + 1:g}"]
        assert [check(value) for value in tried] == [True, True, False, False]


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(20)
        yield listener


def test_request_is_sent_on_the_connection_that_was_made_ahead(
    listener: socket.socket, tmp_path: Path
) -> None:
    base = f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
    stepcli = Program(tmp_path, KEY | {"STEPCLI_BASE_URL": base})
    with stepcli.started("speak", "Hello.", "-o", "x.mp3", "--retries", "0") as process:
        connection, _ = listener.accept()
        assert connection.recv(4) == b"POST"
        connection.close()
        assert process.wait(20) == 6
    listener.settimeout(0)
    with pytest.raises(BlockingIOError):
        listener.accept()


@pytest.mark.parametrize("closed", [0, 1, 2])
def test_closed_standard_stream_prevents_the_connection(
    monkeypatch: pytest.MonkeyPatch, closed: int
) -> None:
    """The socket would get the number of the stream, and everything written to it."""
    connected: list[BaseURL] = []
    monkeypatch.setattr(early_connection, "connect_early", connected.append)
    connect_ahead(["speak", "Hello"], KEY)
    assert len(connected) == 1
    fstat = os.fstat

    def without_one(number: int) -> os.stat_result:
        if number == closed:
            raise OSError(errno.EBADF, "closed")
        return fstat(number)

    monkeypatch.setattr(os, "fstat", without_one)
    connect_ahead(["speak", "Hello"], KEY)
    assert len(connected) == 1
