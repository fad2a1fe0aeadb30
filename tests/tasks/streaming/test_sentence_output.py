"""Sound sentence by sentence: who hears it when, what a file keeps, and the times of sentences."""

from __future__ import annotations

import pytest

from stepcli.audio.stream_decoder import RawDecoder
from stepcli.audio_types import PCM
from stepcli.errors import NetworkError
from stepcli.subtitles.formats import Sentence
from stepcli.tasks.streaming import sentence_output as output_module
from stepcli.tasks.streaming.sentence_output import SentenceOutput

KILOHERTZ = PCM(1000)


class Tape:
    """A sink that remembers."""

    def __init__(self) -> None:
        self.data = b""
        self.writes = 0

    def write(self, data: bytes) -> None:
        self.data += data
        self.writes += 1

    def close(self) -> None: ...

    def abort(self) -> None: ...


class Late:
    """A decoder that gives each piece only when the next one comes."""

    lags = True

    def __init__(self) -> None:
        self._last = b""

    def decode(self, data: bytes) -> bytes:
        last, self._last = self._last, data
        return last

    def finish(self) -> bytes:
        return self._last


class AtOnce:
    lags = False

    def decode(self, data: bytes) -> bytes:
        return data

    def finish(self) -> bytes:
        return b""


@pytest.fixture
def heard() -> Tape:
    return Tape()


@pytest.fixture
def kept() -> Tape:
    return Tape()


def test_a_listener_hears_at_once_a_file_waits_for_the_sentence(heard: Tape, kept: Tape) -> None:
    output = SentenceOutput(KILOHERTZ, [heard], [kept], AtOnce)
    output.start_sentence()
    output.write(b"ab", 0)
    assert (heard.data, kept.data) == (b"ab", b"")
    output.end_sentence("x")
    assert kept.data == b"ab"


def test_a_retake_leaves_no_half_in_the_file(heard: Tape, kept: Tape) -> None:
    output = SentenceOutput(KILOHERTZ, [heard], [kept], AtOnce)
    output.start_sentence()
    output.write(b"abcd", 0)
    output.discard_sentence()
    output.start_sentence()
    output.write(b"abcdef", 0)
    output.end_sentence("x")
    output.finish("")
    assert (heard.data, kept.data) == (b"abcdabcdef", b"abcdef")
    assert output.sentences == [Sentence("x", 0.0, 0.003)]


def test_a_sentence_heard_anew_is_one_cue_over_both_output(heard: Tape) -> None:
    """Without files, times follow the live audio."""
    output = SentenceOutput(KILOHERTZ, [heard], [], AtOnce)
    output.start_sentence()
    output.write(b"ab", 0)
    output.discard_sentence()
    output.start_sentence()
    output.write(b"abcd", 0)
    output.end_sentence("x")
    assert output.sentences == [Sentence("x", 0.0, 0.003)]


def test_sound_outside_sentences_waits_for_nothing(kept: Tape) -> None:
    output = SentenceOutput(KILOHERTZ, [], [kept], AtOnce)
    output.write(b"ab", 0)
    assert kept.data == b"ab"
    output.finish("all of it")
    assert output.sentences == [Sentence("all of it", 0.0, 0.001)]


def test_a_late_decoder_loses_nothing_that_was_whole(kept: Tape) -> None:
    """What is still in the decoder when the session is lost belongs to the finished sentence."""
    output = SentenceOutput(KILOHERTZ, [], [kept], Late)
    output.start_sentence()
    output.write(b"abcd", 0.002)
    output.write(b"efgh", 0.002)
    output.end_sentence("one")
    assert kept.data == b"abcd"
    output.start_sentence()
    output.write(b"ijkl", 0.002)
    output.discard_sentence()
    assert kept.data == b"abcdefgh"
    output.start_sentence()
    output.write(b"ijklmn", 0.003)
    output.end_sentence("two")
    output.finish("")
    assert kept.data == b"abcdefghijklmn"
    assert output.sentences == [Sentence("one", 0.0, 0.004), Sentence("two", 0.004, 0.007)]


def test_no_sound_is_not_written(heard: Tape, kept: Tape) -> None:
    """A sink that got nothing knows it: an empty part is not worth keeping."""
    output = SentenceOutput(KILOHERTZ, [heard], [kept], AtOnce)
    output.start_sentence()
    output.end_sentence("x")
    output.discard_sentence()
    output.write(b"", 0)
    output.finish("")
    assert heard.writes == kept.writes == 0


def test_a_session_that_breaks_off_in_the_decoder_is_no_second_failure(kept: Tape) -> None:
    class Broken(Late):
        def finish(self) -> bytes:
            raise NetworkError("no end")

    output = SentenceOutput(KILOHERTZ, [], [kept], Broken)
    output.write(b"ab", 0)
    output.discard_sentence()
    output.write(b"cd", 0)
    with pytest.raises(NetworkError):
        output.finish("")


def test_endless_sentence_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sound that never stops is a failure, not a full disk."""
    monkeypatch.setattr(output_module, "LONGEST_SENTENCE", 3.0)
    output = SentenceOutput(KILOHERTZ, [], [Tape()], RawDecoder)
    output.start_sentence()
    for _ in range(3):
        output.write(bytes(2000), 1.0)
    output.end_sentence("long")
    output.start_sentence()
    for _ in range(3):
        output.write(bytes(2000), 1.0)
    output.write(bytes(2000), 1.0)
    with pytest.raises(NetworkError, match="more than an hour"):
        output.write(bytes(2000), 1.0)
