"""Where speech goes: its sound, and its subtitles."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from stepcli.api.speech import SpeechRequest
from stepcli.cli.context import Run
from stepcli.cli.io.audio_output import AudioOutput
from stepcli.cli.io.output import check_apart
from stepcli.cli.io.subtitle_output import SubtitleOutput
from stepcli.cli.params.output_options import AudioOutputOptions, CueOptions


@dataclass(frozen=True, slots=True)
class SpeechOutput:
    """The outputs of one sound."""

    audio: AudioOutput
    subtitles: SubtitleOutput

    @classmethod
    def from_options(
        cls,
        run: Run,
        audio: AudioOutputOptions,
        subtitles: str | None,
        cues: CueOptions,
        *,
        follow: bool,
    ) -> SpeechOutput:
        """Return the outputs that the options describe. Raise UsageError where they conflict."""
        audio_output = AudioOutput.from_options(run, audio, follow=follow)
        check_apart(audio.output, subtitles, "the subtitles")
        return cls(audio_output, SubtitleOutput.from_options(run, subtitles, cues))

    def check_apart(self, source: Path | None, what: str) -> None:
        """Raise UsageError where an output would overwrite `source`, described as `what`."""
        for target in (self.audio.output, self.subtitles.path):
            check_apart(target, source, what)

    def apply_to(self, request: SpeechRequest) -> SpeechRequest:
        """Return `request` with the format of the sound, and with word times if they are used."""
        timed = self.subtitles.wanted or self.audio.shows_text
        return replace(self.audio.apply_to(request), timestamp=timed)
