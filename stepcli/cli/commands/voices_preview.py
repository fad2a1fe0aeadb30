"""``stepcli voices preview``: a sentence in a voice, or in a clone that is not created."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from stepcli.api.speech import SpeechRequest, check
from stepcli.api.voices import LONGEST_SAMPLE_TEXT, Preview, VoiceReference
from stepcli.api.voices import preview as ask_for_preview
from stepcli.audio.container import sniff
from stepcli.audio.decode import decode_answer
from stepcli.audio.encoder import OPUS_RATES
from stepcli.audio.resampling import Resampler
from stepcli.audio_types import PCM, AudioFormat
from stepcli.cli.commands.speak_text import speak_text
from stepcli.cli.commands.voice_source import (
    SampleOptions,
    VoiceSource,
    find_voice_source,
    length_problem,
    sample_upload,
)
from stepcli.cli.context import Run
from stepcli.cli.io.audio_output import OPUS_RATE, AudioOutput
from stepcli.cli.io.output import check_apart, check_output
from stepcli.cli.io.speech_output import SpeechOutput
from stepcli.cli.io.subtitle_output import SubtitleOutput
from stepcli.cli.params.voice_names import warn_about_voices
from stepcli.errors import OutputError, UsageError
from stepcli.settings import state_dir
from stepcli.storage.atomic_file import write_private
from stepcli.tasks import voice_upload
from stepcli.tasks.speech.requests import requests_for

if TYPE_CHECKING:
    from stepcli.api.client import Client

_FORMATS = {"ogg": AudioFormat.OPUS, **{one.value: one for one in AudioFormat}}


def request_for(sentence: str, model: str, sample_rate: int | None) -> SpeechRequest:
    """Return the request for `sentence`, still without a voice.

    Raise UsageError if the sentence is blank, or for a rate that the model does not support. The
    service decides how long the sentence may be.
    """
    request = SpeechRequest(sentence, "", model, sample_rate=sample_rate)
    if not sentence.strip():
        raise UsageError("--say is blank")
    check(replace(request, text=""))
    return request


def speak_sentence(run: Run, request: SpeechRequest, audio_output: AudioOutput) -> None:
    """Speak the text of `request` with an existing voice."""
    output = SpeechOutput(audio_output, SubtitleOutput(run.terminal))
    requests = requests_for(output.apply_to(request))
    for one in requests:
        check(one)
    warn_about_voices(requests, run.terminal.info)
    speak_text(run, requests, output, jobs=1)


def preview_clone(
    run: Run,
    source: str | None,
    sample: SampleOptions,
    request: SpeechRequest,
    audio_output: AudioOutput,
    *,
    keep_upload: bool,
) -> None:
    """Play or write the text of `request` as a clone of `source`, or of a recording, speaks it."""
    check_apart(audio_output.output, source, "the sample")
    if len(request.text) > LONGEST_SAMPLE_TEXT:
        run.terminal.note(
            f"--say has {len(request.text)} characters; "
            f"the service may reject more than {LONGEST_SAMPLE_TEXT}"
        )
    if audio_output.output is not None:
        check_output(audio_output.output, run.terminal)
    with run.client() as client:
        voice_source = find_voice_source(run, source, sample)
        if problem := length_problem(voice_source):
            run.terminal.note(problem)
        preview = _requested(
            run, client, voice_source, request, sample.transcript, keep_upload=keep_upload
        )
    _output_preview(run, preview, audio_output)


def _requested(
    run: Run,
    client: Client,
    voice_source: VoiceSource,
    request: SpeechRequest,
    transcript: str | None,
    *,
    keep_upload: bool,
) -> Preview:
    """Return the preview of a stored file, or of a sample, which is uploaded for the request."""

    def ask(file_id: str) -> Preview:
        reference = VoiceReference(file_id, transcript, request.model)
        return ask_for_preview(
            client,
            reference,
            request.text,
            sample_rate=request.sample_rate,
            notify=run.terminal.info,
        )

    if voice_source.sample is None:
        assert voice_source.stored
        return ask(voice_source.stored)
    name = voice_source.name
    upload = sample_upload(run, client, voice_source.sample, name, keep=keep_upload)
    return voice_upload.preview(upload, ask)


def _output_preview(run: Run, preview: Preview, audio_output: AudioOutput) -> None:
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
