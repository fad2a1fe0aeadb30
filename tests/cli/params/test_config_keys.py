"""The keys of the config file, and the values that they take."""

from __future__ import annotations

import pytest

from stepcli.cli.app import root_command
from stepcli.cli.params._click import ClickUsageError, Command
from stepcli.cli.params.config_keys import _settings, setting_of, value_for
from stepcli.errors import UsageError


@pytest.fixture(scope="module")
def root() -> Command:
    return root_command()


@pytest.mark.parametrize(
    ("key", "words", "value"),
    [
        ("say", ["Good morning."], "Good morning."),
        ("speak.speed", ["1.25"], 1.25),
        ("speak.sample-rate", ["16000"], 16000),
        ("sample_rate", ["16000"], 16000),
        ("timeout", ["20"], 20.0),
        ("quiet", ["yes"], True),
        ("quiet", ["off"], False),
        ("speak.format", ["flac"], "flac"),
        ("pronounce", ["A/B", "C/D"], ["A/B", "C/D"]),
        ("auth.status.timeout", ["5"], 5.0),
        ("instruction", ["你好"], "你好"),
        ("transcribe.hotword", ["one"], ["one"]),
        ("device", ["1"], "1"),
    ],
)
def test_value_has_the_type_of_its_option(
    root: Command, key: str, words: list[str], value: object
) -> None:
    found = value_for(setting_of(key, root), words)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("key", "words", "says"),
    [
        ("timeout", ["soon"], "soon"),
        ("timeout", ["-1"], "-1"),
        ("speak.format", ["m4a"], "m4a"),
        ("quiet", ["maybe"], "maybe"),
        ("voice", ["one", "two"], "one value"),
        ("language", ["中文"], "中文"),
    ],
)
def test_value_that_its_option_refuses_is_an_error(
    root: Command, key: str, words: list[str], says: str
) -> None:
    with pytest.raises((UsageError, ClickUsageError), match=says):
        value_for(setting_of(key, root), words)


@pytest.mark.parametrize(
    ("key", "says"),
    [
        ("vioce", "did you mean voice?"),
        ("speak.vioce", "did you mean speak.voice?"),
        ("nothing-like-it", "--help"),
        ("speak", "no such setting: 'speak'"),
        ("help", "no such setting: 'help'"),
        ("model", "use one of speak.model, stream.model"),
        ("api_key", "stepcli auth login"),
        ("speak.STEP_API_KEY", "stepcli auth login"),
    ],
)
def test_key_that_sets_nothing_is_refused_with_a_remedy(root: Command, key: str, says: str) -> None:
    with pytest.raises(UsageError) as failure:
        setting_of(key, root)
    assert says in f"{failure.value.message}: {failure.value.hint}"


def test_parameter_names_match_their_long_options(root: Command) -> None:
    """The config file finds the parameter of a key by its name."""
    for key, setting in _settings(root):
        name = (setting.option.name or "").rstrip("_")  # from_ is a word of Python
        assert key.rpartition(".")[2].replace("-", "_") == name, key
