"""The HTTP client: authentication, retries, and errors of this program instead of httpx's."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from itertools import chain
from time import monotonic
from types import TracebackType
from typing import Any, Self

from stepcli import __version__
from stepcli.errors import NetworkError, QuotaError, StepcliError

# httpx imports its own command line, with rich and pygments, wherever click is installed. Without
# them, the import takes 81 instead of 354 ms (measured).
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]

import httpx  # noqa: E402

from stepcli.api import service_errors, transport_errors  # noqa: E402
from stepcli.api.certificates import no_certificates, trusted_certificates  # noqa: E402
from stepcli.api.content_encoding import decoded, parse_encodings  # noqa: E402
from stepcli.api.early_connection import connect_early  # noqa: E402
from stepcli.api.endpoint import Endpoint  # noqa: E402
from stepcli.api.http_transport import HTTPTransport  # noqa: E402
from stepcli.api.network import proxy_for  # noqa: E402
from stepcli.api.retry import (  # noqa: E402
    BILLED,
    LONGEST_WAIT,
    AttemptFailed,
    RateLimiter,
    RequestLimit,
    RetryPolicy,
    delay_after,
    retry_after,
)
from stepcli.api.traffic import log_request, model_in, recorded, traffic  # noqa: E402
from stepcli.settings import CONNECT_TIMEOUT  # noqa: E402

TOO_MANY_REQUESTS = 429
_COMPLETE = frozenset({200, 201, 203, 204})
"""The statuses of success. 206 is none of them: no request asks for a range."""

_PRODUCED_BEFORE_SENDING = 128 * 1024
"""Bytes of an upload: 20 s of sound, which are encoded in 16 ms."""

_LARGEST_ERROR_BODY = 64 * 1024
_ERROR_BODY_SECONDS = 2.0
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)


@dataclass(frozen=True, slots=True)
class StreamedBody:
    """A request body of known `size` in bytes, produced afresh for every attempt.

    `json` is the body without its sound, for the log.
    """

    size: int
    blocks: Callable[[], Iterator[bytes]]
    json: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class MultipartForm:
    """A multipart form: text `fields`, and one `file` under the name of `file`."""

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
    """Sends requests to one service. Use as a context manager; safe to share between threads.

    `notify` gets a sentence each time a request has to wait and be sent again. `limit` learns from
    answers and refusals how many requests the service accepts at a time.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        notify: Callable[[str], None] = lambda _: None,
        limit: RequestLimit | None = None,
    ) -> None:
        self.endpoint = endpoint
        self._notify = notify
        self._limit = limit or RequestLimit()
        self._limiter = RateLimiter()
        self._transport = _transport(endpoint)
        self._http = _http_client(endpoint, self._transport)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._limit.cancel()
        self._http.close()

    def connect_ahead(self) -> None:
        """Begin to connect, unless a connection is ready, for a request that will follow soon."""
        if not self._transport.is_connected and proxy_for(self.endpoint.plan) is None:
            connect_early(self.endpoint.plan)

    @contextmanager
    def open(self, request: ApiRequest) -> Iterator[httpx.Response]:
        """Yield the successful response to `request`, its body not yet read.

        Raise an error of `stepcli.errors`, after the retries that `request.retry` and the endpoint
        allow. Errors while the body is read are raised likewise.
        """
        response = self._send(request)
        trace_id = response.headers.get("x-trace-id")
        try:
            self._undo_encoding(response)
            with transport_errors.mapped_errors(
                self.endpoint.host, self.endpoint.timeout, trace_id
            ):
                yield response
            self._limit.succeeded()
        finally:
            response.close()

    def wait_to_repeat(self, attempt: int, refusal: QuotaError) -> None:
        """Wait after the 429 that an event reports to attempt number `attempt` at a request.

        Raise it if the endpoint allows no further attempt.
        """
        refused = AttemptFailed(refusal, retry=True)
        self._slow_down(refused)
        self._wait(attempt, refused)

    def _send(self, request: ApiRequest) -> httpx.Response:
        attempt, refusal = 1, None
        while True:
            try:
                self._sleep(self._limiter.reserve(), refusal)
                return self._attempt(request)
            except AttemptFailed as failed:
                if failed.failure.status == TOO_MANY_REQUESTS:
                    self._slow_down(failed)
                self._wait(attempt, failed)
                refusal = failed.failure
            attempt += 1

    def _attempt(self, request: ApiRequest) -> httpx.Response:
        try:
            built = self._build(request)
            body = request.json if request.upload is None else request.upload.json
            log_request(built, body)
            traffic.request(model_in(body), int(built.headers.get("content-length", 0)))
            response = self._http.send(built, stream=True)
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as exc:
            raise self._unanswered(exc, request) from exc
        assert isinstance(response.stream, httpx.SyncByteStream)
        response.stream = recorded(response.stream, response)
        if response.status_code in _COMPLETE:
            self._limiter.succeeded()
            return response
        raise self._refused(response, request)

    def _build(self, request: ApiRequest) -> httpx.Request:
        headers, body = {"Accept": request.accept}, dict[str, Any]()
        if form := request.form:
            file = (form.filename, BytesIO(form.file), form.media_type)
            body = {"data": form.fields, "files": {"file": file}}
        elif upload := request.upload:
            headers |= {"Content-Type": "application/json", "Content-Length": str(upload.size)}
            body = {"content": _begun(upload.blocks())}
        elif request.json is not None:
            body = {"json": request.json}
        return self._http.build_request(request.method, request.url, headers=headers, **body)

    def _undo_encoding(self, response: httpx.Response) -> None:
        try:
            _decode(response)
        except ValueError as exc:
            raise NetworkError(
                f"{self.endpoint.host} uses an unsupported Content-Encoding: "
                f"{service_errors.shown(str(exc))}",
                status=response.status_code,
                trace_id=response.headers.get("x-trace-id"),
            ) from exc

    def _unanswered(
        self, error: httpx.HTTPError | httpx.InvalidURL | UnicodeError, request: ApiRequest
    ) -> AttemptFailed:
        failure = transport_errors.error_for_transport(
            error, self.endpoint.host, self.endpoint.timeout
        )
        failure.not_processed = isinstance(error, _NEVER_SENT)
        lost = isinstance(error, httpx.TransportError)
        repeatable = failure.not_processed or (lost and request.retry.unanswered)
        permanent = transport_errors.is_untrusted_certificate(error)
        return AttemptFailed(failure, retry=repeatable and not permanent)

    def _refused(self, response: httpx.Response, request: ApiRequest) -> AttemptFailed:
        status, headers = response.status_code, response.headers
        trace_id = headers.get("x-trace-id")
        try:
            if response.is_redirect:
                failure = transport_errors.redirected(self.endpoint.host, status, trace_id)
                return AttemptFailed(failure, retry=False)
            details = service_errors.parse_error_body(_error_body(response))
        finally:
            response.close()
        base = self.endpoint.base_of(request.url)
        refused = service_errors.error_for_status(status, details, base, trace_id)
        refused.not_processed = 400 <= status < 500 and status != 408
        effective = service_errors.effective_status(status, details)
        return AttemptFailed(
            refused,
            retry={status, effective} <= request.retry.statuses,
            after=retry_after(headers.get("retry-after"), headers.get("date")),
        )

    def _wait(self, attempt: int, failed: AttemptFailed) -> None:
        """Wait before another attempt. Raise the failure if there is none."""
        retries = self.endpoint.retries
        seconds = delay_after(failed, attempt, retries)
        message = f"{failed.failure.message}; trying again in {seconds:.1f} s"
        self._notify(f"{message} ({attempt} of {retries})")
        self._sleep(seconds, failed.failure)
        self._limit.resume()

    def _slow_down(self, refused: AttemptFailed) -> None:
        """Send fewer requests at a time, and none during the pause that the service asks for."""
        pause = refused.after or 0.0
        pause = pause if pause <= LONGEST_WAIT else 0.0
        self._limiter.throttled(pause, alone=self._limit.refused(pause))

    def _sleep(self, seconds: float, refusal: StepcliError | None) -> None:
        """Wait before a request. Raise its `refusal` if it must not be sent any more."""
        if not self._limit.wait(seconds):
            raise refusal or NetworkError("the request was cancelled")


