"""Paid-for parts of a spoken text, kept in the state directory as WAV files anyone can play."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO, cast

from stepcli.api.speech import SpeechRequest
from stepcli.audio import wav
from stepcli.errors import OutputError
from stepcli.settings import state_dir
from stepcli.sound import PCM
from stepcli.tasks.shelf import Part, Shelf, sweep


class KeptParts(Shelf):
    """The parts of one text spoken one way by one service; the same command finds them again."""

    def __init__(self, requests: Sequence[SpeechRequest], plan_base: str, pcm: PCM) -> None:
        room = state_dir() / "speech"
        sweep(room)
        job = [plan_base, pcm.rate, *(request.to_json() for request in requests)]
        super().__init__(room, job, ".wav", lambda size: wav.header(pcm, size))
        self._total = len(requests)

    def begin(self, number: int) -> Part:
        """Where nothing can be kept, the part lasts as long as the run."""
        try:
            return super().begin(number)
        except OutputError:
            return self._transient()

    def _transient(self) -> Part:
        import tempfile

        try:
            return Part(
                cast(BinaryIO, tempfile.TemporaryFile(buffering=0)),
                self._head,
                tempfile.gettempdir(),
            )
        except OSError as exc:
            raise OutputError(f"cannot make a temporary file: {exc.strerror}") from exc

    def whereabouts(self) -> str | None:
        """A sentence about what is kept and where; None where nothing is, and nothing stays."""
        self.give_up()
        count = self.count()
        if not count:
            self.clear()
            return None
        where: Path = self.path(0) if self._total == 1 else self.directory
        what = "the sound is" if self._total == 1 else f"{count} of {self._total} parts are"
        return f"{what} kept in {where}; the same command again continues without paying twice"
