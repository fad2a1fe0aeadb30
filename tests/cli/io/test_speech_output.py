"""``stepcli.cli.io.speech_output``: the sound and the subtitles of a text."""

from __future__ import annotations

from pathlib import Path

import pytest

from stepcli.api.speech import SpeechRequest
from stepcli.audio_types import AudioFormat
from stepcli.cli.context import Run
from stepcli.cli.io.speech_output import SpeechOutput
from stepcli.cli.params.common_options import ConnectionFlags
from stepcli.cli.params.output_options import AudioOutputOptions, CueOptions
from stepcli.errors import UsageError
from tests.support.in_process import pipes


def _selected(
    output: str | None, subtitles: str | None = None, *, follow: bool = False
) -> SpeechOutput:
    run = Run(pipes(), {}, ConnectionFlags())
    return SpeechOutput.from_options(
        run, AudioOutputOptions(output), subtitles, CueOptions(), follow=follow
    )


@pytest.mark.parametrize(
    ("output", "timed"),
    [
        (_selected("a.wav"), False),
        (_selected("a.wav", "a.srt"), True),
        (_selected(None, follow=True), True),
        (_selected(None), False),
    ],
)
def test_word_times_are_requested_where_they_are_used(output: SpeechOutput, timed: bool) -> None:
    request = output.apply_to(SpeechRequest("Text."))
    assert request.timestamp is timed
    assert request.format is (AudioFormat.WAV if output.audio.output else AudioFormat.MP3)


def test_no_output_overwrites_another_one_or_the_text(tmp_path: Path) -> None:
    text = tmp_path / "talk.srt"
    with pytest.raises(UsageError, match="would overwrite the subtitles"):
        _selected(str(tmp_path / "a.wav"), str(tmp_path / "a.wav"))
    output = _selected(str(tmp_path / "a.wav"), str(text))
    with pytest.raises(UsageError, match="would overwrite the script"):
        output.check_apart(text, "the script")
    output.check_apart(tmp_path / "b.srt", "the script")
    output.check_apart(None, "the text")
