"""The state of a running service: its engines, uploaded files and cloned voices."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from starlette.requests import HTTPConnection

from stepcli.sandbox.asr.recognizer import RecognizedWord, Recognizer, SpeechSegment
from stepcli.sandbox.endpoints.models import ServiceModel
from stepcli.sandbox.http.responses import ServiceError
from stepcli.sandbox.options import SandboxOptions
from stepcli.sandbox.tts.synthesis import (
    PLAIN,
    Performance,
    SynthesisSettings,
    VariationSource,
    synthesize,
)
from stepcli.sandbox.tts.voices import SITES, STOCK_SPEAKER, WITHOUT_MINI, Speaker, SystemVoice

T = TypeVar("T")

_MAX_DOWNLOADS = 64


@dataclass(frozen=True)
class UploadedFile:
    """A file uploaded by the client."""

    id: str
    filename: str
    purpose: str
    data: bytes
    created_at: int

    @property
    def digest(self) -> str:
        """Return the SHA-256 of the contents."""
        return hashlib.sha256(self.data).hexdigest()


@dataclass(frozen=True)
class StoredVoice:
    """A cloned voice; ``sample`` is the digest of the file that it was made from."""

    id: str
    file_id: str
    sample: str
    speaker: Speaker
    created_at: int


@dataclass(frozen=True)
class GeneratedFile:
    """Audio that can be downloaded by its URL."""

    data: bytes
    media_type: str


@dataclass
class SandboxState:
    """The state of one service. Each engine runs in its own thread: neither is thread-safe."""

    options: SandboxOptions
    files: dict[str, UploadedFile] = field(default_factory=dict)
    clones: dict[str, StoredVoice] = field(default_factory=dict)
    """Cloned voices by id, oldest first."""
    preview_texts: dict[str, str] = field(default_factory=dict)
    """The text that each file, by its digest, was previewed with."""
    downloads: OrderedDict[str, GeneratedFile] = field(default_factory=OrderedDict)
    _tts: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "tts"))
    _asr: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "asr"))
    _recognizer: Recognizer = field(default_factory=Recognizer)

    def speaker(self, voice: str, model: ServiceModel, param: str) -> Speaker:
        """Return the speaker of a voice; raise ServiceError if ``model`` does not have it."""
        if voice in self.clones:
            return self.clones[voice].speaker if model.clones else STOCK_SPEAKER
        found = self.system_voices.get(voice)
        if found is None or (model.id == "step-tts-mini" and voice in WITHOUT_MINI):
            raise ServiceError("voice_id does not exist", param=param)
        return found.speaker

    @property
    def system_voices(self) -> Mapping[str, SystemVoice]:
        """Return the official voices of this site."""
        return SITES[self.options.site]

    def file(self, id: str, *, status: int = 400) -> UploadedFile:
        """Return an uploaded file; raise ServiceError with ``status`` if unknown."""
        try:
            return self.files[id]
        except KeyError:
            raise ServiceError(f"file {id} not found", status=status, param="file_id") from None

    def clone_of(self, file: UploadedFile) -> StoredVoice | None:
        """Return the voice that was already cloned from the same sample."""
        by_sample = {clone.sample: clone for clone in self.clones.values()}
        return by_sample.get(file.digest)

    def add_clone(self, file: UploadedFile, speaker: Speaker) -> StoredVoice:
        """Create a voice."""
        clone = StoredVoice(new_id("voice-tone-"), file.id, file.digest, speaker, unix_time())
        self.clones[clone.id] = clone
        return clone

    def add_download(self, name: str, file: GeneratedFile) -> None:
        """Store audio under a URL, dropping the oldest so that memory stays bounded."""
        self.downloads[name] = file
        if len(self.downloads) > _MAX_DOWNLOADS:
            self.downloads.popitem(last=False)

    async def synthesize(self, text: str, settings: SynthesisSettings) -> Performance:
        """Return a performance of ``text``, unlike all earlier ones if the sandbox varies them."""
        variations = self._variations
        variation = variations.draw(f"{text} {settings}") if variations else PLAIN
        return await _run(self._tts, lambda: synthesize(text, settings, variation))

    @cached_property
    def _variations(self) -> VariationSource | None:
        return None if self.options.deterministic else VariationSource(self.options.seed)

    async def recognize(self, segment: SpeechSegment, rate: int) -> list[RecognizedWord]:
        """Return the words of a segment."""
        return await _run(self._asr, lambda: self._recognizer.recognize(segment, rate))

    def close(self) -> None:
        """Stop the engines after their current task."""
        self._tts.shutdown(wait=False, cancel_futures=True)
        self._asr.shutdown(wait=False, cancel_futures=True)


def sandbox_state(connection: HTTPConnection) -> SandboxState:
    """Return the state of the service that received ``connection``."""
    state: SandboxState = connection.app.state.sandbox
    return state


def new_id(prefix: str) -> str:
    """Return a unique id."""
    return prefix + secrets.token_hex(8)


def unix_time() -> int:
    """Return the Unix time in whole seconds."""
    return int(time.time())


def unix_milliseconds() -> int:
    """Return the Unix time in milliseconds."""
    return time.time_ns() // 1_000_000


async def _run(engine: ThreadPoolExecutor, work: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(engine, work)
