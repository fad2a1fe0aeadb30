"""``stepcli.cli.params.values`` and ``options``: facts about options that Typer lacks."""

from __future__ import annotations

from pathlib import Path
from typing import get_args, get_type_hints

import pytest

from stepcli.cli.params import options
from stepcli.cli.params.options import AudioOutputOptions, ConnectionFlags, SpeechOptions
from stepcli.cli.params.values import AUDIO, NOTHING_KNOWN, Choices, Files, Text, spec_of
from tests.support.in_process import InProcess

GROUPS = (SpeechOptions, AudioOutputOptions, options.TerminalFlags, ConnectionFlags)


@pytest.mark.parametrize("group", GROUPS)
def test_every_option_of_a_group_has_a_config_key(group: type) -> None:
    for name, hint in get_type_hints(group, include_extras=True).items():
        (spec,) = (spec_of(one) for one in get_args(hint)[1:])
        assert spec.config_key == name.replace("_", "-")


def test_kind_may_be_one_or_several() -> None:
    one = options.option("--x", help="X.", kind=AUDIO)
    two = options.option("--x", help="X.", kind=(AUDIO, Choices(("a",))))
    assert spec_of(one).kinds == (AUDIO,)
    assert spec_of(two).kinds == (AUDIO, Choices(("a",)))


@pytest.mark.parametrize(
    ("kinds", "any_bytes"),
    [((), False), ((Choices(("a",)),), False), ((Files(),), True), ((Text(),), True)],
)
def test_only_names_of_files_and_text_may_be_any_bytes(
    kinds: tuple[Files, ...], any_bytes: bool
) -> None:
    assert spec_of(options.option("--x", help="X.", kind=kinds)).takes_any_bytes is any_bytes


def test_other_annotations_have_an_empty_spec() -> None:
    assert spec_of("a note") is NOTHING_KNOWN


def test_repeatable_option_has_a_value_per_line_of_its_variable(home: Path) -> None:
    """A value may contain blanks and colons."""
    stepcli = InProcess(home)
    done = stepcli(
        "speak", "Hi.", "--dry-run", "--json", STEPCLI_PRONOUNCE="LOL/laugh out\nA:B/a to b"
    )
    assert done.code == 0, done.stderr
    refused = stepcli("speak", "Hi.", "--dry-run", STEPCLI_PRONOUNCE="LOL/laugh out\nwrong one")
    assert "wrong one" in refused.stderr


def test_value_that_names_a_file_stands_for_its_lines(home: Path) -> None:
    (home / "names").write_text("# written/spoken\nLOL/laugh out\n\nA:B/a to b\n", "utf-8")
    stepcli = InProcess(home)
    good = stepcli("speak", "Hi.", "--dry-run", "--pronounce", "@names", "--pronounce", "C/see")
    assert good.code == 0, good.stderr
    (home / "names").write_text("LOL/laugh out\nwrong one\n", "utf-8")
    refused = stepcli("speak", "Hi.", "--dry-run", STEPCLI_PRONOUNCE="@names")
    assert refused.code == 2
    assert "wrong one" in refused.stderr
    missing = stepcli("speak", "Hi.", "--dry-run", "--pronounce", "@none")
    assert (missing.code, "cannot read none" in missing.stderr) == (2, True)
