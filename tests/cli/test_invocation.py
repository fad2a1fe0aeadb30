"""``stepcli.cli.invocation``: how errors are reported before the options are parsed."""

from __future__ import annotations

import pytest

from stepcli.cli.invocation import Invocation
from tests.support.in_process import pipes


@pytest.mark.parametrize(
    ("arguments", "json", "debug"),
    [
        ([], False, False),
        (["speak", "--json"], True, False),
        (["--debug", "speak"], False, True),
        (["speak", "--", "--json", "--debug"], False, False),
        (["speak", "--jsonx"], False, False),
    ],
)
def test_arguments_before_the_double_dash_decide(
    arguments: list[str], json: bool, debug: bool
) -> None:
    invocation = Invocation.begin(arguments, {}, pipes())
    assert (invocation.terminal.json, invocation.debug) == (json, debug)


def test_terminal_of_the_caller_is_not_changed() -> None:
    terminal = pipes()
    Invocation.begin(["--json"], {}, terminal)
    assert not terminal.json
