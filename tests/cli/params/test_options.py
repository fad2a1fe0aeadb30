"""``stepcli.cli.params.options``: options whose values come from several places."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from stepcli.cli.params.common_options import ConnectionFlags, TerminalFlags
from stepcli.cli.params.options import flag, option, option_group, options_of
from stepcli.cli.params.output_options import AudioOutputOptions
from stepcli.cli.params.speech_options import SpeechOptions
from tests.support.in_process import InProcess


@option_group("Drawing")
class Drawing:
    """A group of two options."""

    width: int = option("--width N", default=3, help="Width.")
    filled: bool = flag("--filled", heading="Color", help="Filled.")


def test_group_is_a_frozen_dataclass_of_the_values() -> None:
    assert Drawing() == Drawing(3, filled=False)
    with pytest.raises(FrozenInstanceError):
        Drawing().width = 4  # type: ignore[misc] # what is tested


def test_options_of_a_group_have_its_heading_unless_they_have_their_own() -> None:
    headings = {name: one.rich_help_panel for name, one in options_of(Drawing).items()}
    assert headings == {"width": "Drawing", "filled": "Color"}
    assert options_of(int) == {}


@option_group()
class Painting(Drawing):
    """A group that adds an option to those of another one."""

    color: str | None = option("--color NAME", help="Color.")


def test_group_that_extends_another_one_has_its_options_first() -> None:
    assert list(options_of(Painting)) == ["width", "filled", "color"]
    assert list(options_of(Drawing)) == ["width", "filled"]
    assert Painting(4, color="red") == Painting(4, filled=False, color="red")


@pytest.mark.parametrize(
    "group", [SpeechOptions, AudioOutputOptions, TerminalFlags, ConnectionFlags]
)
def test_every_option_of_a_group_has_a_config_key(group: type) -> None:
    for name, made in options_of(group).items():
        assert made.spec.config_key == name.replace("_", "-")


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
