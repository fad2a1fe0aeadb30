"""Error responses: statuses, redirects, and error bodies."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

from tests.faults.wire.answers import bare, endless, raw, reset, status, unsized
from tests.faults.wire.fault import (
    AUTH,
    CONTENT,
    KEY,
    NETWORK,
    QUOTA,
    SPELLINGS,
    TIMEOUT,
    USAGE,
    Fault,
)
from tests.faults.wire.values import DEEP, NESTED, error
from tests.support.fake_service import Answer, Http
from tests.support.raw_server import Request


def statuses() -> Iterator[Fault]:
    """Return every status of the table and unusual ones."""
    codes = {
        400: USAGE, 401: AUTH, 402: QUOTA, 403: AUTH, 404: USAGE, 405: USAGE, 408: TIMEOUT,
        409: USAGE, 410: USAGE, 413: USAGE, 415: USAGE, 418: USAGE, 422: USAGE, 429: QUOTA,
        431: USAGE, 451: CONTENT, 499: USAGE, 500: NETWORK, 501: NETWORK, 502: NETWORK,
        503: NETWORK, 504: NETWORK, 505: NETWORK, 511: NETWORK, 529: NETWORK, 599: NETWORK,
        777: NETWORK,
    }  # fmt: skip
    again = {429: "429", 503: "503", 500: "5xx", 502: "5xx", 504: "5xx"}
    for number, code in codes.items():
        line = f"{number} Something"
        yield Fault(str(number), code, again.get(number, "never"), status(line), says=f"({number})")


def redirects(elsewhere: str) -> Iterator[Fault]:
    """Return redirects to another host and to nowhere."""
    for number in (300, 301, 302, 303, 307, 308):
        line = f"{number} Elsewhere"
        yield Fault(f"{number}", NETWORK, http=status(line, Location=f"{elsewhere}/v1/models"))
    yield Fault("304", NETWORK, http=bare("304 Not Modified"))
    yield Fault("307-without-location", NETWORK, http=status("307 Elsewhere"))
    for name, location in {
        "port": "http://127.0.0.1:99999/", "bracket": "http://[::1", "empty": "", "scheme": "x:y",
        "long": "http://" + "a" * 300 + ".example/", "dots": "http://a..b/", "slashes": "//",
        "file": "file:///etc/passwd", "latin": "http://\xff/", "control": "/\x1b[2J",
    }.items():  # fmt: skip
        http = _redirect_bytes(location)
        yield Fault(f"302-{name}", NETWORK, "any", http)


def _redirect_bytes(location: str) -> Http:
    head = f"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nConnection: close\r\nLocation: {location}"
    return raw(head.encode("latin-1") + b"\r\n\r\n")


def complaints() -> Iterator[Fault]:
    """Return faults in error bodies."""
    refused = "400 Bad Request"
    bodies = {
        "empty": b"", "words": b"plain words", "string": b'"a string"', "null": b"null",
        "array": b"[1]", "html": b"<!doctype html><h1>no</h1>", "bytes": b"\xff\xfe\0\x01",
        "deep": DEEP, "truncated": b'{"error": {"message": "half',
        "types": error(message=7, type=["x"], code={"a": 1}),
        "nested": error(message="m", type=NESTED, code=NESTED),
        "surrogate": b'{"error": {"message": "\\ud83d half", "code": "\\udfff"}}',
        "huge-number": b'{"error": {"message": "n", "code": ' + b"9" * 4000 + b"}}",
        "huge-code": error(message="long", code="c" * 100_000),
        "large": error(message="x" * 1_000_000),
        "escapes": error(message="\x1b]0;owned\x07\x1b[2J\x9b31m\u202e end\r\nhint: rm -rf /"),
        "key": error(message=f"bad key {KEY}!", type=KEY, code=KEY),
        "escaped-key": error(message=f"bad key {KEY}").replace(b"/", b"\\/"),
        "unicode-key": error(message="bad ").replace(
            b"bad ", b"".join(b"\\u%04x" % ord(one) for one in f"bad {KEY}")),
        "key-at-the-edge": error(message="x" * 480 + KEY),
    }  # fmt: skip
    for name, body in bodies.items():
        yield Fault(f"400-{name}", USAGE, http=status(refused, body))
    yield Fault("400-trace-key", USAGE, http=status(refused, X_Trace_Id=KEY, X_Echo=KEY))
    for name, spelling in SPELLINGS.items():
        body = error(message=f"no {spelling}", type=spelling)
        http = status(f"400 No {spelling}", body, X_Trace_Id=spelling, X_Echo=spelling)
        yield Fault(f"400-{name}-key", USAGE, http=http)
    censored = error(message="no", type="censorship_block")
    yield Fault("400-censored", CONTENT, http=status(refused, censored))
    yield Fault("500-censored", CONTENT, http=status("500 Oops", censored))
    yield Fault("400-drip", USAGE, http=_dripping_complaint)
    yield Fault("400-endless", USAGE, http=endless(lambda _: unsized(_REFUSAL), lambda _: b"x"))
    yield Fault("400-gzip-garbage", USAGE, http=status(refused, b"junk", Content_Encoding="gzip"))
    yield Fault("400-cut", USAGE, http=raw(_REFUSAL.head(length=500) + b'{"error'))
    yield Fault("413-early", USAGE, http=_early_refusal)
    for name, value in {
        "soon": "soon", "past": "Wed, 21 Oct 2015 07:28:00 GMT", "minus": "-5", "nan": "nan",
        "far": "Wed, 21 Oct 99999999999999999999 07:28:00 GMT",
        "zone": "Wed, 21 Oct 2015 07:28:00 +99999999999",
    }.items():  # fmt: skip
        wanted = Answer(b"", status="429 Slow down", headers=(("Retry-After", value),))
        yield Fault(f"429-after-{name}", QUOTA, "429", raw(wanted.whole))
    for name, seconds, again in (("hour", "3600", "never"), ("33-s", "33", "429")):
        wanted = Answer(b"", status="429 Slow down", headers=(("Retry-After", seconds),))
        yield Fault(f"429-after-{name}", QUOTA, again, raw(wanted.whole), slow=again != "never")


def _dripping_complaint(connection: socket.socket, _request: Request, _good: Answer) -> None:
    connection.sendall(unsized(Answer(b"", status="400 Bad Request")))
    while True:
        connection.sendall(b"x")
        time.sleep(0.1)


def _early_refusal(connection: socket.socket, _request: Request, _good: Answer) -> None:
    """Return a refusal after which the connection is closed."""
    refusal = Answer(b'{"error": {"message": "too large"}}', status="413 Payload Too Large")
    connection.sendall(refusal.whole)
    reset(connection)


_REFUSAL = Answer(b"", status="400 Bad Request")
