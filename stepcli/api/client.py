"""One connection pool to one service: authorises, sends, tries again, blames in our words."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from time import monotonic
from types import TracebackType
from typing import Any, Self

from stepcli import __version__
from stepcli.errors import NetworkError, StepcliError

# httpx imports its own command line, with rich and pygments, wherever click is installed.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]

import httpx  # noqa: E402

from stepcli.api import error_mapping  # noqa: E402
from stepcli.api.endpoint import CONNECT_TIMEOUT, Endpoint  # noqa: E402
from stepcli.api.http_transport import HTTPTransport  # noqa: E402
from stepcli.api.network import no_certificates, proxy_for, trusted_certificates  # noqa: E402
from stepcli.api.retry import (  # noqa: E402
    BILLED,
    LONGEST_PAUSE,
    RateLimiter,
    RetryPolicy,
    pause,
    retry_after,
)

log = logging.getLogger("stepcli.wire")

TOO_FAST = 429
_LARGEST_COMPLAINT = 64 * 1024
_PATIENCE_WITH_COMPLAINTS = 2.0
_ENCODINGS = ("gzip", "deflate")
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)


@dataclass(frozen=True, slots=True)
class StreamedBody:
    """A request body of known ``size`` in bytes, produced afresh for every attempt."""

    size: int
    blocks: Callable[[], Iterator[bytes]]


@dataclass(frozen=True, slots=True)
class MultipartForm:
    """A multipart form: text ``fields``, and one ``file`` under the name of ``file``."""

    fields: Mapping[str, str]
    filename: str
    media_type: str
    file: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class ApiRequest:
    """One request: what to send where, and when it may be sent again."""

    method: str
    url: str
    json: Mapping[str, Any] | None = None
    upload: StreamedBody | None = None
    form: MultipartForm | None = None
    accept: str = "*/*"
    retry: RetryPolicy = BILLED


class Client:
    """Sends calls. Use as a context manager; safe to share between threads.

    ``tell`` hears one sentence each time a call has to wait and be tried again.
    """

    def __init__(self, service: Endpoint, tell: Callable[[str], None] = lambda _: None) -> None:
        self.endpoint = service
        self._tell = tell
        self._closed = threading.Event()
        self._throttle = RateLimiter()
        self._http = _pool(service)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._closed.set()
        self._http.close()

    @contextmanager
    def open(self, request: ApiRequest) -> Iterator[httpx.Response]:
        """The successful answer to ``request``, its body not yet read.

        Raises the error of errors.py that fits: after the retries that ``request.retry`` and the
        service's settings allow, or at once. Failures while the body is read surface the same way.
        """
        response = self._answered(request)
        trace_id = response.headers.get("x-trace-id")
        try:
            self._refuse_encoding(response)
            with error_mapping.mapped_errors(self.endpoint.host, self.endpoint.timeout, trace_id):
                yield response
        finally:
            response.close()

    def _answered(self, request: ApiRequest) -> httpx.Response:
        attempt = 1
        while True:
            try:
                return self._attempt(request)
            except _AttemptFailed as refused:
                if attempt > self.endpoint.retries or not refused.retry:
                    raise refused.failure from refused.__cause__
                self._wait(attempt, refused)
            attempt += 1

    def _attempt(self, request: ApiRequest) -> httpx.Response:
        self._sleep(self._throttle.turn())
        try:
            built = self._build(request)
            _log_request(built)
            response = self._http.send(built, stream=True)
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as exc:
            raise self._unanswered(exc, request) from exc
        _log_response(response)
        if response.is_success:
            self._throttle.went_well()
            return response
        raise self._refusal(response, request)

    def _build(self, request: ApiRequest) -> httpx.Request:
        if request.form is not None:
            return self._build_form(request, request.form)
        if request.upload is None:
            return self._http.build_request(
                request.method, request.url, json=request.json, headers={"Accept": request.accept}
            )
        headers = {
            "Accept": request.accept,
            "Content-Type": "application/json",
            "Content-Length": str(request.upload.size),
        }
        return self._http.build_request(
            request.method, request.url, content=request.upload.blocks(), headers=headers
        )

    def _build_form(self, request: ApiRequest, form: MultipartForm) -> httpx.Request:
        file = (form.filename, BytesIO(form.file), form.media_type)
        return self._http.build_request(
            request.method,
            request.url,
            data=form.fields,
            files={"file": file},
            headers={"Accept": request.accept},
        )

    def _refuse_encoding(self, response: httpx.Response) -> None:
        """What was not asked for would pass undecoded for what was."""
        told = response.headers.get("content-encoding", "").lower().split(",")
        unknown = {one.strip() for one in told} - {*_ENCODINGS, "identity", ""}
        if unknown:
            named = error_mapping.shown(", ".join(sorted(unknown)))
            raise NetworkError(
                f"{self.endpoint.host} answered in an encoding that nobody asked for: {named}",
                status=response.status_code,
                trace_id=response.headers.get("x-trace-id"),
            )

    def _unanswered(
        self, error: httpx.HTTPError | httpx.InvalidURL | UnicodeError, request: ApiRequest
    ) -> _AttemptFailed:
        failure = error_mapping.error_for_transport(
            error, self.endpoint.host, self.endpoint.timeout
        )
        failure.not_processed = isinstance(error, _NEVER_SENT)
        lost = isinstance(error, httpx.TransportError)
        return _AttemptFailed(failure, failure.not_processed or (lost and request.retry.unanswered))

    def _refusal(self, response: httpx.Response, request: ApiRequest) -> _AttemptFailed:
        status, trace_id = response.status_code, response.headers.get("x-trace-id")
        try:
            if response.is_redirect:
                return _AttemptFailed(self._redirected(response), retry=False)
            complaint = error_mapping.parse_error_body(_beginning_of(response))
        finally:
            response.close()
        failure = error_mapping.error_for_status(status, complaint, self.endpoint, trace_id)
        failure.not_processed = 400 <= status < 500 and status != 408
        retry = status in request.retry.statuses and not error_mapping.is_moderation(complaint)
        return _AttemptFailed(failure, retry, retry_after(response.headers.get("retry-after")))

    def _redirected(self, response: httpx.Response) -> StepcliError:
        return NetworkError(
            f"{self.endpoint.host} answered with a redirect, which a key does not follow",
            hint="check --base-url",
            status=response.status_code,
            trace_id=response.headers.get("x-trace-id"),
        )

    def _wait(self, attempt: int, refused: _AttemptFailed) -> None:
        seconds = pause(attempt, refused.after)
        self._tell(
            f"{refused.failure.message}; {_asked(refused.after)}"
            f"trying again in {seconds:.1f} s ({attempt} of {self.endpoint.retries})"
        )
        if refused.failure.status == TOO_FAST:
            self._throttle.too_fast(seconds)
        else:
            self._sleep(seconds)

    def _sleep(self, seconds: float) -> None:
        if seconds and self._closed.wait(seconds):
            raise NetworkError("the connection was given up")


def _pool(service: Endpoint) -> httpx.Client:
    """Return connections to ``service``. Raise UsageError for a proxy that cannot be used."""
    encrypted = service.plan.encrypted
    certificates = trusted_certificates() if encrypted else no_certificates()
    try:
        return httpx.Client(
            transport=HTTPTransport(certificates, proxy_for(service.plan)),
            headers={
                "Authorization": f"Bearer {service.key}",
                "User-Agent": f"stepcli/{__version__}",
                "Accept-Encoding": ", ".join(_ENCODINGS),
            },
            timeout=httpx.Timeout(service.timeout, connect=CONNECT_TIMEOUT, pool=None),
            trust_env=False,
        )
    except ImportError as exc:
        raise error_mapping.error_for_proxy(exc) from exc


class _AttemptFailed(Exception):
    """An attempt that brought no answer: its failure, whether to try again and after how long."""

    def __init__(self, failure: StepcliError, retry: bool, after: float | None = None) -> None:
        super().__init__(failure.message)
        self.failure = failure
        self.retry = retry
        self.after = after


def _asked(after: float | None) -> str:
    if after is None or after <= LONGEST_PAUSE:
        return ""
    return f"it asks for a wait of {after:.0f} s, longer than stepcli waits; "


def _beginning_of(response: httpx.Response) -> str:
    """The first part of an error's body, as much as arrives while there is patience for it."""
    body, begun = b"", monotonic()
    try:
        for block in response.iter_bytes():
            body += block
            late = monotonic() - begun > _PATIENCE_WITH_COMPLAINTS
            if late or len(body) >= _LARGEST_COMPLAINT:
                break
    except httpx.HTTPError:
        pass
    return body[:_LARGEST_COMPLAINT].decode(errors="replace")


def _log_request(request: httpx.Request) -> None:
    if log.isEnabledFor(logging.DEBUG):
        log.debug("> %s %s", request.method, request.url)
        for name, value in request.headers.items():
            log.debug("> %s: %s", name, value)


def _log_response(response: httpx.Response) -> None:
    if log.isEnabledFor(logging.DEBUG):
        log.debug("< %d %s", response.status_code, response.reason_phrase)
        for name, value in response.headers.items():
            log.debug("< %s: %s", name, value)
