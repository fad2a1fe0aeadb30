"""Run `stepcli speak` for one text: request its parts and output them as one sound."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stepcli.api.speech import DEFAULT_SAMPLE_RATE, SpeechRequest, check, speak
from stepcli.audio_types import PCM, AudioFormat
from stepcli.cli.context import Run
from stepcli.cli.error_report import add_hint, hint_on_failure
from stepcli.cli.io.audio_output import AudioOutput, Sinks
from stepcli.cli.io.speech_output import SpeechOutput
from stepcli.cli.io.text_input import directions_in, note_directions, note_names, read_text
from stepcli.cli.params.speech_options import SpeechOptions
from stepcli.cli.params.voice_names import warn_about_voices
from stepcli.errors import StepcliError
from stepcli.tasks.speech.cache import SpeechCache
from stepcli.tasks.speech.requests import requests_for
from stepcli.text.preparation import Preparation

if TYPE_CHECKING:
    from stepcli.api.client import Client
    from stepcli.cli.io.progress import PlayedParts
    from stepcli.tasks.adaptive_limit import AdaptiveLimit
    from stepcli.tasks.speech.arrangement import Composition
    from stepcli.tasks.speech.delivery import PartSource, SpeechResult
    from stepcli.tasks.speech.prefetch import Speak


def read_requests(
    run: Run,
    words: Sequence[str],
    file: Path | None,
    request: SpeechRequest,
    preparation: Preparation,
) -> list[SpeechRequest]:
    """Return the requests for the selected text, like `request` in all else.

    Raise UsageError if the text is missing, blank or not UTF-8.
    """
    note_names(words, run.terminal)
    spoken = preparation.apply(read_text(words, file, run.terminal))
    return requests_for(replace(request, text=spoken))


def check_requests(
    run: Run,
    requests: Sequence[SpeechRequest],
    options: SpeechOptions,
    composition: Composition | None,
) -> None:
    """Raise UsageError for what the service would refuse; note directions and unknown voices."""
    spoken = composition.text if composition else "\n".join(one.text for one in requests)
    directions = directions_in(spoken, options.model, options.preparation)
    for one in requests:
        check(one)
    warn_about_voices(requests, run.terminal.info)
    note_directions(run.terminal, directions)


def speak_text(
    run: Run,
    requests: Sequence[SpeechRequest],
    output: SpeechOutput,
    jobs: int | None,
    composition: Composition | None = None,
) -> None:
    """Speak `requests` in order to `output`, and describe the sound with `--json`.

    `composition` says where in the sound they are, if they do not follow one another.
    """
    with run.settings() as settings:
        output.audio.prepare_playback(meanwhile="stepcli.api.client")
        with run.parallel_client_of(settings, jobs) as (client, limit):
            speech = output_speech(client, requests, output, limit, composition=composition)
    output.audio.report_underruns(speech.underruns)
    for cue, seconds in speech.late.items():
        run.terminal.info(f"cue {cue} runs over by {seconds:.2f} s")
    if run.terminal.json or output.audio.is_reported:
        parts_joined = composition is not None or len(requests) > 1
        described = _described(requests, output, speech, parts_joined=parts_joined)
        output.audio.report_written(described["duration"])
    if run.terminal.json:
        if composition and composition.is_timed:
            described["late"] = [{"cue": cue, "by": by} for cue, by in speech.late.items()]
        run.terminal.result_json(described)


def output_speech(
    client: Client,
    requests: Sequence[SpeechRequest],
    output: SpeechOutput,
    limit: AdaptiveLimit | None = None,
    job: Sequence[str] = (),
    composition: Composition | None = None,
) -> SpeechResult:
    """Output the sound of `requests` and its subtitles; one request goes to a file unchanged.

    Without a `limit` they are sent one by one. Where this fails, what was paid for is kept, and the
    hint names the place. `job` distinguishes texts that are spoken in parallel.
    """
    job = [str(client.endpoint.plan), *job]
    if composition is None and len(requests) == 1 and output.audio.passes_through:
        return _output_answer(client, requests[0], output, job)
    return _output_parts(client, requests, output, limit, job, composition)


def _output_answer(
    client: Client, request: SpeechRequest, output: SpeechOutput, job: Sequence[str]
) -> SpeechResult:
    from stepcli.tasks.speech.delivery import deliver_answer

    cache = SpeechCache([request], job, None)
    with (
        hint_on_failure(cache.describe),
        output.audio.encoded_output() as file,
        output.subtitles.open() as write_subtitles,
    ):
        result = deliver_answer(request, partial(speak, client), cache, file)
        if output.subtitles.wanted:
            from stepcli.tasks.speech.word_times import timeline_of_answer

            write_subtitles(timeline_of_answer(request, result.passages[0], cache.path(0)))
    cache.clear()
    return result


def _output_parts(
    client: Client,
    requests: Sequence[SpeechRequest],
    output: SpeechOutput,
    limit: AdaptiveLimit | None,
    job: Sequence[str],
    composition: Composition | None,
) -> SpeechResult:
    from stepcli.cli.io.progress import progress
    from stepcli.tasks.speech.arrangement import Arrangement
    from stepcli.tasks.speech.delivery import deliver_parts
    from stepcli.tasks.speech.prefetch import Prefetcher
    from stepcli.tasks.speech.word_times import timeline_of_parts

    audio_output = output.audio
    pcm, inform = _pcm(requests), audio_output.terminal.info
    if composition:
        composition = composition.with_format(AudioFormat.PCM)
        job = [*job, *composition.identity]
    requests = [replace(request, format=AudioFormat.PCM) for request in requests]
    cache = SpeechCache(requests, job, pcm, inform)
    steps = 0 if audio_output.plays else len(requests)
    with (
        _locked(cache, inform) if len(requests) > 1 else nullcontext(),
        _hint_about_parts(cache, only_played=audio_output.output is None),
        _playback_display(audio_output, requests, pcm, is_joined=composition is None) as display,
        audio_output.pcm_sinks(pcm) as sinks,
        output.subtitles.open() as write_subtitles,
        progress(audio_output.terminal, steps, cache.count()) as show,
    ):
        parts = Prefetcher(
            requests,
            _speaking(client, audio_output, pcm, composition),
            cache,
            pcm,
            limit=limit,
            # A truncated answer may be charged, so it is requested again only as a part of a text
            # whose other parts are charged as well.
            retries=client.endpoint.retries if len(requests) > 1 else 0,
            files=bool(sinks.files),
            live=bool(sinks.live),
            plays=audio_output.plays,
        )

        arranged = Arrangement(parts, composition, pcm) if composition else None
        source = display(parts if arranged is None else arranged, parts, sinks)
        result = deliver_parts(source, pcm, sinks.live, sinks.files, show)
        if arranged is not None:
            result = replace(result, late=arranged.late)
        if output.subtitles.wanted:
            write_subtitles(timeline_of_parts(requests[0], result.passages, pcm, sinks.delay))
    cache.clear()
    return replace(result, underruns=sinks.underruns)


@contextmanager
def _playback_display(
    audio_output: AudioOutput, requests: Sequence[SpeechRequest], pcm: PCM, *, is_joined: bool
) -> Iterator[Callable[[PartSource[Any], PlayedParts, Sinks], PartSource[Any]]]:
    """Yield a function that shows the text while it plays, or else how much of it was played.

    It takes the source of the sound, the parts and the sinks, and returns the source to deliver.
    The parts of a text that `is_joined` follow one another without a line break.
    """
    from stepcli.cli.io.follow import following
    from stepcli.cli.io.progress import playback_progress
    from stepcli.tasks.speech.word_times import ReadAlongParts

    terminal = audio_output.terminal
    separator = "" if is_joined and not requests[0].markdown else "\n"
    with playback_progress(terminal, len(requests)) as watch, following(terminal) as follow:

        def display(source: PartSource[Any], parts: PlayedParts, sinks: Sinks) -> PartSource[Any]:
            if sinks.position and audio_output.shows_text:
                source = ReadAlongParts(source, requests, pcm, separator)
                follow(sinks.position, source)
            elif sinks.position:
                watch(sinks.position, parts)
            return source

        yield display


@contextmanager
def _hint_about_parts(cache: SpeechCache, *, only_played: bool) -> Iterator[None]:
    """Add to the hint of a failure where finished parts are kept.

    After Ctrl-C during playback there is no hint, and the parts are the first to be removed.
    """
    try:
        yield
    except (StepcliError, KeyboardInterrupt) as exc:
        if only_played and isinstance(exc, KeyboardInterrupt):
            cache.mark_as_played()
        else:
            add_hint(exc, cache.describe())
        raise


def _speaking(
    client: Client, audio_output: AudioOutput, pcm: PCM, composition: Composition | None
) -> Speak:
    """Return what speaks a part, and makes it fit its time in `composition`."""
    from stepcli.tasks.speech.fit import fitted

    one = partial(speak, client, events=audio_output.plays)
    return fitted(one, composition.slots, pcm, composition.fit) if composition else one


def _locked(cache: SpeechCache, inform: Callable[[str], None]) -> AbstractContextManager[None]:
    """Let one run at a time pay for the same text."""
    return cache.lock(lambda: inform("another run speaks the same text; waiting for its parts"))


def _pcm(requests: Sequence[SpeechRequest]) -> PCM:
    return PCM(requests[0].sample_rate or DEFAULT_SAMPLE_RATE)


def _described(
    requests: Sequence[SpeechRequest],
    output: SpeechOutput,
    speech: SpeechResult,
    *,
    parts_joined: bool,
) -> dict[str, Any]:
    """Return the object that ``--json`` prints."""
    pcm, audio = _pcm(requests), output.audio
    samples = not audio.passes_through or parts_joined or audio.format is AudioFormat.PCM
    seconds = pcm.seconds(speech.size) if samples else None
    subtitles = output.subtitles.path
    return {
        **audio.json_fields(pcm.rate, speech.size, seconds),
        **({"subtitles": subtitles} if subtitles else {}),
        "characters": sum(len(request.text) for request in requests),
        "requests": len(requests),
        "first_audio_ms": speech.first_audio_ms,
        "underruns": speech.underruns,
        "voice": requests[0].voice,
        "model": requests[0].model,
    }
