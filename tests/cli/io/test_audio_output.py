"""Where a command's audio goes."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
import soundfile

from stepcli.api.speech import SpeechRequest
from stepcli.audio_types import PCM, AudioFormat
from stepcli.cli.context import Run
from stepcli.cli.io.audio_output import AudioOutput, player_sinks, stream_sinks
from stepcli.cli.params.common_options import ConnectionFlags
from stepcli.cli.params.output_options import AudioOutputOptions
from stepcli.errors import DeviceError, NetworkError, UsageError
from tests.support.in_process import pipes

MONO = PCM(16000)


def select(options: AudioOutputOptions, *given: str, json: bool = False) -> AudioOutput:
    terminal = replace(pipes(), json=json)
    run = Run(terminal, {}, ConnectionFlags(), frozenset(given))
    return AudioOutput.from_options(run, options)


@pytest.mark.parametrize(
    ("options", "plays", "format"),
    [
        (AudioOutputOptions(), True, AudioFormat.MP3),
        (AudioOutputOptions("a.flac"), False, AudioFormat.FLAC),
        (AudioOutputOptions("a.flac", play=True), True, AudioFormat.FLAC),
        (AudioOutputOptions("a"), False, AudioFormat.MP3),
    ],
)
def test_audio_is_played_unless_there_is_a_file(
    options: AudioOutputOptions, plays: bool, format: AudioFormat
) -> None:
    """The format is that of the file name."""
    output = select(options)
    assert (output.plays, output.format) == (plays, format)
    assert output.passes_through == (not plays)


def test_name_of_the_file_decides_unless_the_format_is_on_the_command_line() -> None:
    options = AudioOutputOptions("a.flac", format=AudioFormat.WAV)
    assert select(options).format is AudioFormat.FLAC
    assert select(options, "format").format is AudioFormat.WAV


@pytest.mark.parametrize(
    ("options", "given", "json"),
    [
        (AudioOutputOptions("-"), (), True),
        (AudioOutputOptions(format=AudioFormat.WAV), ("format",), False),
        (AudioOutputOptions("a.wav", device="1"), ("output", "device"), False),
    ],
)
def test_conflicting_options_are_a_usage_error(
    options: AudioOutputOptions, given: tuple[str, ...], json: bool
) -> None:
    with pytest.raises(UsageError):
        select(options, *given, json=json)


def test_configured_options_that_do_not_apply_are_ignored() -> None:
    assert not select(AudioOutputOptions("a.wav", device="1"), "output").plays
    assert select(AudioOutputOptions(format=AudioFormat.WAV)).plays


@pytest.mark.parametrize(("rate", "sent"), [(22050, 24000), (16000, 16000), (None, None)])
def test_sample_rate_that_opus_lacks_is_replaced(rate: int | None, sent: int | None) -> None:
    request = SpeechRequest("Hello", sample_rate=rate)
    applied = select(AudioOutputOptions("a.opus")).apply_to(request)
    assert (applied.format, applied.sample_rate) == (AudioFormat.OPUS, sent)
    assert select(AudioOutputOptions("a.wav")).apply_to(request).sample_rate == rate


@pytest.mark.parametrize("format", AudioFormat)
def test_json_describes_the_file(tmp_path: Path, format: AudioFormat) -> None:
    output = select(AudioOutputOptions(str(tmp_path / "a"), format=format))
    with output.pcm_sinks(MONO) as sinks:
        for sink in sinks.files:
            sink.write(bytes(32000))
    fields = output.json_fields(MONO.rate, 32000, 1.0)
    assert fields["format"] == format.value
    assert fields["bytes"] == (tmp_path / "a").stat().st_size
    assert fields["duration"] == pytest.approx(1, abs=0.15)


def test_complete_sentences_of_a_failed_stream_are_kept(tmp_path: Path) -> None:
    """The hint names the file; the old one is left as it was."""
    (tmp_path / "a.wav").write_bytes(b"old")
    output = select(AudioOutputOptions(str(tmp_path / "a.wav")))
    error = NetworkError("closed")
    with suppress(NetworkError), stream_sinks(output, MONO) as sinks:
        sinks.files[0].write(bytes(32000))
        raise error
    kept = tmp_path / "a.partial.wav"
    assert error.hint == f"the audio that was complete is kept in {kept}"
    assert soundfile.info(str(kept)).frames == 16000
    assert (tmp_path / "a.wav").read_bytes() == b"old"


@pytest.mark.parametrize(("output", "suggested"), [(None, True), ("x.wav", False)])
def test_missing_device_suggests_a_file_unless_there_is_one(
    output: str | None, suggested: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise DeviceError("no device")

    monkeypatch.setattr("stepcli.audio.player.Player", refuse)
    audio_output = AudioOutput(pipes(), output, AudioFormat.WAV, plays=True)
    with pytest.raises(DeviceError) as caught, player_sinks(audio_output, PCM(24000)):
        pass
    assert ("-o FILE" in (caught.value.hint or "")) is suggested
