"""Values from the environment and the config file are defaults: where they do not apply they step
back; only what stands on the command line can contradict."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.program import Program


def test_a_device_is_no_matter_of_a_silent_file(stepcli: Program) -> None:
    """A device to play on, kept for good, lets ``-o FILE`` alone; as a flag it contradicts."""
    assert stepcli("config", "set", "device", "headphones").code == 0
    assert stepcli("speak", "Hi", "-o", "hi.mp3").code == 0
    assert stepcli("speak", "Hi", "-o", "hi.wav", STEPCLI_DEVICE="kitchen").code == 0
    assert stepcli("speak", "Hi", "-o", "hi.wav", "--device", "kitchen").code == 2


def test_text_before_a_file_that_is_only_a_default(stepcli: Program) -> None:
    """TEXT on the command line is what is spoken; beside ``-f`` it contradicts."""
    file = {"STEPCLI_FILE": "no such file"}
    for command in ("speak", "stream"):
        assert stepcli(command, "Hi", "-o", "hi.wav", **file).code == 0
        assert stepcli(command, "-o", "hi.wav", **file).code == 2
        assert stepcli(command, "Hi", "-f", "hi.txt", "-o", "hi.wav").code == 2


def test_a_directory_for_batches(stepcli: Program, home: Path) -> None:
    """A directory and a batch that are only defaults leave the speaking of TEXT alone."""
    defaults = {"STEPCLI_OUTPUT_DIR": "out", "STEPCLI_BATCH": "lines.txt"}
    assert stepcli("speak", "Hi", "-o", "hi.mp3", **defaults).code == 0
    assert not (home / "out").exists()
    (home / "lines.txt").write_text("Hi\n")
    assert stepcli("speak", "--batch", "lines.txt", **defaults, STEPCLI_OUTPUT="a.mp3").code == 0
    assert (home / "out/1.mp3").stat().st_size
    assert stepcli("speak", "Hi", "-o", "hi.mp3", "--output-dir", "out").code == 2


@pytest.mark.parametrize(
    ("flag", "path"), [(("-o", "flag.txt"), "flag.txt"), (("--output-dir", "flag"), "flag/hi.txt")]
)
def test_one_destination_of_a_transcript(
    stepcli: Program, home: Path, flag: tuple[str, str], path: str
) -> None:
    """A destination that is a flag goes before one that is a default."""
    assert stepcli("speak", "Good morning", "-o", "hi.wav").code == 0
    defaults = {"STEPCLI_OUTPUT": "default.txt", "STEPCLI_OUTPUT_DIR": "default"}
    assert stepcli("transcribe", "hi.wav", "-l", "en", *flag, **defaults).code == 0
    assert (home / path).exists()
    assert not list(home.glob("default*"))
    both = ("-o", "a.txt", "--output-dir", "a")
    assert stepcli("transcribe", "hi.wav", *both).code == 2


def test_a_format_is_for_a_file(stepcli: Program) -> None:
    """``--json`` goes with a format that is only a default, not with one asked for on stdout."""
    assert stepcli("speak", "Good morning", "-o", "hi.wav").code == 0
    heard = ("transcribe", "hi.wav", "-l", "en", "--json")
    assert stepcli(*heard, STEPCLI_FORMAT="srt").stdout.startswith("{")
    assert stepcli(*heard, "--format", "srt").code == 2


@pytest.mark.parametrize("name", ["help", "version", "install_completion"])
@pytest.mark.parametrize("group", [(), ("voices",)], ids=["", "voices"])
def test_a_flag_without_its_dashes(offline: Program, group: tuple[str, ...], name: str) -> None:
    """It is not a command, and defaults of commands do not become its value."""
    done = offline(*group, name)
    assert done.code == 2
    assert f"no such command '{name}'" in done.stderr


@pytest.mark.parametrize("line", ['timeout = "soon"', 'json = "maybe"', "retries = -1"])
def test_config_mends_a_wrong_value(offline: Program, home: Path, line: str) -> None:
    """No value in the file keeps the command from running that puts it right."""
    file = home / ".config/stepcli/config.toml"
    file.parent.mkdir(parents=True)
    file.write_text(f"{line}\n")
    key = line.split()[0]
    assert offline("doctor").code == 2
    assert offline("config", "list").code == 0
    assert offline("config", "unset", key).code == 0
    assert file.read_text() == ""


def test_what_every_command_takes(offline: Program) -> None:
    """A wrapper may hand on the same options to whatever command it runs."""
    common = ("--base-url", "https://api.example.org/v1", "--timeout", "9", "--retries", "0", "-q")
    assert offline("config", "path", "--sandbox", *common).code == 0
    assert offline("auth", "logout", "--sandbox", *common).code == 0
    assert offline("devices", "--json", "--sandbox", *common).code in (0, 7)
