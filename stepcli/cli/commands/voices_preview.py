"""``stepcli voices preview``: play or write the preview of a clone."""

from __future__ import annotations

from contextlib import suppress

from stepcli.api.voices import Preview
from stepcli.audio.container import sniff
from stepcli.audio.decode import decode_answer
from stepcli.audio.encoder import OPUS_RATES
from stepcli.audio.resampling import Resampler
from stepcli.audio_types import PCM, AudioFormat
from stepcli.cli.context import Run
from stepcli.cli.io.audio_output import OPUS_RATE, AudioOutput
from stepcli.errors import OutputError
from stepcli.settings import state_dir
from stepcli.storage.atomic_file import write_private

_FORMATS = {"ogg": AudioFormat.OPUS, **{one.value: one for one in AudioFormat}}


def output_preview(run: Run, preview: Preview, audio_output: AudioOutput) -> None:
    """Play or write ``preview``, and print its description with ``--json``.

    Audio in the format of the output file is written unchanged. The service may return another
    format than the requested one, so the format is detected. If the output fails, the audio is
    kept and the hint names the file.
    """
    try:
        _output(run, preview, audio_output)
    except OutputError as error:
        error.add_hint(_keep(preview))
        raise


def _keep(preview: Preview) -> str | None:
    path = state_dir() / "previews" / f"last.{sniff(preview.sound) or 'audio'}"
    with suppress(OutputError):
        write_private(path, preview.sound)
        return f"the preview is kept in {path}"
    return None


def _output(run: Run, preview: Preview, audio_output: AudioOutput) -> None:
    pcm, samples = decode_answer(preview.sound)
    if (
        audio_output.passes_through
        and _FORMATS.get(sniff(preview.sound) or "") is audio_output.format
    ):
        with audio_output.encoded_output() as output:
            output.write(preview.sound)
    else:
        pcm, samples = _resampled(audio_output, pcm, samples)
        with audio_output.pcm_sinks(pcm) as sinks:
            for sink in (*sinks.live, *sinks.files):
                sink.write(samples)
    if run.terminal.json:
        description = audio_output.json_fields(pcm.rate, len(samples), pcm.seconds(len(samples)))
        run.terminal.result_json(description | {"text": preview.text})


def _resampled(audio_output: AudioOutput, pcm: PCM, samples: bytes) -> tuple[PCM, bytes]:
    """Return the samples at a rate that the output format supports."""
    written = audio_output.format if audio_output.output else None
    if written is not AudioFormat.OPUS or pcm.rate in OPUS_RATES:
        return pcm, samples
    resampler = Resampler(pcm, OPUS_RATE)
    return PCM(OPUS_RATE, pcm.channels), resampler.feed(samples) + resampler.finish()
