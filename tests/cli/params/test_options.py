"""``stepcli.cli.params.options``: options whose values come from several places."""

from __future__ import annotations

from pathlib import Path

from tests.support.in_process import InProcess


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
