"""Pieces that need more than one request: without words, or refused as too large."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import pytest

from stepcli.api.recognition import RecognitionRequest, TranscriptDelta, TranscriptDone
from stepcli.audio.open import open_track
from stepcli.audio.segments import Segment
from stepcli.audio_types import Recording
from stepcli.errors import QuotaError, StepcliError, TooLargeError, UsageError
from stepcli.tasks.transcription.results import ResultCache
from stepcli.tasks.transcription.segment_recognizer import SegmentRecognizer
from tests.support.recordings import RATE, noise, silence, write_wav
from tests.support.segments import split

Events = Iterator[TranscriptDelta | TranscriptDone]


@dataclass
class Service:
    """Recognizes `words` by language, and refuses more than `limit` bytes.

    Any request for a language in `errors` fails.
    """

    words: dict[str | None, str] = field(default_factory=dict)
    errors: dict[str | None, StepcliError] = field(default_factory=dict)
    limit: float = float("inf")
    requests: list[RecognitionRequest] = field(default_factory=list)

    @contextmanager
    def recognize(self, request: RecognitionRequest) -> Iterator[Events]:
        self.requests.append(request)
        if request.recording.size > self.limit:
            raise TooLargeError("too large")
        if error := self.errors.get(request.language):
            raise error
        yield self._events(request)

    def _events(self, request: RecognitionRequest) -> Events:
        text, number = self.words.get(request.language, ""), len(self.requests)
        if text:
            yield TranscriptDelta(text, 0.5, 1.0)
        yield TranscriptDone(text, {"total_tokens": 1}, f"session {number}")

    def recognizer(
        self, language: str | None = None, store: ResultCache | None = None
    ) -> SegmentRecognizer:
        def request(recording: Recording) -> RecognitionRequest:
            return RecognitionRequest(recording, language)

        return SegmentRecognizer(request, self.recognize, store, ("en", "zh"))

    @property
    def languages(self) -> list[str | None]:
        return [request.language for request in self.requests]


def segment(path: Path, *sounds: bytes) -> Segment:
    (one,) = split(open_track(write_wav(path / "a.wav", *sounds)))
    return one


@pytest.mark.parametrize(
    ("words", "languages"),
    [
        ({None: "a"}, [None]),
        ({"en": "a"}, [None, "en"]),
        ({"zh": "a"}, [None, "en", "zh"]),
        ({}, [None, "en", "zh"]),
    ],
    ids=["none", "first", "second", "never"],
)
def test_piece_without_words_is_sent_again_in_each_language(
    tmp_path: Path, words: dict[str | None, str], languages: list[str | None]
) -> None:
    """Until there are words; all requests count."""
    service = Service(words)
    result = service.recognizer().result(segment(tmp_path, noise(2)), lambda _: None)
    assert service.languages == languages
    assert result.text == next(iter(words.values()), "")
    assert result.usage == {"total_tokens": len(languages)}
    assert [session for session, _ in result.ids] == [
        f"session {number + 1}" for number in range(len(languages))
    ]


def test_silence_is_sent_once(tmp_path: Path) -> None:
    service = Service()
    quiet = noise(2, loudness=30)
    assert not service.recognizer().result(segment(tmp_path, quiet), lambda _: None).text
    assert service.languages == [None]


def test_requested_language_is_the_only_one(tmp_path: Path) -> None:
    service = Service({"zh": "a"})
    assert not service.recognizer("en").result(segment(tmp_path, noise(2)), lambda _: None).text
    assert service.languages == ["en"]


def test_unsupported_language_is_skipped(tmp_path: Path) -> None:
    service = Service({"zh": "a"}, {"en": UsageError("no such language")})
    assert service.recognizer().result(segment(tmp_path, noise(2)), lambda _: None).text == "a"


def test_other_failure_of_a_further_request_is_raised(tmp_path: Path) -> None:
    service = Service({"zh": "a"}, {"en": QuotaError("used up")})
    with pytest.raises(QuotaError):
        service.recognizer().result(segment(tmp_path, noise(2)), lambda _: None)


@pytest.mark.parametrize(("limit", "count"), [(34, 2), (18, 4)])
def test_piece_that_is_too_large_is_sent_in_parts(tmp_path: Path, limit: int, count: int) -> None:
    """Cut at pauses, with the times of the whole, as a file or as samples."""
    service = Service({None: "word"}, limit=2 * RATE * limit)
    sounds = [noise(1.5), silence(1)] * 24
    received: list[TranscriptDelta] = []
    result = service.recognizer().result(segment(tmp_path, *sounds), received.append)
    sent = [one.recording for one in service.requests if one.recording.size <= service.limit]
    assert len(sent) == len(result.ids) == count
    assert sum(one.size for one in sent) == len(b"".join(sounds))
    for one in sent[:-1]:
        assert b"".join(one.open()).endswith(bytes(2 * RATE // 10))
    assert result.text == " ".join(["word"] * count)
    assert result.usage == {"total_tokens": count}
    for deltas in (result.deltas, received):
        starts = [delta.start for delta in deltas]
        assert all(b - a >= 13 for a, b in pairwise(time for time in starts if time is not None))
        assert len(starts) == count


def test_piece_is_cut_in_two_at_most_twice(tmp_path: Path) -> None:
    service = Service(limit=100)
    with pytest.raises(TooLargeError):
        service.recognizer().result(segment(tmp_path, noise(20)), lambda _: None)
    assert len(service.requests) == 3


def test_parts_of_a_refused_piece_are_kept_for_a_later_run(tmp_path: Path) -> None:
    piece = segment(tmp_path, *[noise(1.5), silence(1)] * 24)
    service = Service({None: "word"}, limit=2 * RATE * 34)
    for _ in range(2):
        store = ResultCache(tmp_path / "cache", "service.example")
        result = service.recognizer(store=store).result(piece, lambda _: None)
        assert result.text == "word word"
    assert len(service.requests) == 3 + 1
