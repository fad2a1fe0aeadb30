"""The parts of a text that were spoken, kept on disk until the whole text is done."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from stepcli.api.speech import SpeechRequest
from stepcli.api.spoken_sentence import SpokenSentence
from stepcli.audio import wav
from stepcli.audio_types import PCM
from stepcli.errors import OutputError
from stepcli.settings import state_dir
from stepcli.storage.atomic_file import write_private
from stepcli.storage.directories import remove
from stepcli.storage.job_cache import JobCache, expire_jobs
from stepcli.storage.kept_files import remove_oldest

_PLAYED = "played"
"""Marks the parts of a text that was played until it was interrupted."""
_MOST_PLAYED = 200_000_000
"""Bytes of such parts that are kept."""


class SpeechCache(JobCache):
    """The parts of one text in one voice; the same command finds them again.

    `job` is what else tells one text from another. Parts are WAV files that can be played, or
    complete answers in the format of the only request. The times of their words are beside them.
    """

    def __init__(
        self,
        requests: Sequence[SpeechRequest],
        job: Sequence[str],
        pcm: PCM | None,
        notify: Callable[[str], None] = lambda _: None,
    ) -> None:
        root = state_dir() / "speech"
        expire_jobs(root)
        remove_oldest(root, _PLAYED, _MOST_PLAYED)
        shape: list[Any] = [*job, *(request.to_json() for request in requests)]
        if pcm is None:
            super().__init__(root, shape, f".{requests[0].format.value}", notify=notify)
        else:
            shape.append(pcm.rate)
            super().__init__(root, shape, ".wav", partial(wav.header, pcm), notify)
        self._sentences = JobCache(root, shape, ".json", notify=notify)
        self._total = len(requests)

    def keep_sentences(self, number: int, sentences: Sequence[SpokenSentence]) -> None:
        """Keep the word times of part `number`, if there are any."""
        if sentences:
            listed = [sentence.to_json() for sentence in sentences]
            self._sentences.store(number, json.dumps(listed).encode())

    def load_sentences(self, number: int) -> list[SpokenSentence]:
        """Return the word times that an earlier run kept with part `number`."""
        try:
            listed = json.loads(self._sentences.read(number) or b"[]")
        except (ValueError, RecursionError):
            return []
        return [SpokenSentence.from_json(one) for one in listed] if isinstance(listed, list) else []

    def mark_as_played(self) -> None:
        """Let later runs remove the parts to limit what interrupted playback leaves."""
        self.discard_unfinished()
        with suppress(OutputError):
            write_private(self.directory / _PLAYED, b"")

    def describe(self) -> str | None:
        """Return a sentence about what is kept; remove a cache that has nothing to keep."""
        self.discard_unfinished()
        remove(self.directory / _PLAYED)
        count = self.count()
        if not count:
            self.clear()
            return None
        where: Path = self.path(0) if self._total == 1 else self.directory
        what = "the sound is" if self._total == 1 else f"{count} of {self._total} parts are"
        return (
            f"{what} kept in {where}; run the same command again to continue without paying twice"
        )
