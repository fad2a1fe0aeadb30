"""Turns of speakers on separate channels, and words that are on a channel by crosstalk."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from stepcli.api.recognition import TranscriptDelta
from stepcli.audio.segments import Segment
from stepcli.audio.track import Track
from stepcli.audio_types import PCM, Recording
from stepcli.subtitles.formats import CueStyle
from stepcli.tasks.transcription.conversation import Conversation
from stepcli.tasks.transcription.results import RecognitionResult
from tests.support.recordings import RATE

Spoken = list[tuple[str, float, float]]
"""Each word with its second and its level in dBFS; a word lasts half a second."""


SECONDS = 20


def _piece(speaker: str, spoken: Spoken) -> tuple[Segment, RecognitionResult]:
    samples = np.zeros(SECONDS * RATE)
    for _, start, level in spoken:
        first, last = round(start * RATE), round((start + 0.5) * RATE)
        samples[first:last] = 32768 * 10 ** (level / 20)
    data = samples.clip(-32768, 32767).astype("<i2").tobytes()

    def blocks() -> Iterator[bytes]:
        yield data

    recording = Recording("pcm", len(data), blocks, PCM(RATE))
    deltas = [TranscriptDelta(f"{word} ", start, start + 0.5) for word, start, _ in spoken]
    text = " ".join(word for word, _, _ in spoken)
    track = Track(PCM(RATE), lambda _start, _stop: blocks(), SECONDS)
    segment = Segment(0, SECONDS, 0, speaker, recording, track, speaker)
    return segment, RecognitionResult(text, deltas)


def _conversation(**spoken: Spoken) -> Conversation:
    pairs = [_piece(name, words) for name, words in spoken.items()]
    return Conversation([segment for segment, _ in pairs], [result for _, result in pairs])


def test_turns_are_in_the_order_of_time() -> None:
    call = _conversation(
        Ann=[("Hello.", 1, -20), ("Fine.", 6, -20), ("Bye.", 8, -20)],
        Ben=[("How?", 3, -20), ("Good.", 12, -20)],
    )
    assert call.text == "Ann: Hello.\nBen: How?\nAnn: Fine. Bye.\nBen: Good."
    assert call.paragraphs == "Ann: Hello.\nBen: How?\n\nAnn: Fine. Bye.\n\nBen: Good."
    assert [(cue.speaker, cue.start) for cue in call.cues()] == [
        ("Ann", 1),
        ("Ben", 3),
        ("Ann", 6),
        ("Ann", 8),
        ("Ben", 12),
    ]
    assert call.duration == SECONDS


@pytest.mark.parametrize(("level", "kept"), [(-31.0, False), (-27.0, True)])
def test_same_words_are_dropped_if_10_db_fainter(level: float, kept: bool) -> None:
    loud: Spoken = [("one", 1, -20), ("two", 2, -20)]
    call = _conversation(Ann=loud, Ben=[(word, at + 0.2, level) for word, at, _ in loud])
    assert ("Ben: one two" in call.text) is kept
    assert "Ann: one" in call.text


def test_misheard_crosstalk_between_the_same_words_is_dropped() -> None:
    call = _conversation(
        Ann=[("one", 1, -20), ("two", 1.6, -20), ("three", 2.2, -20)],
        Ben=[("one", 1, -40), ("you", 1.6, -40), ("three", 2.2, -40), ("No!", 9, -30)],
    )
    assert call.text == "Ann: one two three\nBen: No!"


def test_other_words_at_the_same_time_are_kept() -> None:
    call = _conversation(Ann=[("one", 1, -10)], Ben=[("mhm", 1, -40)])
    assert "Ben: mhm" in call.text


def test_same_word_at_another_time_is_kept() -> None:
    call = _conversation(Ann=[("yes", 1, -10)], Ben=[("yes", 4, -40)])
    assert "Ben: yes" in call.text


def test_line_has_room_for_the_name() -> None:
    words: Spoken = [(f"word{number}", 0.5 * number, -20) for number in range(30)]
    style = CueStyle(line_width=30, lines=1)
    cues = _conversation(Annabel=words, Ben=[]).cues(style)
    assert max(len(cue.named_text) for cue in cues) <= 30


def test_replaced_words_keep_their_speaker() -> None:
    call = _conversation(Ann=[("step", 1, -20)], Ben=[("fun", 3, -20)])
    assert call.replaced(str.upper).text == "Ann: STEP\nBen: FUN"
