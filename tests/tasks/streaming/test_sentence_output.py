"""Sound sentence by sentence: who hears it when, what a file keeps, and the times of sentences."""

from __future__ import annotations

import pytest

from stepcli.audio.stream_decoder import Samples
from stepcli.audio_types import PCM
from stepcli.errors import NetworkError
from stepcli.subtitles.formats import Sentence
from stepcli.tasks.streaming import sentence_output as takes_module
from stepcli.tasks.streaming.sentence_output import Takes

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
    takes = Takes(KILOHERTZ, [heard], [kept], AtOnce)
    takes.begin()
    takes.write(b"ab", 0)
    assert (heard.data, kept.data) == (b"ab", b"")
    takes.end("x")
    assert kept.data == b"ab"


def test_a_retake_leaves_no_half_in_the_file(heard: Tape, kept: Tape) -> None:
    takes = Takes(KILOHERTZ, [heard], [kept], AtOnce)
    takes.begin()
    takes.write(b"abcd", 0)
    takes.retake()
    takes.begin()
    takes.write(b"abcdef", 0)
    takes.end("x")
    takes.finish("")
    assert (heard.data, kept.data) == (b"abcdabcdef", b"abcdef")
    assert takes.sentences == [Sentence("x", 0.0, 0.003)]


def test_a_sentence_heard_anew_is_one_cue_over_both_takes(heard: Tape) -> None:
    """Where nothing is kept, times follow what was heard."""
    takes = Takes(KILOHERTZ, [heard], [], AtOnce)
    takes.begin()
    takes.write(b"ab", 0)
    takes.retake()
    takes.begin()
    takes.write(b"abcd", 0)
    takes.end("x")
    assert takes.sentences == [Sentence("x", 0.0, 0.003)]


def test_sound_outside_sentences_waits_for_nothing(kept: Tape) -> None:
    takes = Takes(KILOHERTZ, [], [kept], AtOnce)
    takes.write(b"ab", 0)
    assert kept.data == b"ab"
    takes.finish("all of it")
    assert takes.sentences == [Sentence("all of it", 0.0, 0.001)]


def test_a_late_decoder_loses_nothing_that_was_whole(kept: Tape) -> None:
    """What is still in the decoder when the session is lost belongs to the finished sentence."""
    takes = Takes(KILOHERTZ, [], [kept], Late)
    takes.begin()
    takes.write(b"abcd", 0.002)
    takes.write(b"efgh", 0.002)
    takes.end("one")
    assert kept.data == b"abcd"
    takes.begin()
    takes.write(b"ijkl", 0.002)
    takes.retake()
    assert kept.data == b"abcdefgh"
    takes.begin()
    takes.write(b"ijklmn", 0.003)
    takes.end("two")
    takes.finish("")
    assert kept.data == b"abcdefghijklmn"
    assert takes.sentences == [Sentence("one", 0.0, 0.004), Sentence("two", 0.004, 0.007)]


def test_no_sound_is_not_written(heard: Tape, kept: Tape) -> None:
    """A sink that got nothing knows it: an empty part is not worth keeping."""
    takes = Takes(KILOHERTZ, [heard], [kept], AtOnce)
    takes.begin()
    takes.end("x")
    takes.retake()
    takes.write(b"", 0)
    takes.finish("")
    assert heard.writes == kept.writes == 0


def test_a_session_that_breaks_off_in_the_decoder_is_no_second_failure(kept: Tape) -> None:
    class Broken(Late):
        def finish(self) -> bytes:
            raise NetworkError("no end")

    takes = Takes(KILOHERTZ, [], [kept], Broken)
    takes.write(b"ab", 0)
    takes.retake()
    takes.write(b"cd", 0)
    with pytest.raises(NetworkError):
        takes.finish("")


def test_a_sentence_comes_to_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sound that never stops is a failure, not a full disk."""
    monkeypatch.setattr(takes_module, "LONGEST_SENTENCE", 3.0)
    takes = Takes(KILOHERTZ, [], [Tape()], Samples)
    takes.begin()
    for _ in range(3):
        takes.write(bytes(2000), 1.0)
    takes.end("long")
    takes.begin()
    for _ in range(3):
        takes.write(bytes(2000), 1.0)
    takes.write(bytes(2000), 1.0)
    with pytest.raises(NetworkError, match="without an end"):
        takes.write(bytes(2000), 1.0)
