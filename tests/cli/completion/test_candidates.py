"""The candidates that completion offers."""

from __future__ import annotations

from stepcli.cli.app import root_command
from stepcli.cli.completion import dynamic
from stepcli.cli.completion.candidates import (
    argument_candidates,
    config_key_names,
    first_sentence,
    option_candidates,
)
from stepcli.cli.docs.model import Command
from stepcli.cli.params.config_keys import option_of
from stepcli.cli.params.values import Dynamic


def test_scripts_request_only_known_sources(command: Command) -> None:
    candidates = [
        *(one for option in command.options for one in option_candidates(option)),
        *(one for each in command.arguments for one in argument_candidates(each)),
    ]
    sources = {one.source for one in candidates if isinstance(one, Dynamic)}
    assert sources <= {dynamic.VOICES, dynamic.OUTPUTS, dynamic.INPUTS}


def test_offered_config_keys_can_be_set(program: Command) -> None:
    root = root_command()
    for key in config_key_names(program):
        if "." in key:  # without a command, a key may be ambiguous
            assert option_of(key, root)


def test_first_sentence_has_no_markup_and_no_full_stop() -> None:
    assert first_sentence("Read `FILE`. Or not.") == "Read FILE"
