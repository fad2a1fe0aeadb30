"""Downloads from a local server: redirects, ranges, cuts, limits; never the API key."""

from __future__ import annotations

import io
import re
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import httpx
import pytest

from stepcli.api.download import DownloadEvents, _target, download
from stepcli.api.file_url import DownloadLimits, FileURL
from stepcli.api.retry import AttemptFailed
from stepcli.errors import (
    NetworkError,
    QuotaError,
    ServiceTimeoutError,
    StepcliError,
    UsageError,
)
from tests.support.raw_server import RawServer, Request, raw_server

CONTENTS = bytes(range(256)) * 400
TAG = 'ETag: "one"'
LIMITS = DownloadLimits(1_000_000, 60, 5, 3)


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stepcli.api.retry.retry_delay", lambda _attempt, _after: 0.0)


@dataclass
class _Recorder:
    sizes: list[tuple[int, int | None]] = field(default_factory=list)
    heads: list[bytes] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def events(self) -> DownloadEvents:
        return DownloadEvents(
            lambda size, total: self.sizes.append((size, total)),
            self.heads.append,
            self.notes.append,
            lambda _seconds: True,
        )


def _fetched(url: str, recorder: _Recorder | None = None, limits: DownloadLimits = LIMITS) -> bytes:
    parsed = FileURL.parse(url)
    assert parsed
    file = io.BytesIO()
    download(parsed, file, limits, (recorder or _Recorder()).events)
    return file.getvalue()


def _answer(status: str, *headers: str, body: bytes = b"", length: int | None = None) -> bytes:
    size = len(body) if length is None else length
    lines = [f"HTTP/1.1 {status}", *headers, f"Content-Length: {size}", "Connection: close"]
    return "\r\n".join([*lines, "", ""]).encode() + body


Answer = Callable[[Request], bytes]


@contextmanager
def _serving(*answers: bytes | Answer) -> Iterator[RawServer]:
    """Give each answer once, in order, and the last one from then on."""
    waiting = list(answers)

    def respond(connection: socket.socket, request: Request) -> None:
        answer = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        connection.sendall(answer if isinstance(answer, bytes) else answer(request))

    with raw_server(respond) as server:
        yield server


def _rest(request: Request) -> bytes:
    """Answer a request for the rest of the contents."""
    start = int(re.fullmatch(r"bytes=(\d+)-", request.headers["range"])[1])  # type: ignore[index]
    span = f"Content-Range: bytes {start}-{len(CONTENTS) - 1}/{len(CONTENTS)}"
    return _answer("206 Partial Content", TAG, span, body=CONTENTS[start:])


def test_contents_are_written_and_reported() -> None:
    recorder = _Recorder()
    with _serving(_answer("200 OK", body=CONTENTS)) as server:
        assert _fetched(f"{server.origin}/a.wav", recorder) == CONTENTS
    assert recorder.sizes[-1] == (len(CONTENTS), len(CONTENTS))
    assert recorder.heads == [CONTENTS[:4096]]


def test_request_has_no_key_and_the_credentials_of_the_url_only() -> None:
    with _serving(_answer("200 OK", body=b"x")) as server:
        _fetched(f"{server.origin}/a?b=c")
        _fetched(server.origin.replace("//", "//me:password@") + "/a")
    first, second = (request.headers for request in server.requests)
    assert "authorization" not in first
    assert second["authorization"].startswith("Basic ")


def test_redirects_are_followed_without_credentials() -> None:
    with _serving(_answer("200 OK", body=b"sound")) as target:
        redirect = _answer("302 Found", f"Location: {target.origin}/b")
        relative = _answer("301 Moved", "Location: /a")
        with _serving(relative, redirect) as server:
            url = server.origin.replace("//", "//me:password@")
            assert _fetched(url) == b"sound"
    assert [request.target for request in server.requests] == ["/", "/a"]
    assert "authorization" not in target.requests[0].headers


@pytest.mark.parametrize(
    ("location", "message"),
    [
        ("/", "redirects too many times"),
        ("file:///etc/passwd", "redirects to file"),
        ("ftp://example.org/a", "redirects to ftp"),
    ],
)
def test_endless_or_foreign_redirect_is_a_network_error(location: str, message: str) -> None:
    with (
        _serving(_answer("302 Found", f"Location: {location}")) as server,
        pytest.raises(NetworkError, match=message),
    ):
        _fetched(server.origin)
    assert len(server.requests) <= 11


def test_encryption_is_not_given_up_by_a_redirect() -> None:
    request = httpx.Request("GET", "https://example.org/a")
    response = httpx.Response(302, headers={"Location": "http://example.org/a"}, request=request)
    with pytest.raises(AttemptFailed, match="without encryption"):
        _target(response)


