"""``stepcli speak`` of one text: its requests, made ahead, come out as one sound."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from time import monotonic
from typing import TYPE_CHECKING, Any

from stepcli.api.speech import DEFAULT_SAMPLE_RATE, SpeechRequest, speak
from stepcli.cli.run import Run
from stepcli.cli.sound_out import SoundOut
from stepcli.cli.terminal import Terminal
from stepcli.cli.whereabouts import kept_told
from stepcli.errors import StepcliError
from stepcli.sound import PCM, AudioFormat
from stepcli.tasks.speak import Delivery, deliver

if TYPE_CHECKING:
    from stepcli.api.client import Client
    from stepcli.tasks.ahead import Ahead


def speak_text(run: Run, requests: Sequence[SpeechRequest], sound_out: SoundOut, jobs: int) -> None:
    """Speak ``requests`` in order to where ``sound_out`` says, and describe it with ``--json``."""
    with run.settings() as settings:
        sound_out.wake(meanwhile="stepcli.api.client")
        with run.client_of(settings) as client:
            delivery = deliver_to(client, requests, sound_out, jobs)
    sound_out.tell_underruns(delivery.underruns)
    if run.terminal.json:
        run.terminal.result_json(_described(requests, sound_out, delivery))


def deliver_to(
    client: Client, requests: Sequence[SpeechRequest], sound_out: SoundOut, jobs: int
) -> Delivery:
    """One request to one output is the service's bytes, untouched; all else is encoded here."""
    asked = monotonic()
    if len(requests) == 1 and sound_out.takes_bytes:
        with sound_out.for_bytes() as sinks, speak(client, requests[0]) as sound:
            return deliver(sound, sinks, asked)
    return _as_samples(client, requests, sound_out, jobs, asked)


def _as_samples(
    client: Client,
    requests: Sequence[SpeechRequest],
    sound_out: SoundOut,
    jobs: int,
    asked: float,
) -> Delivery:
    """Any number of requests as one stream of samples, played or encoded here."""
    from stepcli.cli.kept import KeptParts
    from stepcli.cli.progress import progress
    from stepcli.tasks.ahead import Ahead

    pcm = _pcm(requests)
    requests = [replace(request, format=AudioFormat.PCM) for request in requests]
    kept = KeptParts(requests, client.service.plan, pcm)

    def ask(request: SpeechRequest) -> AbstractContextManager[Iterator[bytes]]:
        return speak(client, request, events=sound_out.plays)

    retries = client.service.retries if len(requests) > 1 else 0
    sound = Ahead(requests, ask, kept, jobs=jobs, retries=retries)
    with (
        kept_told(kept.whereabouts),
        _settled(sound),
        sound_out.for_samples(pcm) as sinks,
        progress(sound_out.terminal, len(requests)) as show,
    ):
        delivery = deliver(sound, sinks, asked, lambda _: show(sound.finished))
    kept.clear()
    gaps = (getattr(sink, name, 0) for sink in sinks for name in ("underruns", "xruns"))
    return replace(delivery, underruns=sum(gaps))


def _pcm(requests: Sequence[SpeechRequest]) -> PCM:
    return PCM(requests[0].sample_rate or DEFAULT_SAMPLE_RATE)


@contextmanager
def _settled(sound: Ahead) -> Iterator[None]:
    """If this fails, what is paid for arrives all the same, and is kept."""
    try:
        yield
    except StepcliError:
        sound.settle()
        raise


def _described(
    requests: Sequence[SpeechRequest], sound_out: SoundOut, delivery: Delivery
) -> dict[str, Any]:
    """The JSON object of cli.md, "speak"."""
    pcm = _pcm(requests)
    samples = not sound_out.takes_bytes or len(requests) > 1 or sound_out.format is AudioFormat.PCM
    seconds = pcm.seconds(delivery.size) if samples else None
    return sound_out.described(pcm.rate, delivery.size, seconds) | {
        "characters": sum(len(request.text) for request in requests),
        "requests": len(requests),
        "first_audio_ms": delivery.first_audio_ms,
        "underruns": delivery.underruns,
        "voice": requests[0].voice,
        "model": requests[0].model,
    }


def show_plan(terminal: Terminal, requests: Sequence[SpeechRequest]) -> None:
    """``--dry-run``: the requests, their characters as they are billed, and the estimated cost."""
    from stepcli.tasks.prices import speech_cost
    from stepcli.tasks.text import billed_characters

    billed = sum(billed_characters(request.text) for request in requests)
    plan = {
        "requests": [request.to_json() for request in requests],
        "characters": sum(len(request.text) for request in requests),
        "billed_characters": billed,
        "estimated_cost": {"amount": float(speech_cost(billed)), "currency": "CNY"},
    }
    if terminal.json:
        terminal.result_json(plan)
    else:
        _print_plan(terminal, requests, plan)


def _print_plan(
    terminal: Terminal, requests: Sequence[SpeechRequest], plan: dict[str, Any]
) -> None:
    for number, request in enumerate(requests, 1):
        terminal.result(
            f"{number:>4}  {len(request.text):>5,} characters  {_opening(request.text)}"
        )
    count = "1 request" if len(requests) == 1 else f"{len(requests):,} requests"
    terminal.result(
        f"{count}, {plan['characters']:,} characters ({plan['billed_characters']:,} billed), "
        f"about ¥{plan['estimated_cost']['amount']:.4f}"
    )


def _opening(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 48 else line[:47] + "…"
