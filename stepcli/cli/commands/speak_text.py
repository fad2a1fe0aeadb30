"""``stepcli speak`` of one text: its parts are requested ahead and output as one recording."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from stepcli.api.speech import DEFAULT_SAMPLE_RATE, SpeechRequest, speak
from stepcli.audio import wav
from stepcli.audio_types import PCM, AudioFormat
from stepcli.base_url import BaseURL
from stepcli.cli.context import Run
from stepcli.cli.error_report import kept_told
from stepcli.cli.io.audio_output import AudioOutput
from stepcli.cli.io.terminal import Terminal
from stepcli.errors import StepcliError
from stepcli.settings import state_dir
from stepcli.storage.directories import remove_expired
from stepcli.storage.job_cache import JobCache
from stepcli.tasks.speech.requests import Delivery, deliver

if TYPE_CHECKING:
    from stepcli.api.client import Client
    from stepcli.tasks.speech.prefetch import Ahead


class KeptParts(JobCache):
    """The cached parts of one text with one set of options; the same command finds them again."""

    def __init__(
        self,
        requests: Sequence[SpeechRequest],
        plan_base: BaseURL,
        pcm: PCM,
        notify: Callable[[str], None] = lambda _: None,
    ) -> None:
        root = state_dir() / "speech"
        remove_expired(root)
        job = [str(plan_base), pcm.rate, *(request.to_json() for request in requests)]
        super().__init__(root, job, ".wav", lambda size: wav.header(pcm, size), notify)
        self._total = len(requests)

    def whereabouts(self) -> str | None:
        """Return a sentence about what is kept and where; None if nothing is kept."""
        self.discard_unfinished()
        count = self.count()
        if not count:
            self.clear()
            return None
        where: Path = self.path(0) if self._total == 1 else self.directory
        what = "the sound is" if self._total == 1 else f"{count} of {self._total} parts are"
        return f"{what} kept in {where}; the same command again continues without paying twice"


def speak_text(
    run: Run, requests: Sequence[SpeechRequest], audio_output: AudioOutput, jobs: int
) -> None:
    """Speak ``requests`` in order into ``sound_out``, and print a description with ``--json``."""
    with run.settings() as settings:
        audio_output.prepare_playback(meanwhile="stepcli.api.client")
        with run.client_of(settings) as client:
            delivery = deliver_to(client, requests, audio_output, jobs)
    audio_output.report_underruns(delivery.underruns)
    if run.terminal.json:
        run.terminal.result_json(_described(requests, audio_output, delivery))


def deliver_to(
    client: Client, requests: Sequence[SpeechRequest], audio_output: AudioOutput, jobs: int
) -> Delivery:
    """Write a single response to a file unchanged; decode and encode anything else."""
    asked = monotonic()
    if len(requests) == 1 and audio_output.passes_through:
        with audio_output.encoded_sinks() as sinks, speak(client, requests[0]) as sound:
            return deliver(sound, sinks, asked)
    return _as_samples(client, requests, audio_output, jobs, asked)


def _as_samples(
    client: Client,
    requests: Sequence[SpeechRequest],
    audio_output: AudioOutput,
    jobs: int,
    asked: float,
) -> Delivery:
    """Output any number of requests as one stream of samples, played or encoded here."""
    from stepcli.cli.io.progress import progress
    from stepcli.tasks.speech.prefetch import Ahead

    pcm = _pcm(requests)
    requests = [replace(request, format=AudioFormat.PCM) for request in requests]
    kept = KeptParts(
        requests,
        client.endpoint.plan,
        pcm,
        lambda text: audio_output.terminal.note(f"stepcli: {text}"),
    )

    def ask(request: SpeechRequest) -> AbstractContextManager[Iterator[bytes]]:
        return speak(client, request, events=audio_output.plays)

    retries = client.endpoint.retries if len(requests) > 1 else 0
    sound = Ahead(requests, ask, kept, jobs=jobs, retries=retries)
    with (
        kept_told(kept.whereabouts),
        _settled(sound),
        audio_output.pcm_sinks(pcm) as sinks,
        progress(audio_output.terminal, len(requests)) as show,
    ):
        delivery = deliver(sound, sinks, asked, lambda _: show(sound.finished))
    kept.clear()
    gaps = (getattr(sink, name, 0) for sink in sinks for name in ("underruns", "xruns"))
    return replace(delivery, underruns=sum(gaps))


def _pcm(requests: Sequence[SpeechRequest]) -> PCM:
    return PCM(requests[0].sample_rate or DEFAULT_SAMPLE_RATE)


@contextmanager
def _settled(sound: Ahead) -> Iterator[None]:
    """If the block fails, wait for audio that is already paid for, so that it is cached."""
    try:
        yield
    except StepcliError:
        sound.settle()
        raise


def _described(
    requests: Sequence[SpeechRequest], audio_output: AudioOutput, delivery: Delivery
) -> dict[str, Any]:
    """Return the object that ``--json`` prints."""
    pcm = _pcm(requests)
    samples = (
        not audio_output.passes_through
        or len(requests) > 1
        or audio_output.format is AudioFormat.PCM
    )
    seconds = pcm.seconds(delivery.size) if samples else None
    return audio_output.json_fields(pcm.rate, delivery.size, seconds) | {
        "characters": sum(len(request.text) for request in requests),
        "requests": len(requests),
        "first_audio_ms": delivery.first_audio_ms,
        "underruns": delivery.underruns,
        "voice": requests[0].voice,
        "model": requests[0].model,
    }


def show_plan(run: Run, requests: Sequence[SpeechRequest]) -> None:
    """Print the requests, their billed characters and the estimated cost for ``--dry-run``."""
    from stepcli.tasks.pricing import describe_cost, speech_cost
    from stepcli.text.stage_directions import billed_characters

    billed = [(request.model, billed_characters(request.text)) for request in requests]
    cost = speech_cost(billed, run.site)
    plan = {
        "requests": [request.to_json() for request in requests],
        "characters": sum(len(request.text) for request in requests),
        "billed_characters": sum(characters for _, characters in billed),
        "estimated_cost": cost and cost.to_json(),
    }
    if run.terminal.json:
        run.terminal.result_json(plan)
    else:
        _print_plan(run.terminal, requests, plan, describe_cost(cost))


def _print_plan(
    terminal: Terminal, requests: Sequence[SpeechRequest], plan: dict[str, Any], cost: str
) -> None:
    for number, request in enumerate(requests, 1):
        terminal.row(f"{number:>4}  {len(request.text):>5,} characters  {_opening(request.text)}")
    count = "1 request" if len(requests) == 1 else f"{len(requests):,} requests"
    terminal.row(
        f"{count}, {plan['characters']:,} characters ({plan['billed_characters']:,} billed), {cost}"
    )


def _opening(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 48 else line[:47] + "…"