def _begun(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """Return `blocks`, the first of them produced now.

    Encoding the beginning of a recording, or all of a short one, then takes none of the time after
    the connection is made.
    """
    first, size = [], 0
    for block in blocks:
        first.append(block)
        size += len(block)
        if size >= _PRODUCED_BEFORE_SENDING:
            break
    return chain(first, blocks)


def _transport(endpoint: Endpoint) -> HTTPTransport:
    """Return connections to `endpoint`. Raise UsageError for a proxy that cannot be used."""
    encrypted = endpoint.plan.encrypted
    certificates = trusted_certificates() if encrypted else no_certificates()
    try:
        return HTTPTransport(certificates, proxy_for(endpoint.plan))
    except ImportError as exc:
        raise transport_errors.error_for_proxy(exc) from exc


def _http_client(endpoint: Endpoint, transport: HTTPTransport) -> httpx.Client:
    return httpx.Client(
        transport=transport,
        headers={
            "Authorization": f"Bearer {endpoint.key}",
            "User-Agent": f"stepcli/{__version__}",
            "Accept-Encoding": "identity",
        },
        timeout=httpx.Timeout(endpoint.timeout, connect=CONNECT_TIMEOUT, pool=None),
        trust_env=False,
    )


class _DecodedStream(httpx.SyncByteStream):
    """The body of a response with its content encodings undone."""

    def __init__(self, encoded: httpx.SyncByteStream, encodings: list[str]) -> None:
        self._encoded = encoded
        self._encodings = encodings

    def __iter__(self) -> Iterator[bytes]:
        return decoded(self._encoded, self._encodings)

    def close(self) -> None:
        self._encoded.close()


def _decode(response: httpx.Response) -> None:
    """Let `response` yield its decoded body. Raise ValueError for an unsupported encoding."""
    encodings = parse_encodings(response.headers.get("content-encoding", ""))
    if encodings:
        assert isinstance(response.stream, httpx.SyncByteStream)
        response.stream = _DecodedStream(response.stream, encodings)
    response.headers.pop("content-encoding", None)


def _error_body(response: httpx.Response) -> str:
    """Return the beginning of an error body, as far as it arrives soon."""
    body, begun = b"", monotonic()
    try:
        _decode(response)
        for block in response.iter_bytes():
            body += block
            late = monotonic() - begun > _ERROR_BODY_SECONDS
            if late or len(body) >= _LARGEST_ERROR_BODY:
                break
    except (httpx.HTTPError, ValueError):  # an incomplete body is better than none
        pass
    return body[:_LARGEST_ERROR_BODY].decode(errors="replace")
