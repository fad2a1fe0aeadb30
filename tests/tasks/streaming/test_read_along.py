"""Text that is shown while it is played: when it appears, and which word is highlighted."""

from __future__ import annotations

import pytest

from stepcli.api.spoken_sentence import SpokenItem, SpokenSentence
from stepcli.audio.stream_decoder import RawDecoder
from stepcli.audio_types import PCM
from stepcli.tasks.streaming.read_along import ReadAlongSentences
from stepcli.tasks.streaming.sentence_output import SentenceOutput
from stepcli.tasks.streaming.word_times import StreamWordTimes
from tests.support.memory_sink import MemorySink


class Playing:
    """Sentences at 1,000 samples a second, and what is read of them by one player."""

    def __init__(self, *files: MemorySink, markdown: bool = False) -> None:
        self.output = SentenceOutput(PCM(1000), [MemorySink()], files, RawDecoder)
        self.times = StreamWordTimes()
        self.markdown = markdown
        self.begin_session()
        self.begin_player()

    def begin_session(self) -> None:
        self.times.begin_session(self.output.seconds, self.output.discarded_seconds)

    def begin_player(self) -> None:
        self.read = ReadAlongSentences(self.output, self.times, markdown=self.markdown)

    def start(self, text: str, seconds: float) -> None:
        self.times.start_sentence(len(self.output.sentences), text)
        self.output.start_sentence()
        self.output.write(bytes(round(2000 * seconds)))

    def say(self, text: str, seconds: float, request_id: str = "") -> None:
        self.start(text, seconds)
        self.times.end_sentence(len(self.output.sentences), request_id)
        self.output.end_sentence(text)

    def at(self, seconds: float) -> tuple[str, str | None]:
        """Return the text that is shown, and the word that is highlighted."""
        text, word = self.read.at(seconds)
        return text, None if word is None else text[slice(*word)]


def test_sentence_is_shown_when_it_begins_to_play() -> None:
    """Its words are highlighted once all of its sound is there."""
    playing = Playing()
    assert playing.at(0.0) == ("", None)
    playing.start("One two.", 2)
    assert playing.at(0.0) == ("", None)
    assert playing.at(0.1) == ("One two.", "")
    playing.times.end_sentence(0, "a")
    playing.output.end_sentence("One two.")
    playing.say("Three.", 2, "b")
    assert playing.at(0.2) == ("One two.", "One")
    assert playing.at(1.9) == ("One two.", "two.")
    assert playing.at(2.1) == ("One two.\nThree.", "Three.")


def test_late_word_times_replace_the_share_of_the_sentence() -> None:
    playing = Playing()
    playing.say("One two.", 4, "a")
    playing.say("Three.", 1, "b")
    assert playing.at(0.5) == ("One two.", "One")
    items = (SpokenItem("One", 1.0, 2.0), SpokenItem("two.", 3.0, 4.0))
    playing.times.add(SpokenSentence("One two.", items, "a"))
    assert [playing.at(seconds)[1] for seconds in (0.5, 1.0, 2.9, 3.0)] == [
        "",
        "One",
        "One",
        "two.",
    ]


@pytest.mark.parametrize("files", [[], [MemorySink()]])
def test_sentence_that_was_cut_is_shown_once(files: list[MemorySink]) -> None:
    """It is played from its beginning again; its words have the times of the second sound."""
    playing = Playing(*files)
    playing.say("One.", 1, "a")
    playing.start("Two three.", 2)
    assert playing.at(1.5) == ("One.\nTwo three.", "")
    playing.output.discard_sentence()
    playing.begin_session()
    assert playing.at(2.5) == ("One.\nTwo three.", "")
    playing.say("Two three.", 4, "c")
    playing.say("Four.", 1, "d")
    assert playing.at(2.5) == ("One.\nTwo three.", "")
    assert playing.at(3.1) == ("One.\nTwo three.", "Two")
    items = (SpokenItem("Two", 0.5, 1.0), SpokenItem("three.", 3.5, 4.0))
    playing.times.add(SpokenSentence("Two three.", items, "c"))
    assert [playing.at(seconds)[1] for seconds in (3.1, 3.5, 6.5)] == ["", "Two", "three."]
    assert playing.at(7.1) == ("One.\nTwo three.\nFour.", "Four.")


def test_each_player_counts_from_its_own_first_sound() -> None:
    """It shows only the sentences that it plays."""
    playing = Playing()
    playing.say("One.", 1)
    playing.start("Interrupted.", 1)
    playing.output.discard_sentence()
    playing.begin_player()
    playing.begin_session()
    playing.say("Two.", 1)
    assert playing.at(0.0) == ("", None)
    assert playing.at(0.1) == ("Two.", "Two.")


def test_directions_and_markdown_are_not_highlighted() -> None:
    playing = Playing(markdown=True)
    playing.say(" (softly) **One** two.", 4)
    assert playing.at(0.1) == ("(softly) One two.", "One")
    assert playing.at(3.9) == ("(softly) One two.", "two.")
