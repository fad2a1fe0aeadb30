"""Sound as it comes over the wire, to samples."""

from __future__ import annotations

from stepcli.sound import SAMPLE_BYTES


class Samples:
    """Raw samples: only one that is split between two pieces has to wait for its other half."""

    def __init__(self) -> None:
        self._half = b""

    def decode(self, data: bytes) -> bytes:
        data = self._half + data
        whole = len(data) - len(data) % SAMPLE_BYTES
        self._half = data[whole:]
        return data[:whole]

    def finish(self) -> bytes:
        """Half a sample is nothing that could be heard."""
        return b""
