"""Download a file that the user names by its URL, without the API key.

A connection that is cut off is resumed with Range and If-Range (RFC 9110, sections 13.1.5 and 14),
if the server has sent a validator of the contents; otherwise the download begins again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from time import monotonic
from typing import BinaryIO

import httpx

from stepcli import __version__
from stepcli.api.certificates import no_certificates, trusted_certificates
from stepcli.api.client import TOO_MANY_REQUESTS
from stepcli.api.content_encoding import InvalidEncoding, decoded, parse_encodings
from stepcli.api.file_url import DownloadLimits, FileURL
from stepcli.api.http_transport import HTTPTransport
from stepcli.api.network import proxy_of
from stepcli.api.retry import (
    TRANSIENT,
    AttemptFailed,
    delay_after,
    retry_after,
)
from stepcli.api.traffic import log_request, log_response
from stepcli.api.transport_errors import error_for_transport
from stepcli.base_url import is_loopback
from stepcli.errors import (
    NetworkError,
    OutputError,
    QuotaError,
    ServiceTimeoutError,
    StepcliError,
    UsageError,
)
from stepcli.settings import CONNECT_TIMEOUT
from stepcli.storage.os_errors import os_errors_as

_MOST_REDIRECTS = 10
_SIZES = re.compile(r"bytes (\d+)-\d+/(?:\d+|\*)")
_REFUSED_HINT = "open the URL in a browser to see whether it needs a login"
HEAD_BYTES = 4096
"""How many bytes from the beginning decide whether to go on."""


@dataclass(frozen=True, slots=True)
class DownloadEvents:
    """What is called during a download.

    `received` gets the bytes so far and their total, None if unknown; `check` gets the first bytes
    and raises to end the download; `notify` gets a sentence before another attempt. `wait` waits
    before it, and returns False if the download must not go on.
    """

    received: Callable[[int, int | None], None]
    check: Callable[[bytes], None]
    notify: Callable[[str], None]
    wait: Callable[[float], bool]


def download(url: FileURL, file: BinaryIO, limits: DownloadLimits, events: DownloadEvents) -> None:
    """Write the contents of a URL to an empty file.

    Raise UsageError if the server refuses it or it is too large, NetworkError, QuotaError or
    ServiceTimeoutError after the further attempts, OutputError if the file cannot be written.
    """
    transfer = _Transfer(url, file, limits, events)
    attempt = 1
    while True:
        before = transfer.size
        try:
            return transfer.run()
        except AttemptFailed as failed:
            if 0 < before < transfer.size:  # resumed, so there is progress
                attempt = 1
            seconds = delay_after(failed, attempt, limits.retries)
            message = f"{failed.failure.message}; trying again in {seconds:.1f} s"
            events.notify(f"{message} ({attempt} of {limits.retries})")
            if not events.wait(seconds):
                raise failed.failure from failed.__cause__
        attempt += 1


@dataclass(slots=True)
class _Transfer:
    """The state of a download between attempts; `size` is what the file has."""

    url: FileURL
    file: BinaryIO
    limits: DownloadLimits
    events: DownloadEvents
    size: int = 0
    validator: str | None = None
    checked: bool = False
    begun: float = field(default_factory=monotonic)

    def run(self) -> None:
        """Receive the rest of the contents. Raise AttemptFailed if something goes wrong."""
        host = self.url.parts.hostname or ""
        try:
            with _opened(httpx.URL(self.url.url), self._headers(), self.limits.timeout) as response:
                host = response.url.host
                self._receive(response, self._start(response))
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as exc:
            failure = error_for_transport(exc, host, self.limits.timeout)
            if "--base-url" in (failure.hint or ""):
                failure.hint = "check the URL"
            raise AttemptFailed(failure, retry=isinstance(exc, httpx.TransportError)) from exc
        except (httpx.StreamError, InvalidEncoding) as exc:
            failure = NetworkError(f"the response of {host} cannot be read: {exc}")
            raise AttemptFailed(failure, retry=True) from exc
        self._check_head()

    def _headers(self) -> dict[str, str]:
        if not (self.size and self.validator):
            return {}
        return {"Range": f"bytes={self.size}-", "If-Range": self.validator}

    def _start(self, response: httpx.Response) -> int:
        """Return how many bytes of the file are kept. Raise AttemptFailed for a refusal."""
        found = _SIZES.match(response.headers.get("content-range", ""))
        if response.status_code == 206 and found and int(found[1]) == self.size:
            return self.size
        self.validator = _validator(response)
        if response.status_code == 200:
            return 0
        self.validator = None
        if response.status_code in (206, 416):  # another range than the requested one
            failure: StepcliError = NetworkError(f"{response.url.host} sent the wrong range")
            raise AttemptFailed(failure, retry=True)
        raise _refusal(response)

    def _receive(self, response: httpx.Response, kept: int) -> None:
        with self._writing():
            self.file.truncate(kept)
            self.file.seek(kept)
        self.size = kept
        total = self._total(response)
        for block in _contents(response):
            with self._writing():
                self.file.write(block)
            self.size += len(block)
            self._check_limits(self.size)
            if self.size >= HEAD_BYTES:
                self._check_head()
            self.events.received(self.size, total)

    def _total(self, response: httpx.Response) -> int | None:
        length = response.headers.get("content-length", "")
        if not length.isdecimal() or response.headers.get("content-encoding"):
            return None
        self._check_limits(total := self.size + int(length))
        return total

    def _check_limits(self, size: int) -> None:
        if size > self.limits.max_bytes:
            raise UsageError(
                f"{self.url} is larger than {self.limits.max_bytes / 1e6:g} MB",
                hint="--max-download SIZE allows more",
            )
        if monotonic() - self.begun > self.limits.max_seconds:
            raise ServiceTimeoutError(
                f"{self.url} was not downloaded within {self.limits.max_seconds:g} s",
                hint="--max-download-time S allows more",
            )

    def _check_head(self) -> None:
        if self.checked:
            return
        self.checked = True
        with self._writing():
            self.file.flush()
            self.file.seek(0)
            self.events.check(self.file.read(HEAD_BYTES))
            self.file.seek(self.size)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with os_errors_as(OutputError, f"cannot store {self.url}"):
            yield


@contextmanager
def _opened(url: httpx.URL, headers: dict[str, str], timeout: float) -> Iterator[httpx.Response]:
    """Yield the response to a request for `url`, or for what it redirects to."""
    for _ in range(_MOST_REDIRECTS + 1):
        with _client(url, timeout) as client:
            request = client.build_request("GET", url, headers=headers)
            log_request(request, None)
            response = client.send(request, stream=True)
            log_response(response)
            with closing(response):
                if not response.has_redirect_location:
                    yield response
                    return
                url = _target(response)
    raise AttemptFailed(NetworkError(f"{url.host} redirects too many times"), retry=False)


def _client(url: httpx.URL, timeout: float) -> httpx.Client:
    encrypted = url.scheme == "https"
    proxy = None
    if not is_loopback(url.host):
        proxy = proxy_of(url.scheme, url.host, url.port or (443 if encrypted else 80))
    certificates = trusted_certificates() if encrypted else no_certificates()
    return httpx.Client(
        transport=HTTPTransport(certificates, proxy),
        headers={"User-Agent": f"stepcli/{__version__}", "Accept-Encoding": "identity"},
        timeout=httpx.Timeout(timeout, connect=CONNECT_TIMEOUT, pool=None),
        trust_env=False,
    )


def _target(response: httpx.Response) -> httpx.URL:
    """Return what a response redirects to: an http or https URL, and encrypted if it was."""
    target = response.url.join(response.headers["location"])
    host = response.url.host
    if target.scheme not in ("http", "https") or not target.host:
        failure = NetworkError(f"{host} redirects to {target.scheme}, which is not a web address")
        raise AttemptFailed(failure, retry=False)
    if response.url.scheme == "https" and target.scheme == "http":
        failure = NetworkError(
            f"{host} redirects to {target.host} without encryption",
            hint=f"to accept that, give the URL itself: {_shown(target)}",
        )
        raise AttemptFailed(failure, retry=False)
    return target


def _validator(response: httpx.Response) -> str | None:
    """Return what If-Range may compare: a strong entity tag, else the date (RFC 9110, 13.1.5)."""
    tag = response.headers.get("etag", "")
    if tag.startswith('"'):
        return str(tag)
    return None if tag else response.headers.get("last-modified")


def _contents(response: httpx.Response) -> Iterator[bytes]:
    """Return the blocks of a body, its content encodings undone."""
    try:
        encodings = parse_encodings(response.headers.get("content-encoding", ""))
    except ValueError as exc:
        message = f"{response.url.host} uses an unsupported Content-Encoding: {exc}"
        raise AttemptFailed(NetworkError(message), retry=False) from exc
    return decoded(response.iter_raw(), encodings)


def _refusal(response: httpx.Response) -> AttemptFailed:
    status = response.status_code
    name = _shown(response.url)
    message = f"{name} was refused with {status} {response.reason_phrase}".rstrip()
    kind: type[StepcliError] = UsageError if 400 <= status < 500 else NetworkError
    if status == TOO_MANY_REQUESTS:
        kind = QuotaError
    hint = _REFUSED_HINT if kind is UsageError else None
    wait = retry_after(response.headers.get("retry-after"), response.headers.get("date"))
    failure = kind(message, hint=hint, status=status)
    return AttemptFailed(failure, retry=status in TRANSIENT, after=wait)


def _shown(url: httpx.URL) -> str:
    """Return a URL for messages, without a user name and password."""
    return str(url.copy_with(username=None, password=None))
