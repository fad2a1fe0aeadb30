"""Where the sandbox listens and how it behaves."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


class MissingExtra(ImportError):
    """A package of the ``sandbox`` extra is not installed, or has no build for this platform."""

    def __init__(self, module: str) -> None:
        super().__init__(f"the sandbox needs {module}, which is not installed", name=module)
        self.module = module


@dataclass(frozen=True)
class Options:
    """All that can be chosen about a sandbox; every time is in seconds."""

    host: str = "127.0.0.1"
    port: int = 0
    """0 takes a free one."""
    key: str = "sandbox-key"
    """The only bearer key that is accepted."""
    pace: float | None = None
    """Sound goes out at this multiple of its own length; ``None`` as fast as it is made."""
    latency: float = 0.0
    """From a complete request to the first byte of its answer."""
    idle: float = 60.0
    """A realtime session without activity is ended after this."""
    faults: tuple[str, ...] = ()
    """How to misbehave; see ``FAULTS`` for the grammar."""
    log: Path | None = None
    """Where to append what was asked and answered, one JSON object a line."""
