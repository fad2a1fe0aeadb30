"""The options about audio output and subtitles."""

from __future__ import annotations

from stepcli.audio_types import AudioFormat
from stepcli.cli.params.options import options_of
from stepcli.cli.params.output_options import AudioOutputOptions, CueOptions
from stepcli.subtitles.formats import DEFAULT_STYLE, CueStyle


def test_style_of_subtitles_is_that_of_the_options() -> None:
    assert CueOptions().style == DEFAULT_STYLE
    assert CueOptions(20, 3, 2.5, word_times=True).style == CueStyle(20, 3, 2.5, True)


def test_help_of_the_format_names_every_format() -> None:
    *names, last = (format.value for format in AudioFormat)
    option = options_of(AudioOutputOptions)["format"]
    assert option.help == f"Audio format: {', '.join(names)} or {last}."


def test_help_of_the_sample_rate_names_what_completion_offers() -> None:
    option = options_of(AudioOutputOptions)["sample_rate"]
    (rates,) = option.spec.kinds
    *words, last = rates.words
    assert option.help == f"Sample rate: {', '.join(words)} or {last}."
