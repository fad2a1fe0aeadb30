"""``stepcli.cli.params.values``: facts about options that Typer lacks."""

from __future__ import annotations

from typing import get_args, get_type_hints

import pytest

from stepcli.cli.params.common_options import ConnectionFlags, TerminalFlags
from stepcli.cli.params.options import option
from stepcli.cli.params.output_options import AudioOutputOptions
from stepcli.cli.params.speech_options import SpeechOptions
from stepcli.cli.params.values import AUDIO, NOTHING_KNOWN, Choices, Files, Text, spec_of

GROUPS = (SpeechOptions, AudioOutputOptions, TerminalFlags, ConnectionFlags)


@pytest.mark.parametrize("group", GROUPS)
def test_every_option_of_a_group_has_a_config_key(group: type) -> None:
    for name, hint in get_type_hints(group, include_extras=True).items():
        (spec,) = (spec_of(one) for one in get_args(hint)[1:])
        assert spec.config_key == name.replace("_", "-")


def test_kind_may_be_one_or_several() -> None:
    one = option("--x", help="X.", kind=AUDIO)
    two = option("--x", help="X.", kind=(AUDIO, Choices(("a",))))
    assert spec_of(one).kinds == (AUDIO,)
    assert spec_of(two).kinds == (AUDIO, Choices(("a",)))


@pytest.mark.parametrize(
    ("kinds", "any_bytes"),
    [((), False), ((Choices(("a",)),), False), ((Files(),), True), ((Text(),), True)],
)
def test_only_names_of_files_and_text_may_be_any_bytes(
    kinds: tuple[Files, ...], any_bytes: bool
) -> None:
    assert spec_of(option("--x", help="X.", kind=kinds)).takes_any_bytes is any_bytes


def test_other_annotations_have_an_empty_spec() -> None:
    assert spec_of("a note") is NOTHING_KNOWN
