"""What the service holds while it lives: its engines, and what people left with it."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from starlette.requests import HTTPConnection

from stepcli.sandbox.http.errors import Refusal
from stepcli.sandbox.options import Options
from stepcli.sandbox.tts.synthesis import OFFICIAL, Delivery, Pcm, Voice, synthesise

if TYPE_CHECKING:
    from stepcli.sandbox.asr.recognizer import Listener, Stretch, Word

T = TypeVar("T")

_KEPT_DOWNLOADS = 64


@dataclass(frozen=True)
class StoredFile:
    """An uploaded file."""

    id: str
    filename: str
    purpose: str
    data: bytes
    created_at: int

    @property
    def digest(self) -> str:
        """What tells equal files from others."""
        return hashlib.sha256(self.data).hexdigest()


@dataclass(frozen=True)
class Clone:
    """A cloned voice; ``sample`` is the digest of the file it was made of."""

    id: str
    file_id: str
    sample: str
    voice: Voice
    created_at: int


@dataclass(frozen=True)
class Download:
    """A sound that is fetched by its URL."""

    data: bytes
    media_type: str


@dataclass
class Service:
    """One running service. Its engines are each one thread wide: neither can be entered twice."""

    options: Options
    files: dict[str, StoredFile] = field(default_factory=dict)
    clones: dict[str, Clone] = field(default_factory=dict)
    """By id, in the order of making."""
    previewed: dict[str, str] = field(default_factory=dict)
    """The sentence that a file, by its digest, was previewed with."""
    downloads: OrderedDict[str, Download] = field(default_factory=OrderedDict)
    _mouth: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "mouth"))
    _ears: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "ears"))

    def voice(self, name: str, param: str) -> Voice:
        """The official or cloned voice of that id."""
        if name in OFFICIAL:
            return OFFICIAL[name].voice
        if name in self.clones:
            return self.clones[name].voice
        raise Refusal(f"voice {name} not found", param=param)

    def file(self, name: str, *, status: int = 400) -> StoredFile:
        """The uploaded file of that id."""
        try:
            return self.files[name]
        except KeyError:
            raise Refusal(f"file {name} not found", status=status, param="file_id") from None

    def clone_of(self, stored: StoredFile) -> Clone | None:
        """The voice that was made of this very sample."""
        samples = {clone.sample: clone for clone in self.clones.values()}
        return samples.get(stored.digest)

    def clone(self, stored: StoredFile, voice: Voice) -> Clone:
        """Make a voice."""
        made = Clone(new_id("voice-tone-"), stored.id, stored.digest, voice, now())
        self.clones[made.id] = made
        return made

    def keep_download(self, name: str, download: Download) -> None:
        """Keep a sound for its URL; only the last few are, so that memory stays bounded."""
        self.downloads[name] = download
        if len(self.downloads) > _KEPT_DOWNLOADS:
            self.downloads.popitem(last=False)

    async def speak(self, text: str, delivery: Delivery) -> Pcm:
        """Mono samples of ``text`` at ``delivery.rate``."""
        return await _run(self._mouth, lambda: synthesise(text, delivery))

    async def hear(self, stretch: Stretch, rate: int) -> list[Word]:
        """The words in a stretch of sound."""
        return await _run(self._ears, lambda: self._listener.hear(stretch, rate))

    @cached_property
    def _listener(self) -> Listener:
        from stepcli.sandbox.asr.recognizer import Listener  # takes most of a second to load

        return Listener()

    def close(self) -> None:
        """Let the engines go as soon as they have finished what they are at."""
        self._mouth.shutdown(wait=False, cancel_futures=True)
        self._ears.shutdown(wait=False, cancel_futures=True)


def service_of(connection: HTTPConnection) -> Service:
    """The service a request came to."""
    service: Service = connection.app.state.service
    return service


def new_id(prefix: str) -> str:
    """An id no other thing has."""
    return prefix + secrets.token_hex(8)


def now() -> int:
    """Unix time in whole seconds."""
    return int(time.time())


async def _run(engine: ThreadPoolExecutor, work: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(engine, work)
