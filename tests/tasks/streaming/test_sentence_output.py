"""Output by sentences: live at once, files in whole sentences, and the times of sentences."""

from __future__ import annotations

import pytest

from stepcli.audio.stream_decoder import RawDecoder
from stepcli.audio_types import PCM
from stepcli.errors import NetworkError
from stepcli.tasks.streaming import sentence_output as output_module
from stepcli.tasks.streaming.sentence_output import Sentence, SentenceOutput
from tests.support.memory_sink import MemorySink

KILOHERTZ = PCM(1000)


class LaggingDecoder:
    """A decoder that returns each piece only when the next one comes."""

    lags = True

    def __init__(self) -> None:
        self._last = b""
        self.seconds = 0.0

    def decode(self, data: bytes) -> bytes:
        self.seconds += KILOHERTZ.seconds(len(data))
        last, self._last = self._last, data
        return last

    def finish(self) -> bytes:
        return self._last


class PassThroughDecoder:
    lags = False
    seconds = 0.0

    def decode(self, data: bytes) -> bytes:
        return data

    def finish(self) -> bytes:
        return b""


@pytest.fixture
def heard() -> MemorySink:
    return MemorySink()


@pytest.fixture
def kept() -> MemorySink:
    return MemorySink()


def test_live_sink_gets_sound_at_once_and_file_whole_sentences(
    heard: MemorySink, kept: MemorySink
) -> None:
    output = SentenceOutput(KILOHERTZ, [heard], [kept], PassThroughDecoder)
    output.start_sentence()
    output.write(b"ab")
    assert (heard.data, kept.data) == (b"ab", b"")
    output.end_sentence("x")
    assert kept.data == b"ab"


def test_cut_sentence_leaves_nothing_in_the_file(heard: MemorySink, kept: MemorySink) -> None:
    output = SentenceOutput(KILOHERTZ, [heard], [kept], PassThroughDecoder)
    output.start_sentence()
    output.write(b"abcd")
    output.discard_sentence()
    output.start_sentence()
    output.write(b"abcdef")
    output.end_sentence("x")
    output.finish("")
    assert (heard.data, kept.data) == (b"abcdabcdef", b"abcdef")
    assert output.sentences == [Sentence("x", 0.0, 0.003)]


def test_cut_sentence_and_its_repetition_are_one_sentence(heard: MemorySink) -> None:
    """Without files, times follow the live audio."""
    output = SentenceOutput(KILOHERTZ, [heard], [], PassThroughDecoder)
    output.start_sentence()
    output.write(b"ab")
    output.discard_sentence()
    output.start_sentence()
    output.write(b"abcd")
    output.end_sentence("x")
    assert output.sentences == [Sentence("x", 0.0, 0.003)]


def test_sound_outside_sentences_is_written_at_once(kept: MemorySink) -> None:
    output = SentenceOutput(KILOHERTZ, [], [kept], PassThroughDecoder)
    output.write(b"ab")
    assert kept.data == b"ab"
    output.finish("all of it")
    assert output.sentences == [Sentence("all of it", 0.0, 0.001)]


def test_lagging_decoder_loses_nothing_of_complete_sentences(kept: MemorySink) -> None:
    """What is still in the decoder when the session is lost belongs to the finished sentence."""
    output = SentenceOutput(KILOHERTZ, [], [kept], LaggingDecoder)
    output.start_sentence()
    output.write(b"abcd")
    output.write(b"efgh")
    output.end_sentence("one")
    assert kept.data == b"abcd"
    output.start_sentence()
    output.write(b"ijkl")
    output.discard_sentence()
    assert kept.data == b"abcdefgh"
    output.start_sentence()
    output.write(b"ijklmn")
    output.end_sentence("two")
    output.finish("")
    assert kept.data == b"abcdefghijklmn"
    assert output.sentences == [Sentence("one", 0.0, 0.004), Sentence("two", 0.004, 0.007)]


def test_empty_sound_is_not_written(heard: MemorySink, kept: MemorySink) -> None:
    """So that a sink knows whether it got anything worth keeping."""
    output = SentenceOutput(KILOHERTZ, [heard], [kept], PassThroughDecoder)
    output.start_sentence()
    output.end_sentence("x")
    output.discard_sentence()
    output.write(b"")
    output.finish("")
    assert heard.writes == kept.writes == 0


def test_incomplete_sound_of_a_lost_session_is_not_another_error(kept: MemorySink) -> None:
    class Broken(LaggingDecoder):
        def finish(self) -> bytes:
            raise NetworkError("no end")

    output = SentenceOutput(KILOHERTZ, [], [kept], Broken)
    output.write(b"ab")
    output.discard_sentence()
    output.write(b"cd")
    with pytest.raises(NetworkError):
        output.finish("")


def test_endless_sentence_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sound that never ends must not fill the disk."""
    monkeypatch.setattr(output_module, "LONGEST_SENTENCE", 3.0)
    output = SentenceOutput(KILOHERTZ, [], [MemorySink()], RawDecoder)
    output.start_sentence()
    for _ in range(3):
        output.write(bytes(2000))
    output.end_sentence("long")
    output.start_sentence()
    for _ in range(3):
        output.write(bytes(2000))
    output.write(bytes(2000))
    with pytest.raises(NetworkError, match="more than an hour"):
        output.write(bytes(2000))
