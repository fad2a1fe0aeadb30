"""The candidates that completion offers."""

from __future__ import annotations

from stepcli.cli.app import root_command
from stepcli.cli.completion import dynamic
from stepcli.cli.completion.candidates import (
    argument_candidates,
    config_key_data,
    first_sentence,
    option_candidates,
)
from stepcli.cli.docs.model import Command
from stepcli.cli.params.config_keys import setting_of
from stepcli.cli.params.values import Dynamic


def test_scripts_request_only_known_sources(command: Command) -> None:
    candidates = [
        *(one for option in command.options for one in option_candidates(option)),
        *(one for each in command.arguments for one in argument_candidates(each)),
    ]
    sources = {one.source for one in candidates if isinstance(one, Dynamic)}
    assert sources <= {dynamic.VOICES, dynamic.OUTPUTS, dynamic.INPUTS, dynamic.CONFIG}


def test_offered_config_keys_can_be_set(program: Command) -> None:
    root = root_command()
    for key in config_key_data(program):
        assert setting_of(key.name, root)


def test_keys_that_people_set_first_are_offered_first(program: Command) -> None:
    names = [key.name for key in config_key_data(program)]
    assert names[:2] == ["voice", "language"]
    assert len([name for name in names[:12] if "." not in name]) == 12
    assert names.index("speak.speed") < names.index("stream.speed")
    assert len(names) == len(set(names))


def test_first_sentence_has_no_markup_and_no_full_stop() -> None:
    assert first_sentence("Read `FILE`. Or not.") == "Read FILE"
