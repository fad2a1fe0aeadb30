"""``stepcli voices preview``: play or write the preview of a clone."""

from __future__ import annotations

from stepcli.api.voices import Preview
from stepcli.audio.container import sniff
from stepcli.audio.decode import decode
from stepcli.audio.encoder import OPUS_RATES
from stepcli.audio.resampling import Resampler
from stepcli.audio_types import PCM, AudioFormat
from stepcli.cli.context import Run
from stepcli.cli.io.audio_output import OPUS_RATE, SoundOut

_FORMATS = {"ogg": AudioFormat.OPUS, **{one.value: one for one in AudioFormat}}


def output_preview(run: Run, preview: Preview, sound_out: SoundOut) -> None:
    """Play or write ``preview``, and print its description with ``--json``.

    Audio in the format of the output file is written unchanged. The service may return another
    format than the requested one, so the format is detected.
    """
    pcm, samples = decode(preview.sound)
    if sound_out.takes_bytes and _FORMATS.get(sniff(preview.sound) or "") is sound_out.format:
        with sound_out.for_bytes() as sinks:
            for sink in sinks:
                sink.write(preview.sound)
    else:
        pcm, samples = _resampled(sound_out, pcm, samples)
        with sound_out.for_samples(pcm) as sinks:
            for sink in sinks:
                sink.write(samples)
    if run.terminal.json:
        description = sound_out.described(pcm.rate, len(samples), pcm.seconds(len(samples)))
        run.terminal.result_json(description | {"text": preview.text})


def _resampled(sound_out: SoundOut, pcm: PCM, samples: bytes) -> tuple[PCM, bytes]:
    """Return the samples at a rate that the output format supports."""
    written = sound_out.format if sound_out.output else None
    if written is not AudioFormat.OPUS or pcm.rate in OPUS_RATES:
        return pcm, samples
    resampler = Resampler(pcm, OPUS_RATE)
    return PCM(OPUS_RATE, pcm.channels), resampler.feed(samples) + resampler.finish()
