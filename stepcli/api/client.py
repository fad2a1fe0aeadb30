"""One connection pool to one service: authorises, sends, tries again, blames in our words."""

from __future__ import annotations

import logging
import os
import ssl
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
from stepcli.errors import NetworkError, StepcliError, UsageError

# httpx imports its own command line, with rich and pygments, wherever click is installed.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]

import httpx  # noqa: E402

from stepcli.api import error_mapping  # noqa: E402
from stepcli.api.retry import (  # noqa: E402
    LONGEST_PAUSE,
    PAID,
    Again,
    Throttle,
    pause,
    retry_after,
)
from stepcli.api.service import CONNECT_TIMEOUT, Service  # noqa: E402

log = logging.getLogger("stepcli.wire")

TOO_FAST = 429
_LARGEST_COMPLAINT = 64 * 1024
_PATIENCE_WITH_COMPLAINTS = 2.0
_ENCODINGS = ("gzip", "deflate")
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)


@dataclass(frozen=True, slots=True)
class Upload:
    """A request body of known ``size`` in bytes, produced afresh for every attempt."""

    size: int
    blocks: Callable[[], Iterator[bytes]]


@dataclass(frozen=True, slots=True)
class Form:
    """A multipart form: text ``fields``, and one ``file`` under the name of ``file``."""

    fields: Mapping[str, str]
    filename: str
    media_type: str
    file: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Call:
    """One request: what to send where, and when it may be sent again."""

    method: str
    url: str
    json: Mapping[str, Any] | None = None
    upload: Upload | None = None
    form: Form | None = None
    accept: str = "*/*"
    again: Again = PAID


class Client:
    """Sends calls. Use as a context manager; safe to share between threads.

    ``tell`` hears one sentence each time a call has to wait and be tried again.
    """

    def __init__(self, service: Service, tell: Callable[[str], None] = lambda _: None) -> None:
        self.service = service
        self._tell = tell
        self._closed = threading.Event()
        self._throttle = Throttle()
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
    def open(self, call: Call) -> Iterator[httpx.Response]:
        """The successful answer to ``call``, its body not yet read.

        Raises the error of errors.py that fits: after the retries that ``call.again`` and the
        service's settings allow, or at once. Failures while the body is read surface the same way.
        """
        response = self._answered(call)
        trace_id = response.headers.get("x-trace-id")
        try:
            self._refuse_encoding(response)
            with error_mapping.translated(self.service.host, self.service.timeout, trace_id):
                yield response
        finally:
            response.close()

    def masked(self, text: str) -> str:
        """``text`` without the key, should a server have echoed it."""
        return self.service.masked(text)

    def _answered(self, call: Call) -> httpx.Response:
        attempt = 1
        while True:
            try:
                return self._attempt(call)
            except _Refused as refused:
                if attempt > self.service.retries or not refused.again:
                    raise refused.failure from refused.__cause__
                self._wait(attempt, refused)
            attempt += 1

    def _attempt(self, call: Call) -> httpx.Response:
        self._sleep(self._throttle.turn())
        try:
            request = self._request(call)
            _log_request(request)
            response = self._http.send(request, stream=True)
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as exc:
            raise self._unanswered(exc, call) from exc
        self._forget_key(response)
        _log_response(response)
        if response.is_success:
            self._throttle.went_well()
            return response
        raise self._refusal(response, call)

    def _request(self, call: Call) -> httpx.Request:
        if call.form is not None:
            return self._filled_in(call, call.form)
        if call.upload is None:
            return self._http.build_request(
                call.method, call.url, json=call.json, headers={"Accept": call.accept}
            )
        headers = {
            "Accept": call.accept,
            "Content-Type": "application/json",
            "Content-Length": str(call.upload.size),
        }
        return self._http.build_request(
            call.method, call.url, content=call.upload.blocks(), headers=headers
        )

    def _filled_in(self, call: Call, form: Form) -> httpx.Request:
        file = (form.filename, BytesIO(form.file), form.media_type)
        return self._http.build_request(
            call.method,
            call.url,
            data=form.fields,
            files={"file": file},
            headers={"Accept": call.accept},
        )

    def _forget_key(self, response: httpx.Response) -> None:
        """A server may echo what it was sent; its headers are logged, and told as a trace id."""
        for name, value in response.headers.items():
            if self.service.key in value:
                response.headers[name] = self.masked(value)

    def _refuse_encoding(self, response: httpx.Response) -> None:
        """What was not asked for would pass undecoded for what was."""
        told = response.headers.get("content-encoding", "").lower().split(",")
        unknown = {one.strip() for one in told} - {*_ENCODINGS, "identity", ""}
        if unknown:
            named = error_mapping.shown(", ".join(sorted(unknown)), self.masked)
            raise NetworkError(
                f"{self.service.host} answered in an encoding that nobody asked for: {named}",
                status=response.status_code,
                trace_id=response.headers.get("x-trace-id"),
            )

    def _unanswered(
        self, error: httpx.HTTPError | httpx.InvalidURL | UnicodeError, call: Call
    ) -> _Refused:
        failure = error_mapping.of_transport(error, self.service.host, self.service.timeout)
        failure.undone = isinstance(error, _NEVER_SENT)
        lost = isinstance(error, httpx.TransportError)
        return _Refused(failure, failure.undone or (lost and call.again.unanswered))

    def _refusal(self, response: httpx.Response, call: Call) -> _Refused:
        status, trace_id = response.status_code, response.headers.get("x-trace-id")
        try:
            if response.is_redirect:
                return _Refused(self._redirected(response), again=False)
            complaint = error_mapping.read_complaint(_beginning_of(response))
        finally:
            response.close()
        failure = error_mapping.of_status(status, complaint, self.service, trace_id)
        failure.undone = 400 <= status < 500 and status != 408
        again = status in call.again.statuses and not error_mapping.is_moderation(complaint)
        return _Refused(failure, again, retry_after(response.headers.get("retry-after")))

    def _redirected(self, response: httpx.Response) -> StepcliError:
        return NetworkError(
            f"{self.service.host} answered with a redirect, which a key does not follow",
            hint="check --base-url",
            status=response.status_code,
            trace_id=response.headers.get("x-trace-id"),
        )

    def _wait(self, attempt: int, refused: _Refused) -> None:
        seconds = pause(attempt, refused.after)
        self._tell(
            f"{refused.failure.message}; {_asked(refused.after)}"
            f"trying again in {seconds:.1f} s ({attempt} of {self.service.retries})"
        )
        if refused.failure.status == TOO_FAST:
            self._throttle.too_fast(seconds)
        else:
            self._sleep(seconds)

    def _sleep(self, seconds: float) -> None:
        if seconds and self._closed.wait(seconds):
            raise NetworkError("the connection was given up")


