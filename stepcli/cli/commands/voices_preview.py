"""``stepcli voices preview``: how a clone would sound, to where the user wants to hear it."""

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


def hand_over(run: Run, preview: Preview, sound_out: SoundOut) -> None:
    """Play or write ``preview``, and describe it with ``--json``.

    What came in the format that is wanted is written untouched: its bytes say what it is, whatever
    was asked for (protocol.md §5).
    """
    pcm, samples = decode(preview.sound)
    if sound_out.takes_bytes and _FORMATS.get(sniff(preview.sound) or "") is sound_out.format:
        with sound_out.for_bytes() as sinks:
            for sink in sinks:
                sink.write(preview.sound)
    else:
        pcm, samples = _suited(sound_out, pcm, samples)
        with sound_out.for_samples(pcm) as sinks:
            for sink in sinks:
                sink.write(samples)
    if run.terminal.json:
        told = sound_out.described(pcm.rate, len(samples), pcm.seconds(len(samples)))
        run.terminal.result_json(told | {"text": preview.text})


def _suited(sound_out: SoundOut, pcm: PCM, samples: bytes) -> tuple[PCM, bytes]:
    """The samples at a rate that the output can have."""
    written = sound_out.format if sound_out.output else None
    if written is not AudioFormat.OPUS or pcm.rate in OPUS_RATES:
        return pcm, samples
    resampler = Resampler(pcm, OPUS_RATE)
    return PCM(OPUS_RATE, pcm.channels), resampler.feed(samples) + resampler.finish()
