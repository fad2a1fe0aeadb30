"""The time line of spoken text, from the word times that its answers reported."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from stepcli.api.speech import SpeechRequest
from stepcli.audio_types import PCM, AudioFormat
from stepcli.subtitles.timeline import Timeline
from stepcli.tasks.speech.parts import Passage
from stepcli.text.speaking_time import speaking_time


def timeline_of_parts(
    request: SpeechRequest, passages: Iterable[Passage], pcm: PCM, delay: float
) -> Timeline:
    """Return the words of `passages`, the sound of which is joined after `delay` seconds.

    `request` has the options of the requests.
    """
    timeline = Timeline(delay)
    for passage in passages:
        text, seconds = passage.text, pcm.seconds(passage.size)
        if passage.start is not None:
            timeline.seconds = delay + pcm.seconds(passage.start)
            text = f"\n\n{text}"
        timeline.add(text, passage.sentences, seconds, markdown=request.markdown)
    return timeline


def timeline_of_answer(request: SpeechRequest, passage: Passage, path: Path) -> Timeline:
    """Return the words of a single answer, whose bytes are in the file `path`.

    Without the file, the sound is taken to be as long as the last word says.
    """
    from stepcli.audio.decode import read_info
    from stepcli.audio.mp3 import delay

    kept = path.is_file()
    timeline = Timeline(delay(path) if kept and request.format is AudioFormat.MP3 else 0.0)
    measured = read_info(path) if kept and request.format is not AudioFormat.PCM else None
    if measured:
        seconds = measured.duration - timeline.seconds
    else:
        times = [item.end or 0.0 for sentence in passage.sentences for item in sentence.items]
        seconds = max(times, default=speaking_time(passage.text))
    timeline.add(passage.text, passage.sentences, seconds, markdown=request.markdown)
    return timeline
