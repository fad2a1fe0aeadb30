"""The sandbox's options."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class MissingExtra(ImportError):
    """A package of the ``sandbox`` extra is not installed, or has no build for this platform."""

    def __init__(self, module: str) -> None:
        super().__init__(f"the sandbox needs {module}, which is not installed", name=module)
        self.module = module


class VoiceSite(StrEnum):
    """The international site stepfun.ai, or the mainland site stepfun.com."""

    AI = "ai"
    COM = "com"


@dataclass(frozen=True)
class SandboxOptions:
    """The address and behavior of a sandbox. All times are in seconds."""

    host: str = "127.0.0.1"
    port: int = 0
    """0 picks a free port."""
    site: VoiceSite = VoiceSite.COM
    """The site whose official voices exist; the mainland site has those of the other as well."""
    key: str = "sandbox-key"
    """The only accepted API key."""
    pace: float | None = None
    """Audio is sent at this multiple of real time; ``None`` sends it as fast as possible."""
    latency: float = 0.0
    """The delay between a complete request and the first byte of its response."""
    idle: float = 60.0
    """A realtime session is closed after this time without activity."""
    concurrency: int = 15
    """The maximum of parallel requests, beyond which they get a 429; 0 disables the limit."""
    seed: int | None = None
    """Makes the variation between performances reproducible."""
    deterministic: bool = False
    """Return the same audio for the same request, without variation."""
    faults: tuple[str, ...] = ()
    """Faults to inject; see ``FAULT_SYNTAX``."""
    log: Path | None = None
    """A file to which every request is appended as a JSON object per line."""
