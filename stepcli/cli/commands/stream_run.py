"""A run of ``stepcli stream``: opens what it needs, has text narrated, tells the outcome."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path, PurePath
from typing import Any

from stepcli.api.endpoint import Endpoint
from stepcli.api.realtime import StreamRequest, WireFormat
from stepcli.api.realtime_connection import RealtimeConnection, open_session
from stepcli.api.speech import DEFAULT_SAMPLE_RATE
from stepcli.audio.stream_decoder import Compressed, Samples, require_ffmpeg
from stepcli.audio_types import PCM
from stepcli.cli.commands.stream_prompt import converse
from stepcli.cli.context import Run
from stepcli.cli.io.audio_output import Sinks, SoundOut, played, written
from stepcli.cli.io.output import open_output
from stepcli.cli.io.terminal import Terminal
from stepcli.errors import StepcliError, UsageError
from stepcli.settings import state_dir
from stepcli.storage.atomic_file import completed, write_private
from stepcli.storage.directories import remove_expired
from stepcli.subtitles.formats import Cue, Sentence, srt, vtt
from stepcli.tasks.streaming.sentence_output import Decoder, Takes
from stepcli.tasks.streaming.stream import Account, Patience, decoded, narrate


@contextmanager
def unspoken_kept(account: Account) -> Iterator[None]:
    """If this fails, the unspoken text is in a file, and the failure's hint says where."""
    try:
        yield
    except StepcliError as failure:
        if account.unspoken.strip() and (path := _keep(account.unspoken)):
            failure.add_hint(f"stepcli stream -f {path} speaks the rest")
        raise


def _keep(text: str) -> Path | None:
    """Return the private file that holds `text` for a week; None where it cannot be written."""
    root = state_dir() / "unspoken"
    path = root / secrets.token_hex(4) / "text.txt"
    remove_expired(root)
    with suppress(StepcliError):
        write_private(path, text.encode())
        return path
    return None


_BLOCK = 65536
_CONTAINERS = {WireFormat.MP3: "mp3", WireFormat.OPUS: "ogg"}
_WRITERS: dict[str, Callable[[Iterable[Cue]], str]] = {".srt": srt, ".vtt": vtt}


def stream_text(
    run: Run,
    request: StreamRequest,
    sound_out: SoundOut,
    *,
    given: str | None,
    flush_after: float,
    subtitles: str | None,
    change: Callable[[str], str],
) -> int:
    """Speak ``given``, or stdin as it is written, to where ``sound_out`` says; the exit code.

    ``flush_after`` is in seconds; ``change`` is done to text before it is sent.
    """
    if request.wire_format in _CONTAINERS:
        require_ffmpeg()
    pcm = PCM(request.manner.sample_rate or DEFAULT_SAMPLE_RATE)
    with (
        run.service() as service,
        _subtitle_file(subtitles, run.terminal) as write_subtitles,
        written(sound_out, pcm) as sinks,
    ):
        booth = _Booth(service, request, sound_out, sinks, flush_after)
        code = booth.speak(given, change)
        write_subtitles(booth.takes.sentences)
    sound_out.tell_underruns(booth.account.underruns)
    if run.terminal.json:
        run.terminal.result_json(booth.described())
    return code


class _Booth:
    """Where text becomes sound: one place for all the lines of a run."""

    def __init__(
        self,
        service: Endpoint,
        request: StreamRequest,
        sound_out: SoundOut,
        sinks: Sinks,
        flush_after: float,
    ) -> None:
        self.account = Account()
        self._pcm = PCM(request.manner.sample_rate or DEFAULT_SAMPLE_RATE)
        self.takes = Takes(self._pcm, sinks.heard, sinks.kept, self._decoder)
        self._service = service
        self._request = request
        self._sound_out = sound_out
        self._sinks = sinks
        self._patience = Patience(service.timeout, service.retries, flush_after)

    def speak(self, given: str | None, change: Callable[[str], str]) -> int:
        terminal = self._sound_out.terminal
        if given is not None:
            self._say([change(given)])
        elif terminal.stdin_is_terminal:
            return converse(terminal, lambda line: self._say([change(line)]))
        else:
            with unspoken_kept(self.account):
                self._say(map(change, decoded(_stdin(terminal), "stdin")))
        return 0

    def _say(self, texts: Iterable[str]) -> None:
        with self._heard():
            narrate(
                texts,
                self._open_session,
                self.takes,
                self._patience,
                self.account,
                self._sound_out.terminal.note,
            )

    @contextmanager
    def _heard(self) -> Iterator[None]:
        """Plays, if that is wanted. What breaks off nobody hears any more, nor is it in a file."""
        with played(self._sound_out, self._pcm) as players:
            self.takes.heard = [*self._sinks.heard, *players]
            try:
                yield
            except BaseException:
                self.takes.heard = []
                self.takes.retake()
                raise
        self.account.underruns += sum(getattr(player, "underruns", 0) for player in players)

    def _decoder(self) -> Decoder:
        container = _CONTAINERS.get(self._request.wire_format)
        return Compressed(container, self._pcm) if container else Samples()

    def _open_session(self) -> AbstractContextManager[RealtimeConnection]:
        return open_session(self._service, self._request)

    def described(self) -> dict[str, Any]:
        """The JSON object about what was spoken."""
        seconds, account = self.takes.seconds, self.account
        size = round(seconds * self._pcm.rate) * self._pcm.frame_bytes
        return self._sound_out.described(self._pcm.rate, size, seconds) | {
            "characters": account.characters,
            "sentences": account.sentences,
            "reconnects": account.reconnects,
            "first_audio_ms": account.first_audio_ms,
            "underruns": account.underruns,
            "voice": self._request.manner.voice,
            "model": self._request.manner.model,
        }


def _stdin(terminal: Terminal) -> Iterator[bytes]:
    """What is on stdin, as soon as it is there."""
    if terminal.stdin is None or terminal.stdin.closed:
        return
    try:
        while block := os.read(terminal.stdin.fileno(), _BLOCK):
            yield block
    except OSError as exc:
        raise UsageError(f"cannot read stdin: {exc.strerror}") from None


@contextmanager
def _subtitle_file(
    target: str | None, terminal: Terminal
) -> Iterator[Callable[[Iterable[Sentence]], None]]:
    """A function that writes cues to ``target``, which appears once all has gone well."""
    if target is None:
        yield lambda _: None
        return
    from stepcli.subtitles.cues import captions

    write = _writer(target)
    with completed(open_output(target, terminal, binary=False)) as output:
        yield lambda sentences: output.write(write(captions(sentences)).encode())


def _writer(target: str) -> Callable[[Iterable[Cue]], str]:
    """What writes cues as the extension of ``target`` says. Raises UsageError for another one."""
    writer = _WRITERS.get(PurePath(target).suffix.lower())
    if writer is None:
        raise UsageError(f"--subtitles takes a FILE.srt or FILE.vtt, not {target}")
    return writer
