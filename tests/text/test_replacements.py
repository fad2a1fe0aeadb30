"""`--replace A=B`: whole words and phrases in a transcript."""

from __future__ import annotations

import pytest

from stepcli.errors import UsageError
from stepcli.text.replacements import Replacements


@pytest.mark.parametrize(
    ("pairs", "text", "expected"),
    [
        (
            ["day=night"],
            "Today, day by day.",
            "Today, night by night.",
        ),
        (["colour=color"], "Colour and colour", "Color and color"),
        (["step fun=StepFun"], "Step  fun or step fun", "StepFun or StepFun"),
        (["US=America"], "The US told us", "The America told us"),
        (["new line=\n"], "Dear Ann, new line how are you", "Dear Ann,\nhow are you"),
        (["full stop=."], "It is late full stop Good night", "It is late. Good night"),
        (["new=old", "new year=spring"], "A new year, a new day", "A spring, a old day"),
        (["a=b", "b=c"], "a b", "b c"),
        (["um="], "I um think", "I think"),
        (["c++=C++"], "in c++ too", "in C++ too"),
        (["阶跃=StepFun"], "我用阶跃星辰", "我用StepFun星辰"),
        (["a=b=c"], "a", "b=c"),
        (["is=was"], "\u0131\u017f", "was"),
        ([], "as it is", "as it is"),
    ],
)
def test_whole_words_are_replaced(pairs: list[str], text: str, expected: str) -> None:
    assert Replacements.parse(pairs)(text) == expected


def test_pairs_take_precedence_over_the_table() -> None:
    replacements = Replacements.parse(["a=1"], {"a": "2", "b": "3"})
    assert replacements("a b") == "1 3"


@pytest.mark.parametrize("pair", ["word", "=word", " =word"])
def test_pair_without_a_word_to_replace_is_refused(pair: str) -> None:
    with pytest.raises(UsageError):
        Replacements.parse([pair])
