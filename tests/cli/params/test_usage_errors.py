"""Messages for values that cannot be used, and hints that lead on."""

from __future__ import annotations

from pathlib import Path

import pytest

from stepcli.cli.app import run
from stepcli.cli.params.usage_errors import close_names
from stepcli.errors import UsageError
from tests.support.in_process import InProcess, invocation


def _refused(*arguments: str) -> UsageError:
    with pytest.raises(UsageError) as caught:
        run(invocation(*arguments))
    return caught.value


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("speak", "Hi", "--speed", "fast"), "--speed must be a number, not 'fast'"),
        (("speak", "Hi", "--speed", "nan"), "--speed must be a number, not nan"),
        (("speak", "Hi", "--sample-rate", "x"), "--sample-rate must be a whole number, not 'x'"),
        (("doctor", "--retries", "-1"), "--retries must be a whole number, 0 or more, not -1"),
        (
            ("transcribe", "--mic", "--threshold", "3"),
            "--threshold must be a number from 0.01 to 0.99, not 3",
        ),
        (
            ("stream", "Hi", "--flush-after", "-1"),
            "--flush-after must be a number from 0 to 86400000, not -1",
        ),
        (
            ("speak", "Hi", "--format", "pdf"),
            "--format must be one of mp3, wav, flac, opus, pcm, not 'pdf'",
        ),
        (("config", "set", "speak.speed", "x"), "--speed must be a number, not 'x'"),
    ],
)
def test_refused_value_is_explained_in_plain_words(
    arguments: tuple[str, ...], message: str
) -> None:
    assert _refused(*arguments).message == message


def test_origin_of_a_value_is_named(tmp_path: Path) -> None:
    done = InProcess(tmp_path)("speak", "Hi", STEPCLI_SPEED="x")
    assert "--speed must be a number, not 'x' (from STEPCLI_SPEED)" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "listing"),
    [
        (("speak", "-v"), "stepcli voices list"),
        (("speak", "Hi", "-v", "-o", "x.wav"), "stepcli voices list"),
        (("transcribe", "--mic", "--device"), "stepcli devices"),
        (("transcribe", "--mic", "--device", "--json"), "stepcli devices"),
        (("speak", "Hi", "--speed"), "stepcli speak --help"),
    ],
)
def test_missing_value_names_the_command_that_lists_values(
    arguments: tuple[str, ...], listing: str
) -> None:
    error = _refused(*arguments)
    assert "requires a value" in error.message
    assert listing in (error.hint or "")


def test_value_that_equals_an_option_can_be_joined() -> None:
    with pytest.raises(UsageError, match="pdf"):
        run(invocation("speak", "Hi", "--voice=-o", "--format", "pdf"))


@pytest.mark.parametrize("command", ["speak", "stream"])
def test_second_input_file_is_refused(command: str) -> None:
    assert (
        _refused(command, "-f", "a.txt", "-f", "b.txt").message == "--file can be given only once"
    )


def test_hint_about_a_dash_repeats_the_text() -> None:
    assert "stepcli speak -- '-5 degrees'" in (_refused("speak", "-5 degrees").hint or "")
    assert "stepcli speak -- -hello" in (_refused("speak", "-hello").hint or "")


@pytest.mark.parametrize(
    ("arguments", "message", "hint"),
    [
        (("speak", "--spede", "2"), "no such option: --spede", "did you mean --speed?"),
        (("speak", "-5", "degrees"), "no such option: -5", "put -- before it"),
        (("speek", "Hi"), "'speek'", "stepcli --help"),
        (("voice", "list"), "'voice'", "stepcli --help"),
        (("Hello there",), "'Hello there'", 'stepcli speak "Hello there"'),
        (("Hello", "there", "-v", "x"), "'Hello'", 'stepcli speak "Hello there"'),
        (("It costs $5",), "'It costs $5'", "stepcli speak 'It costs $5'"),
        (("你好",), "'你好'", 'stepcli speak "你好"'),
        (("word " * 99,), "no such command", "stepcli speak TEXT"),
    ],
)
def test_name_that_is_unknown_has_a_remedy(
    arguments: tuple[str, ...], message: str, hint: str
) -> None:
    """Words instead of a command may be text to speak."""
    error = _refused(*arguments)
    assert message in error.message
    assert hint in (error.hint or "")


def test_option_that_is_not_close_is_not_suggested() -> None:
    error = _refused("speak", "--pitch", "2", "Hi")
    assert "--batch" not in f"{error.message} {error.hint}"


@pytest.mark.parametrize(
    ("word", "names"),
    [
        ("--spede", ["--speed"]),
        ("--sub", ["--subtitles"]),
        ("--SPEED", ["--speed"]),
        ("--s", []),
        ("--pitch", []),
    ],
)
def test_close_name_is_a_misspelling_or_an_abbreviation(word: str, names: list[str]) -> None:
    assert close_names(word, ["--speed", "--subtitles", "--batch"]) == names
