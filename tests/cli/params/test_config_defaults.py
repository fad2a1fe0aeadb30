"""Values of the environment and the config file are ignored where they do not apply.

Only options on the command line can conflict.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.in_process import InProcess
from tests.support.program import Program


def test_device_of_the_config_file_is_ignored_without_playback(run: InProcess) -> None:
    """As a flag it conflicts with ``-o FILE``."""
    assert run("config", "set", "device", "headphones").code == 0
    assert run("speak", "Hi", "-o", "hi.mp3").code == 0
    assert run("speak", "Hi", "-o", "hi.wav", STEPCLI_DEVICE="kitchen").code == 0
    assert run("speak", "Hi", "-o", "hi.wav", "--device", "kitchen").code == 2


def test_text_wins_over_a_file_of_the_environment(run: InProcess) -> None:
    """TEXT conflicts with ``-f`` on the command line."""
    file = {"STEPCLI_FILE": "no such file"}
    for command in ("speak", "stream"):
        assert run(command, "Hi", "-o", "hi.wav", **file).code == 0
        assert run(command, "-o", "hi.wav", **file).code == 2
        assert run(command, "Hi", "-f", "hi.txt", "-o", "hi.wav").code == 2


def test_output_directory_of_the_environment_applies_to_batches_only(
    run: InProcess, home: Path
) -> None:
    """TEXT on the command line is spoken as usual."""
    defaults = {"STEPCLI_OUTPUT_DIR": "out", "STEPCLI_BATCH": "lines.txt"}
    assert run("speak", "Hi", "-o", "hi.mp3", **defaults).code == 0
    assert not (home / "out").exists()
    (home / "lines.txt").write_text("Hi\n")
    assert run("speak", "--batch", "lines.txt", **defaults, STEPCLI_OUTPUT="a.mp3").code == 0
    assert (home / "out/1.mp3").stat().st_size
    assert run("speak", "Hi", "-o", "hi.mp3", "--output-dir", "out").code == 2


@pytest.mark.parametrize(
    ("flag", "path"), [(("-o", "flag.txt"), "flag.txt"), (("--output-dir", "flag"), "flag/hi.txt")]
)
def test_given_destination_wins_over_one_of_the_environment(
    run: InProcess, home: Path, flag: tuple[str, str], path: str
) -> None:
    """-o and --output-dir conflict only on the command line."""
    assert run("speak", "Good morning", "-o", "hi.wav").code == 0
    defaults = {"STEPCLI_OUTPUT": "default.txt", "STEPCLI_OUTPUT_DIR": "default"}
    assert run("transcribe", "hi.wav", "-l", "en", *flag, **defaults).code == 0
    assert (home / path).exists()
    assert not list(home.glob("default*"))
    both = ("-o", "a.txt", "--output-dir", "a")
    assert run("transcribe", "hi.wav", *both).code == 2


@pytest.mark.parametrize("default", ["STEPCLI_SCRIPT", "STEPCLI_TIMED", "STEPCLI_BATCH"])
@pytest.mark.parametrize("text", [("Hi",), ("-f", "hi.txt"), ("--script", "hi.txt")], ids=" ".join)
def test_given_text_wins_over_a_script_of_the_environment(
    run: InProcess, home: Path, text: tuple[str, ...], default: str
) -> None:
    """They conflict only on the command line."""
    (home / "hi.txt").write_text("Hi\n")
    done = run("speak", *text, "-o", "hi.mp3", **{default: "missing"})
    assert done.code == 0, done.stderr


def test_extension_wins_over_a_format_of_the_environment(run: InProcess, home: Path) -> None:
    assert run("speak", "Hi", "-o", "hi.wav", STEPCLI_FORMAT="mp3").code == 0
    assert (home / "hi.wav").read_bytes().startswith(b"RIFF")
    heard = ("transcribe", "hi.wav", "-l", "en")
    assert run(*heard, "-o", "hi.vtt", STEPCLI_FORMAT="srt").code == 0
    assert (home / "hi.vtt").read_text().startswith("WEBVTT")
    assert run("speak", "Hi", "-o", "hi", STEPCLI_FORMAT="flac").code == 0
    assert (home / "hi").read_bytes().startswith(b"fLaC")


def test_format_of_the_environment_is_ignored_without_a_file(run: InProcess) -> None:
    """``--json`` conflicts only with a format on the command line."""
    assert run("speak", "Good morning", "-o", "hi.wav").code == 0
    heard = ("transcribe", "hi.wav", "-l", "en", "--json")
    assert run(*heard, STEPCLI_FORMAT="srt").stdout.startswith("{")
    assert run(*heard, "--format", "srt").code == 2


@pytest.mark.parametrize(
    "words",
    [
        ("install_completion",),
        ("voices", "install_completion"),
        ("voices", "help"),
        ("voices", "version"),
    ],
    ids=" ".join,
)
def test_option_name_without_dashes_is_an_unknown_command(
    offline: Program, words: tuple[str, ...]
) -> None:
    """The defaults of commands do not become its value."""
    done = offline(*words)
    assert done.code == 2
    assert f"no such command '{words[-1]}'" in done.stderr


@pytest.mark.parametrize("line", ['timeout = "soon"', 'json = "maybe"', "retries = -1"])
def test_config_command_repairs_a_wrong_value(offline: Program, home: Path, line: str) -> None:
    """Whatever the file contains."""
    file = home / ".config/stepcli/config.toml"
    file.parent.mkdir(parents=True)
    file.write_text(f"{line}\n")
    key = line.split()[0]
    assert offline("doctor").code == 2
    assert offline("config", "list").code == 0
    assert offline("config", "unset", key).code == 0
    assert file.read_text() == ""


def test_common_options_can_be_set_for_every_command(offline: Program) -> None:
    """A wrapper script may set the same options for any command."""
    common = ("--base-url", "https://api.example.org/v1", "--timeout", "9", "--retries", "0", "-q")
    assert offline("config", "path", "--sandbox", *common).code == 0
    assert offline("devices", "--json", "--sandbox", *common).code in (0, 7)
