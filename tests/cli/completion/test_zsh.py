"""The words of the zsh script; ``test_scripts`` runs the script."""

from __future__ import annotations

from stepcli.cli.completion.zsh import script
from tests.cli.completion.awkward import PROGRAM

SCRIPT = script(PROGRAM)


def test_command_is_described_with_its_summary() -> None:
    r"""A colon would begin the description."""
    assert r"    'say:Say\: it'\''s'" + "\n" in SCRIPT
    assert "    say) _stepcli_at_say && ret=0 ;;\n" in SCRIPT


def test_flag_is_offered_once_under_either_name() -> None:
    """Its description cannot end at a bracket in the help."""
    assert r"    '(--all -a)'{--all,-a}'[Don'\''t: \[a\\b\]]' \ ".rstrip() + "\n" in SCRIPT


def test_repeatable_option_is_offered_again_and_its_value_may_be_joined() -> None:
    say = SCRIPT[SCRIPT.index("_stepcli_at_say() {") :]
    assert r"    '*'--kind='[Don'\''t: \[a\\b\]]:K:(" + "\n      a\\:b\n      c\n    )'" in say


def test_optional_argument_offers_files_with_its_extensions() -> None:
    assert """    '1::FILE:_files -g "(#i)*.(wav|mp3)"'\n""" in SCRIPT
