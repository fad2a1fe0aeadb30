"""The exceptions of stepcli, one per exit code.

    StepcliError                1  internal     unexpected error
    ├── UsageError              2  usage        invalid option, value, text, file or request
    │   ├── EndpointNotFoundError
    │   ├── NoSpeechError
    │   ├── TooLargeError
    │   └── UnknownVoiceError
    ├── AuthError               3  auth         no API key, or the key was refused
    ├── QuotaError              4  quota        out of credit, or too many requests
    │   └── OutOfCreditError
    ├── ServiceTimeoutError     5  timeout      no data for too long
    ├── NetworkError            6  network      refused, DNS, TLS, 5xx, invalid response
    ├── DeviceError             7  device       audio device missing, busy or not permitted
    ├── OutputError             8  output       writing an output failed
    └── ContentError           10  content      refused by moderation
    Terminated                143  interrupted  SIGTERM; Ctrl-C is KeyboardInterrupt, 130

The message and the hint are chosen where an error is raised; `cli` decides how they are
displayed.
"""

from __future__ import annotations

TYPE_CHECKING = False  # importing typing takes longer than --version may
if TYPE_CHECKING:
    from typing import Self

INTERRUPTED = 130
TERMINATED = 143


class StepcliError(Exception):
    """An error that is reported in one sentence.

    `message` says what happened, `hint` what to do about it. `status` is the HTTP status and
    `trace_id` the service's id for support (`X-Trace-Id` or a session id), if available.
    `not_processed` is set if the service certainly did not process the request.
    `affects_all_requests` is set if the account's other requests would fail in the same way.
    """

    kind = "internal"
    exit_code = 1
    affects_all_requests = False

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

    def __str__(self) -> str:
        return self.message

    def add_context(self, context: str) -> None:
        """Put `context` before the message, unless the message contains it."""
        if context not in self.message:
            self.message = f"{context}: {self.message}"

    def add_detail(self, detail: str) -> None:
        """Append a clause to the message."""
        self.message = f"{self.message}; {detail}"

    def with_trace_id(self, trace_id: str | None) -> Self:
        """Set the identifier for support, and return this error."""
        self.trace_id = trace_id
        return self

    def add_hint(self, hint: str | None) -> None:
        """Append another remedy to the hint, if there is one."""
        self.hint = "; ".join(filter(None, (self.hint, hint))) or None


class UsageError(StepcliError):
    """An option, value, text or file is invalid, or the service rejected the request as invalid."""

    kind = "usage"
    exit_code = 2


class EndpointNotFoundError(UsageError):
    """The base URL does not route the request: a 404 that is not the service's JSON."""


class NoSpeechError(UsageError):
    """The service found no speech in the audio."""


class TooLargeError(UsageError):
    """The request is larger than the service accepts."""


class UnknownVoiceError(UsageError):
    """The service does not have the requested voice, or not for this account.

    `voice` and `model` are those of the request.
    """

    voice = ""
    model = ""


class AuthError(StepcliError):
    """There is no API key, or the service refused it (401, 403)."""

    kind = "auth"
    exit_code = 3
    affects_all_requests = True


class QuotaError(StepcliError):
    """The account is out of credit (402) or rate limited (429) after retries."""

    kind = "quota"
    exit_code = 4


class OutOfCreditError(QuotaError):
    """The credit of the account or the plan is used up."""

    affects_all_requests = True


class ServiceTimeoutError(StepcliError):
    """No data arrived within the seconds that `--timeout` allows."""

    kind = "timeout"
    exit_code = 5


class NetworkError(StepcliError):
    """The service was unreachable, failed (5xx), or its response was truncated or invalid."""

    kind = "network"
    exit_code = 6


class DeviceError(StepcliError):
    """An audio device is missing, busy or not permitted."""

    kind = "device"
    exit_code = 7


class OutputError(StepcliError):
    """Writing an output failed: disk full, I/O error, no permission."""

    kind = "output"
    exit_code = 8


class ContentError(StepcliError):
    """Content moderation refused the request."""

    kind = "content"
    exit_code = 10


class Terminated(KeyboardInterrupt):
    """SIGTERM or SIGHUP ended the run; `exit_code` is 128 plus the number of the signal."""

    def __init__(self, exit_code: int = TERMINATED) -> None:
        super().__init__()
        self.exit_code = exit_code