def trust() -> ssl.SSLContext:
    """The certificates that a client believes: the user's if named, else certifi's.

    Raises UsageError where ``SSL_CERT_FILE`` names none.
    """
    try:
        return httpx.create_ssl_context()
    except OSError as exc:
        raise UsageError(
            f"SSL_CERT_FILE names no certificates: {os.environ.get('SSL_CERT_FILE')}"
        ) from exc


def _pool(service: Service) -> httpx.Client:
    """Connections to ``service``. Raises UsageError for a proxy that cannot be used."""
    # Plain http is allowed to this machine alone: no TLS to set up, no proxy to cross.
    encrypted = service.plan.startswith("https:")
    verify = trust() if encrypted else False
    try:
        return httpx.Client(
            headers={
                "Authorization": f"Bearer {service.key}",
                "User-Agent": f"stepcli/{__version__}",
                "Accept-Encoding": ", ".join(_ENCODINGS),
            },
            timeout=httpx.Timeout(service.timeout, connect=CONNECT_TIMEOUT, pool=None),
            verify=verify,
            trust_env=encrypted,
        )
    except (ImportError, ValueError, httpx.InvalidURL) as exc:
        raise error_mapping.of_proxy(exc) from exc


class _Refused(Exception):
    """An attempt that brought no answer: its failure, whether to try again and after how long."""

    def __init__(self, failure: StepcliError, again: bool, after: float | None = None) -> None:
        super().__init__(failure.message)
        self.failure = failure
        self.again = again
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
            log.debug("> %s: %s", name, "***" if name == "authorization" else value)


def _log_response(response: httpx.Response) -> None:
    if log.isEnabledFor(logging.DEBUG):
        log.debug("< %d %s", response.status_code, response.reason_phrase)
        for name, value in response.headers.items():
            log.debug("< %s: %s", name, value)