def test_download_that_is_cut_off_is_resumed() -> None:
    cut = _answer("200 OK", TAG, body=CONTENTS[:5000], length=len(CONTENTS))
    recorder = _Recorder()
    with _serving(cut, _rest) as server:
        assert _fetched(server.origin, recorder) == CONTENTS
    assert server.requests[1].headers["range"] == "bytes=5000-"
    assert server.requests[1].headers["if-range"] == '"one"'
    assert len(recorder.notes) == 1


@pytest.mark.parametrize("tag", ["Accept-Ranges: bytes", 'ETag: W/"weak"'])
def test_download_without_a_validator_begins_again(tag: str) -> None:
    cut = _answer("200 OK", tag, body=b"old contents", length=len(CONTENTS))
    with _serving(cut, _answer("200 OK", body=CONTENTS)) as server:
        assert _fetched(server.origin) == CONTENTS
    assert "range" not in server.requests[1].headers


def test_contents_that_changed_meanwhile_are_not_mixed() -> None:
    cut = _answer("200 OK", TAG, body=b"old contents", length=len(CONTENTS))
    with _serving(cut, _answer("200 OK", 'ETag: "two"', body=CONTENTS)) as server:
        assert _fetched(server.origin) == CONTENTS


@pytest.mark.parametrize("status", ["206 Partial Content", "416 Range Not Satisfiable"])
def test_wrong_range_begins_again(status: str) -> None:
    cut = _answer("200 OK", TAG, body=CONTENTS[:5000], length=len(CONTENTS))
    wrong = _answer(status, "Content-Range: bytes 0-3/4", body=b"abcd")
    with _serving(cut, wrong, _answer("200 OK", body=CONTENTS)) as server:
        assert _fetched(server.origin) == CONTENTS


def test_compressed_contents_are_decoded() -> None:
    import gzip

    body = gzip.compress(CONTENTS)
    with _serving(_answer("200 OK", "Content-Encoding: gzip", body=body)) as server:
        assert _fetched(server.origin) == CONTENTS


@pytest.mark.parametrize(
    ("answer", "error", "requests"),
    [
        (_answer("404 Not Found"), UsageError, 1),
        (_answer("403 Forbidden"), UsageError, 1),
        (_answer("429 Too Many Requests"), QuotaError, 4),
        (_answer("503 Unavailable"), NetworkError, 4),
        (_answer("200 OK", body=b"x", length=9), NetworkError, 4),
        (b"not HTTP\r\n\r\n", NetworkError, 4),
        (_answer("200 OK", "Content-Encoding: br", body=b"x"), NetworkError, 1),
    ],
)
def test_failure_has_its_class_and_number_of_attempts(
    answer: bytes, error: type[StepcliError], requests: int
) -> None:
    with _serving(answer) as server, pytest.raises(error) as caught:
        _fetched(server.origin)
    assert len(server.requests) == requests
    assert "--base-url" not in (caught.value.hint or "")


@pytest.mark.parametrize("length", [None, 0])
def test_size_is_limited(length: int | None) -> None:
    """With a length and without one."""
    answer = _answer("200 OK", body=CONTENTS)
    if length == 0:
        answer = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + CONTENTS
    limits = DownloadLimits(10_000, 60, 5, 3)
    with _serving(answer) as server, pytest.raises(UsageError, match=r"larger than 0\.01 MB"):
        _fetched(server.origin, limits=limits)


def test_time_is_limited() -> None:
    limits = DownloadLimits(1_000_000, 0.0, 5, 3)
    with (
        _serving(_answer("200 OK", body=CONTENTS)) as server,
        pytest.raises(ServiceTimeoutError, match="not downloaded within"),
    ):
        _fetched(server.origin, limits=limits)


def test_first_bytes_can_end_the_download() -> None:
    def refuse(head: bytes) -> None:
        raise UsageError(head[:6].decode())

    events = replace(_Recorder().events, check=refuse)
    with _serving(_answer("200 OK", body=b"<html>" + CONTENTS)) as server:
        page = FileURL.parse(server.origin)
        assert page
        with pytest.raises(UsageError, match="<html>"):
            download(page, io.BytesIO(), LIMITS, events)


def test_wait_that_is_cancelled_ends_the_download() -> None:
    """With the failure that it waits after."""
    events = replace(_Recorder().events, wait=lambda _seconds: False)
    with _serving(_answer("503 Later"), _answer("200 OK", body=CONTENTS)) as server:
        url = FileURL.parse(server.origin)
        assert url
        with pytest.raises(NetworkError, match="503"):
            download(url, io.BytesIO(), LIMITS, events)
