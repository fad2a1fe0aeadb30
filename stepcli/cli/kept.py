"""Paid-for parts of a spoken text, kept in the state directory as WAV files anyone can play."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from stepcli.api.speech import SpeechRequest
from stepcli.audio import wav
from stepcli.settings import state_dir
from stepcli.sound import PCM
from stepcli.tasks.shelf import Shelf, sweep

_HEADER = len(wav.header(PCM(24000)))


class KeptParts:
    """The parts of one text spoken one way by one service; the same command finds them again.

    Of a text in one part, nothing is written unless it has to be rescued.
    """

    def __init__(self, requests: Sequence[SpeechRequest], plan_base: str, pcm: PCM) -> None:
        room = state_dir() / "speech"
        sweep(room)
        job = [plan_base, pcm.rate, *(request.to_json() for request in requests)]
        self._shelf = Shelf(room, job, ".wav")
        self._pcm = pcm
        self._total = len(requests)
        self._held: dict[int, bytes] = {}

    def load(self, number: int) -> bytes | None:
        data = self._shelf.load(number)
        return data[_HEADER:] if data else None

    def keep(self, number: int, pcm: bytes) -> None:
        if self._total > 1:
            self._write(number, pcm)
        else:
            self._held[number] = pcm

    def rescue(self) -> None:
        """Write what is only held in memory."""
        for number, pcm in self._held.items():
            self._write(number, pcm)

    def whereabouts(self) -> str | None:
        """A sentence about what is kept and where; None where nothing is."""
        count = self._shelf.count()
        if not count:
            return None
        where: Path = self._shelf.path(0) if self._total == 1 else self._shelf.directory
        what = "the sound is" if self._total == 1 else f"{count} of {self._total} parts are"
        return f"{what} kept in {where}; the same command again continues without paying twice"

    def clear(self) -> None:
        self._shelf.clear()

    def _write(self, number: int, pcm: bytes) -> None:
        self._shelf.keep(number, wav.header(self._pcm, len(pcm)) + pcm)
