"""The words of the fish script; ``test_scripts`` runs the script."""

from __future__ import annotations

from stepcli.cli.completion.fish import script
from tests.cli.completion.awkward import PROGRAM

LINES = script(PROGRAM).splitlines()
AT_SAY = "complete -c stepcli -n '__stepcli_at say'"


def test_command_is_offered_with_its_summary() -> None:
    assert r"complete -c stepcli -n '__stepcli_at' -a say -d 'Say: it\'s'" in LINES
    assert "set -g __stepcli_commands \\" in LINES
    assert "    ' say'" in LINES


def test_flag_takes_no_value_and_its_help_is_quoted() -> None:
    assert rf"{AT_SAY} -l all -s a -d 'Don\'t: [a\\b]'" in LINES


def test_option_offers_its_values_only() -> None:
    first = LINES.index(f"{AT_SAY} -l kind -x -a '(__stepcli_words \\\\")
    assert LINES[first + 1 : first + 3] == [r"    a:b \\", r"    c)' -d 'Don\'t: [a\\b]'"]


def test_argument_offers_files_with_its_extensions() -> None:
    first = LINES.index(f"{AT_SAY} -k -a '(__stepcli_files \\\\")
    assert LINES[first + 1 : first + 3] == [r"    wav \\", "    mp3)'"]
