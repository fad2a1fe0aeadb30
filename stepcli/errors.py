"""Every way a run can fail, and the exit code each way has.

    StepcliError               1  internal
    ├── UsageError             2  usage      a flag, a value, text or a file that cannot be used
    ├── AuthError              3  auth       no key, or the key was refused
    ├── QuotaError             4  quota      credit used up, or too many requests
    ├── ServiceTimeoutError               5  timeout    the service said nothing for too long
    ├── NetworkError           6  network    refused, DNS, TLS, 5xx, stream cut, nonsense answer
    ├── DeviceError            7  device     an audio device is missing, busy or not allowed
    ├── OutputError            8  output     an output failed while it was written
    └── ContentError          10  content    refused by moderation
    Terminated               143  interrupted  SIGTERM; Ctrl-C is KeyboardInterrupt, 130

Blame and advice live here and where these are raised; how they look on a screen is cli's.
"""

from __future__ import annotations

INTERRUPTED = 130
TERMINATED = 143


class StepcliError(Exception):
    """A failure the user is told about in one sentence.

    ``message`` says what happened, ``hint`` what to do about it. ``status`` is the HTTP status
    and ``trace_id`` the service's handle for support (``X-Trace-Id`` or a session id), where given.
    ``not_processed`` is set where the service surely did nothing of what it was asked.
    """

    kind = "internal"
    exit_code = 1

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        status: int | None = None,
        trace_id: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.status = status
        self.trace_id = trace_id
        self.not_processed = False

    def add_context(self, context: str) -> None:
        """Put what the failure is about before the message, unless that names it already."""
        if context not in self.message:
            self.message = f"{context}: {self.message}"

    def add_hint(self, hint: str | None) -> None:
        """One more thing to do about it, if there is one."""
        self.hint = "; ".join(filter(None, (self.hint, hint))) or None


class UsageError(StepcliError):
    """A flag, a value, text or a file that cannot be used; or a request refused as such."""

    kind = "usage"
    exit_code = 2


class AuthError(StepcliError):
    """No key, or the service refused it (401, 403)."""

    kind = "auth"
    exit_code = 3


class QuotaError(StepcliError):
    """Credit used up (402) or too many requests (429) after retries."""

    kind = "quota"
    exit_code = 4


class ServiceTimeoutError(StepcliError):
    """No byte for as long as ``--timeout`` allows."""

    kind = "timeout"
    exit_code = 5


class NetworkError(StepcliError):
    """The service could not be reached, failed (5xx), was cut off or answered nonsense."""

    kind = "network"
    exit_code = 6


class DeviceError(StepcliError):
    """An audio device is missing, busy or not allowed."""

    kind = "device"
    exit_code = 7


class OutputError(StepcliError):
    """An output failed while it was written: disk full, I/O error, permission lost."""

    kind = "output"
    exit_code = 8


class ContentError(StepcliError):
    """The service's moderation refused the content."""

    kind = "content"
    exit_code = 10


class Terminated(KeyboardInterrupt):
    """SIGTERM or SIGHUP: cleans up as Ctrl-C does. ``exit_code`` is 128 plus its number."""

    def __init__(self, exit_code: int = TERMINATED) -> None:
        super().__init__()
        self.exit_code = exit_code
