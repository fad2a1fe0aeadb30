"""The URL of a file that the user names as an input, and the limits of its download."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import SplitResult, unquote, urlsplit

from stepcli.errors import UsageError
from stepcli.redaction import register_secret

_URL = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_NOT_IN_NAMES = re.compile(r"[/\\\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class DownloadLimits:
    """The largest size in bytes, the longest time and silence in seconds, and further attempts."""

    max_bytes: int
    max_seconds: float
    timeout: float
    retries: int


@dataclass(frozen=True, slots=True)
class FileURL:
    """An http or https URL; `str` is without the user name and password that `url` may have."""

    url: str = field(repr=False)
    parts: SplitResult = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> FileURL | None:
        """Return the URL `text`, None if it is a file name. Raise UsageError for other URLs."""
        if not _URL.match(text):
            return None
        try:
            parts = urlsplit(text)
            valid = bool(parts.hostname) and parts.port != 0 and not re.search(r"\s", text)
        except ValueError:
            valid = False
        if not valid or parts.scheme not in ("http", "https"):
            shown = text.rpartition("@")[2]  # a password may precede it
            raise UsageError(
                f"cannot fetch {shown!r}", hint="give an http or https URL, or the name of a file"
            )
        register_secret(unquote(parts.password or ""))
        return cls(text, parts)

    @property
    def file_name(self) -> str:
        """The last segment of the path, or the host."""
        last = self.parts.path.rstrip("/").rpartition("/")[2]
        return _NOT_IN_NAMES.sub("_", unquote(last)) or self.parts.hostname or ""

    def __str__(self) -> str:
        host = self.parts.netloc.rpartition("@")[2]
        return self.parts._replace(netloc=host, fragment="").geturl()
