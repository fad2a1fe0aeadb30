"""Words of several answers in the time of the whole sound."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from stepcli.subtitles.alignment import Word
from stepcli.subtitles.timeline import Timeline


class Item(NamedTuple):
    text: str
    start: float | None
    end: float | None


class Sentence(NamedTuple):
    text: str
    items: tuple[Item, ...] = ()


HELLO = Sentence("Hello there.", (Item("Hello", 0.2, 0.5), Item("there.", 0.6, 1.0)))
AGAIN = Sentence("And again.", (Item("And", 1.5, 1.7), Item("again.", 1.7, 2.2)))


def test_words_follow_the_sound_before_them() -> None:
    timeline = Timeline(0.05)
    timeline.add("Hello there. And again. ", [HELLO, AGAIN], 2.5)
    timeline.add("Hello there.", [HELLO], 1.25)
    assert [word.text for word in timeline.words] == [
        "Hello", " there.", " And", " again. ", "Hello", " there.",
    ]  # fmt: skip
    assert [word.start for word in timeline.words] == pytest.approx(
        [0.25, 0.65, 1.55, 1.75, 2.75, 3.15]
    )
    assert timeline.seconds == pytest.approx(3.8)
    assert (timeline.sentences, timeline.untimed) == (3, 0)


def test_sentence_without_items_shares_its_own_time() -> None:
    timeline = Timeline()
    timeline.add("Hello there. Oh no. And again.", [HELLO, Sentence("Oh no."), AGAIN], 2.5)
    oh, no = timeline.words[2:4]
    middle = 1.0 + 0.5 * 3 / 7
    assert (oh.start, oh.end, no.start, no.end) == pytest.approx((1.0, middle, middle, 1.5))
    assert (timeline.sentences, timeline.untimed) == (3, 1)


@pytest.mark.parametrize("sentences", [[], [Sentence("One two.")]])
def test_text_without_any_times_is_spread_over_its_sound(sentences: list[Sentence]) -> None:
    timeline = Timeline()
    timeline.add("One two.", sentences, 4.0)
    assert (timeline.words[0].start, timeline.words[-1].end) == (0.0, 4.0)
    assert (timeline.sentences, timeline.untimed) == (1, 1)
    assert timeline.is_reported == bool(sentences)


def test_directions_are_not_among_the_words() -> None:
    timeline = Timeline()
    timeline.add("(softly) Hello (sigh)there（笑）.", [HELLO], 1.5)
    assert "".join(word.text for word in timeline.words) == " Hellothere."
    timeline.add("(sigh)", [], 0.5)
    assert timeline.seconds == 2.0
    assert (timeline.sentences, timeline.untimed) == (1, 0)


def test_words_are_written_as_in_the_text_where_the_service_spells_them_out() -> None:
    spelled = Sentence("Five dollars each.", (
        Item("Five", 0.1, 0.4), Item("dollars", 0.4, 0.9), Item("each.", 0.9, 1.4),
    ))  # fmt: skip
    timeline = Timeline()
    timeline.add("$5 each.", [spelled], 1.5)
    assert timeline.words == [Word("$5", 0.0, 0.9), Word(" each.", 0.9, 1.4)]


def test_formatting_is_not_among_the_words() -> None:
    timeline = Timeline()
    timeline.add("**Hello** there.\n\n*And* again.", [HELLO, AGAIN], 2.5, markdown=True)
    assert "".join(word.text for word in timeline.words) == "Hello there. And again."
    timeline.add("# Title", [], 1.0, markdown=True)
    assert timeline.words[-1].text == " Title"


def test_texts_that_do_not_continue_one_another_are_separated() -> None:
    timeline = Timeline()
    for text in ("One.", "Two.", "三。", "四。"):
        timeline.add(text, [], 1.0)
    assert "".join(word.text for word in timeline.words) == "One. Two. 三。四。"
