"""Variation between performances."""

from __future__ import annotations

from stepcli.sandbox.tts.variation import VariationSource


def test_no_two_performances_are_alike() -> None:
    source = VariationSource()
    assert len({source.draw("Hello") for _ in range(1000)}) == 1000


def test_same_seed_gives_the_same_performances_in_any_order() -> None:
    one, other = VariationSource(7), VariationSource(7)
    expected = {text: [one.draw(text) for _ in range(3)] for text in "ab"}
    interleaved = [(text, other.draw(text)) for text in "bababa"]
    for text in "ab":
        assert [each for name, each in interleaved if name == text] == expected[text]


def test_another_seed_gives_other_performances() -> None:
    assert VariationSource(1).draw("Hello") != VariationSource(2).draw("Hello")
