"""What can go wrong with an answer, as bytes: over HTTP, in its JSON, in its events."""

from __future__ import annotations

import gzip
import json
import re
import socket
import struct
import time
import zlib
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from tests.support.stage import (
    Answer,
    Asked,
    Frames,
    Http,
    WebSocket,
    answer_of,
    speech_events,
    sse,
    transcript_events,
)

USAGE, AUTH, QUOTA, TIMEOUT, NETWORK, CONTENT = 2, 3, 4, 5, 6, 10

KEY = "sk-matrix-0123456789/abcdefghijklmnopqrstuvwxyz=="


@dataclass(frozen=True)
class Fault:
    """``code`` is what it amounts to for a command that needs the answer, 0 for no harm.

    ``again`` is who may ask again after it: ``never`` nobody, ``429`` everybody, ``503`` all but
    cloning, ``5xx`` paid calls and reading, ``unanswered`` reading, ``cut`` a part of a long text,
    ``session`` a realtime session.
    """

    name: str
    code: int
    again: str = "never"
    http: Http | None = None
    frames: Frames | None = None
    at: int = 0
    base: str | None = None
    slow: bool = False
    says: str = ""
    """Words that stderr must have where the code is told."""


def raw(data: bytes) -> Http:
    """Those bytes, then the proper end of the connection."""

    def act(connection: socket.socket, _asked: Asked, _good: Answer) -> None:
        connection.sendall(data)

    return act


def altered(change: Callable[[Answer], Answer]) -> Http:
    """The good answer, changed."""

    def act(connection: socket.socket, _asked: Asked, good: Answer) -> None:
        connection.sendall(change(good).whole)

    return act


def status(line: str, body: bytes | None = None, **headers: str) -> Http:
    """An error with that status line."""
    told = {"error": {"message": f"this is {line}", "type": "request_params_invalid"}}
    body = json.dumps(told).encode() if body is None else body
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return raw(Answer(body, status=line, headers=(("Retry-After", "0"), *named)).whole)


def bare(line: str, *headers: str) -> Http:
    """An answer that has no body by its nature."""
    return raw("\r\n".join([f"HTTP/1.1 {line}", *headers, "Connection: close", "", ""]).encode())


def _reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def _reset_at_once(connection: socket.socket, _asked: Asked, _good: Answer) -> None:
    _reset(connection)


def _reset_underway(connection: socket.socket, _asked: Asked, good: Answer) -> None:
    connection.sendall(good.head() + good.body[: len(good.body) // 2])
    time.sleep(0.05)
    _reset(connection)


def _until_gone(connection: socket.socket) -> None:
    """Say nothing until the client leaves."""
    with suppress(OSError):
        while connection.recv(4096):
            pass


def stalled(size: int | None) -> Http:
    """Silence after so many bytes of the body; None: before any answer."""

    def act(connection: socket.socket, _asked: Asked, good: Answer) -> None:
        if size is not None:
            connection.sendall(good.head() + good.body[:size])
        _until_gone(connection)

    return act


def cut(size: int) -> Http:
    """The proper end of the connection after so many bytes of an announced body."""

    def act(connection: socket.socket, _asked: Asked, good: Answer) -> None:
        connection.sendall(good.head() + good.body[: min(size, len(good.body) - 1)])

    return act


def _dripped(connection: socket.socket, _asked: Asked, good: Answer) -> None:
    whole = good.whole
    size = len(whole) // 12 + 1
    for at in range(0, len(whole), size):
        connection.sendall(whole[at : at + size])
        time.sleep(0.06)


def _chunked(connection: socket.socket, _asked: Asked, good: Answer) -> None:
    connection.sendall(_chunked_head(good))
    for at in range(0, len(good.body), 100):
        part = good.body[at : at + 100]
        connection.sendall(f"{len(part):x};name=value\r\n".encode() + part + b"\r\n")
    connection.sendall(b"0\r\nX-Trailer: yes\r\n\r\n")


def _chunked_head(good: Answer) -> bytes:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {good.kind}\r\nTransfer-Encoding: chunked\r\n"
    return f"{head}X-Trace-Id: trace-1\r\n\r\n".encode()


def chunks(data: bytes) -> Http:
    """Those bytes where chunks belong."""

    def act(connection: socket.socket, _asked: Asked, good: Answer) -> None:
        connection.sendall(_chunked_head(good) + data)

    return act


def endless(head: Callable[[Answer], bytes], block: Callable[[Answer], bytes]) -> Http:
    """The same block until the client leaves."""

    def act(connection: socket.socket, _asked: Asked, good: Answer) -> None:
        connection.sendall(head(good))
        data = block(good)
        data *= 1 + (1 << 20) // len(data)
        while True:
            connection.sendall(data)

    return act


def _unsized(good: Answer) -> bytes:
    return re.sub(rb"Content-Length: \d+\r\n", b"", good.head())


def _dripping_complaint(connection: socket.socket, _asked: Asked, _good: Answer) -> None:
    connection.sendall(_unsized(Answer(b"", status="400 Bad Request")))
    while True:
        connection.sendall(b"x")
        time.sleep(0.1)


def encoded(name: str, encode: Callable[[bytes], bytes]) -> Http:
    """The good body in a content encoding."""
    return altered(
        lambda good: replace(good, body=encode(good.body), headers=(("Content-Encoding", name),))
    )


@cache
def _squeezed(unit: bytes) -> bytes:
    """160 MB of it in less than one."""
    squeeze = zlib.compressobj(1, wbits=31)
    block = unit * (1 << 20)
    return b"".join(squeeze.compress(block) for _ in range(160 // len(unit))) + squeeze.flush()


def _bomb(connection: socket.socket, _asked: Asked, good: Answer) -> None:
    unit = b" " if "json" in good.kind else b"\n:" if "event" in good.kind else b"\0"
    bomb = replace(good, body=_squeezed(unit), headers=(("Content-Encoding", "gzip"),))
    connection.sendall(bomb.whole)


for _unit in (b" ", b"\n:", b"\0"):
    _squeezed(_unit)


def _early_refusal(connection: socket.socket, _asked: Asked, _good: Answer) -> None:
    """Nothing of a connection is left once this was said."""
    refusal = Answer(b'{"error": {"message": "too large"}}', status="413 Payload Too Large")
    connection.sendall(refusal.whole)
    _reset(connection)


def error(**fields: Any) -> bytes:
    return json.dumps({"error": fields}).encode()


_DEEP = b"[" * 100_000
_NESTED = json.loads("[" * 400 + "]" * 400)


def statuses() -> Iterator[Fault]:
    """Every status of the table and odd ones."""
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
    """To another host, and to nowhere."""
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
    """Whatever an error answer carries."""
    refused = "400 Bad Request"
    bodies = {
        "empty": b"", "words": b"plain words", "string": b'"a string"', "null": b"null",
        "array": b"[1]", "html": b"<!doctype html><h1>no</h1>", "bytes": b"\xff\xfe\0\x01",
        "deep": _DEEP, "truncated": b'{"error": {"message": "half',
        "types": error(message=7, type=["x"], code={"a": 1}),
        "nested": error(message="m", type=_NESTED, code=_NESTED),
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
    censored = error(message="no", type="censorship_block")
    yield Fault("400-censored", CONTENT, http=status(refused, censored))
    yield Fault("500-censored", CONTENT, http=status("500 Oops", censored))
    yield Fault("400-drip", USAGE, http=_dripping_complaint)
    yield Fault("400-endless", USAGE, http=endless(lambda _: _unsized(_REFUSAL), lambda _: b"x"))
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


_REFUSAL = Answer(b"", status="400 Bad Request")


def transport() -> Iterator[Fault]:
    """Connections, framing and encodings."""
    unanswered = {
        "reset": _reset_at_once, "closed": raw(b""), "ssh": raw(b"SSH-2.0-OpenSSH_9\r\n"),
        "http-0.9": raw(b"<h1>hello</h1>"), "status-line": raw(b"HTTP/1.1 OK\r\n\r\n"),
        "half-head": raw(b"HTTP/1.1 200 OK\r\nContent-Le"), "100-only": bare("100 Continue"),
        "no-colon": raw(b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n"), "nul": raw(b"\0" * 100),
        "nul-header": raw(b"HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n"), "tls-alert": raw(b"\x15\x03\x01"),
        "huge-header": altered(_with(X_Padding="x" * 300_000)),
        "many-headers": altered(lambda good: replace(good, headers=(("X-A", "b"),) * 20_000)),
        "endless-header": endless(lambda _: b"HTTP/1.1 200 OK\r\nX: ", lambda _: b"x"),
        "minus-length": raw(b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nabc"),
        "two-lengths": raw(b"HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n\r\nabc"),
        "coding": raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: rot13\r\n\r\nabc"),
    }  # fmt: skip
    for name, http in unanswered.items():
        yield Fault(name, NETWORK, "unanswered", http)
    yield Fault("stall", TIMEOUT, "unanswered", stalled(None), says="silent for")
    underway = {
        "cut-0": cut(0), "cut-1": cut(1), "cut-n": cut(1000), "reset-underway": _reset_underway,
        "chunk-garbage": chunks(b"zz\r\nabc\r\n"), "chunk-cut": chunks(b"ff\r\nabc"),
        "chunk-huge": chunks(b"f" * 30 + b"\r\nabc"), "chunk-endless": chunks(b"1" * 200_000),
        "gzip-garbage": encoded("gzip", lambda _: b"this is no gzip"),
        "deflate-garbage": encoded("deflate", lambda _: b"this is no deflate"),
        "gzip-bomb": _bomb,
    }  # fmt: skip
    for name, http in underway.items():
        yield Fault(name, NETWORK, "cut", http)
    yield Fault("stall-underway", TIMEOUT, "cut", stalled(40), says="silent for")
    yield Fault("br", NETWORK, http=encoded("br", lambda body: body))
    yield Fault("101", NETWORK, "any", bare("101 Switching Protocols", "Upgrade: x"))
    harmless = {
        "drip": _dripped, "chunked": _chunked, "gzip": encoded("gzip", gzip.compress),
        "deflate": encoded("deflate", zlib.compress),
        "103": _preceded(b"HTTP/1.1 103 Hints\r\n\r\n"),
        "100-continue": _preceded(b"HTTP/1.1 100 Continue\r\n\r\n" * 3),
        "http-1.0": _rewritten(b"HTTP/1.1 200", b"HTTP/1.0 200"),
        "no-length": _rewritten_length, "garbage-after": _followed(b"HTTP/1.1 garbage \xff\0"),
        "cookies": altered(_with(Set_Cookie='=;;="\xe4; Expires=never; Port="x"; Domain=.')),
        "reason": _rewritten(b"200 OK", b"200 \x1b[31mred"),
    }  # fmt: skip
    for name, http in harmless.items():
        yield Fault(name, 0, http=http)


def _with(**headers: str) -> Callable[[Answer], Answer]:
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return lambda good: replace(good, headers=named)


def _preceded(data: bytes) -> Http:
    def act(connection: socket.socket, _asked: Asked, good: Answer) -> None:
        connection.sendall(data + good.whole)

    return act


def _followed(data: bytes) -> Http:
    def act(connection: socket.socket, _asked: Asked, good: Answer) -> None:
        connection.sendall(good.whole + data)

    return act


def _rewritten(old: bytes, new: bytes) -> Http:
    def act(connection: socket.socket, _asked: Asked, good: Answer) -> None:
        connection.sendall(good.whole.replace(old, new, 1))

    return act


def _rewritten_length(connection: socket.socket, _asked: Asked, good: Answer) -> None:
    connection.sendall(_unsized(good) + good.body)


def contents() -> Iterator[Fault]:
    """Bodies that are something else than what was asked for."""
    page = b"<!doctype html><title>Log in</title><h1>Welcome to this hotel</h1>"
    bodies = {
        "html": (page, "text/html"), "plain": (b"hello", "text/plain; charset=utf-16"),
        "empty": (b"", "application/json"), "empty-html": (b"", "text/html"),
        "json-error": (error(message="why"), "application/json"),
    }  # fmt: skip
    for name, (body, kind) in bodies.items():
        yield Fault(name, NETWORK, http=raw(Answer(body, kind).whole))
    yield Fault("204", NETWORK, "cut", bare("204 No Content"))
    censored = error(message="no", type="censorship_block")
    yield Fault("200-censored", CONTENT, http=raw(Answer(censored).whole))


def endless_bodies() -> Iterator[Fault]:
    """The body again and again."""
    yield Fault("endless", NETWORK, "cut", endless(_unsized, _unfinished))


def _unfinished(good: Answer) -> bytes:
    """Of events the first, of anything else the whole."""
    return good.body.partition(b"\n\n")[0] + b"\n\n" if "event" in good.kind else good.body


def json_bodies(endpoint: str) -> Iterator[Fault]:
    """JSON that is none, and values of the wrong type in every field."""
    good = json.dumps(answer_of(endpoint)).encode()
    bodies = {
        "truncated": good[:-2], "twice": good * 2, "array": b"[]", "string": b'"x"',
        "null": b"null",
        "number": b"7", "deep": _DEEP, "utf-8": good[:-1] + b', "\xff": 1}', "true": b"true",
        "closed-deep": b'{"x": ' + b"[" * 5000 + b"]" * 5000 + b"}",
    }  # fmt: skip
    for name, body in bodies.items():
        yield Fault(f"json-{name}", NETWORK, http=raw(Answer(body).whole))
    harmless = {
        "bom": b"\xef\xbb\xbf" + good, "utf-16": json.dumps(answer_of(endpoint)).encode("utf-16"),
        "nan": good[:-1] + b', "x": NaN, "y": 1e999}', "spaces": b" " * 100_000 + good,
        "duplicate": good[:-1] + b', "x": 1, "x": 2}',
        "huge": good[:-1] + b', "x": 1' + b"0" * 4000 + b"}",
        "surrogate": good[:-1] + b', "x": "\\ud800"}',
    }  # fmt: skip
    for name, body in harmless.items():
        yield Fault(f"json-{name}", 0, http=raw(Answer(body).whole))


VALUES: dict[str, Any] = {
    "null": None, "true": True, "number": 7, "minus": -1, "float": 1.5e308, "blank": "",
    "text": "x!", "array": [], "object": {}, "nested": _NESTED, "surrogate": "\ud800\udfff\ud83d",
    "long": "A" * 100_001, "escape": "\x1b[2J\x9b31m\u202e", "two-numbers": [1, {"a": None}],
    "far": 253402300799, "early": -62135596800,
}  # fmt: skip
MISSING = object()


def placed(value: Any, path: str, new: Any) -> Any:
    """``value`` with ``new`` at ``path``, as in ``data.0.id``; MISSING takes it away."""
    head, _, rest = path.partition(".")
    copy = list(value) if isinstance(value, list) else dict(value)
    at: Any = int(head) if isinstance(copy, list) else head
    if rest:
        copy[at] = placed(copy[at], rest, new)
    elif new is MISSING:
        del copy[at]
    else:
        copy[at] = new
    return copy


def paths(value: Any, before: str = "") -> Iterator[str]:
    """The paths of all that ``value`` holds."""
    items = enumerate(value) if isinstance(value, list) else value.items()
    for name, inner in items:
        yield f"{before}{name}"
        if isinstance(inner, dict | list):
            yield from paths(inner, f"{before}{name}.")


_NEEDED = {"preview": "sample_audio", "clone": "id", "files": "id"}
_IDS = {"number", "minus", "text", "surrogate", "long", "escape", "far", "early"}


def json_fields(endpoint: str) -> Iterator[Fault]:
    good = answer_of(endpoint)
    for path in paths(good):
        for name, value in {**VALUES, "missing": MISSING}.items():
            harmless = path != _NEEDED.get(endpoint) or (endpoint != "preview" and name in _IDS)
            body = json.dumps(placed(good, path, value)).encode()
            code = 0 if harmless and name != "nested" else NETWORK
            again = "any" if (path, value) == ("has_more", True) else "never"
            yield Fault(f"{path}={name}", code, again, raw(Answer(body).whole))


def _stream(body: bytes) -> Http:
    return raw(_unsized(Answer(b"", "text/event-stream")) + body)


def _changed(events: list[Any], number: int, path: str, value: Any) -> bytes:
    changed = list(events)
    changed[number] = placed(changed[number], path, value)
    return sse(*changed)


def transcripts() -> Iterator[Fault]:
    """Streams of recognition."""
    one, two, done = transcript_events()
    failed = {"type": "error", "message": "no more"}
    broken = {
        "no-done": sse(one, two), "nothing": b"", "comments": b": hello\n\n" * 50,
        "done-marker": sse(one, two, "[DONE]"), "marker-first": sse("[DONE]", one, two),
        "error": sse(one, failed), "error-first": sse(failed),
        "error-object": sse(one, {"type": "x", "error": {"message": "m"}}),
        "error-types": sse({"type": "error", "message": [1], "code": {"a": _NESTED}}),
        "error-key": sse({"type": "error", "message": f"bad {KEY}", "code": KEY}),
        "error-escape": sse({"type": "error", "message": "\x1b[2J\x9b31m\nhint: no"}),
        "not-json": sse(one, "this is no JSON"), "half-json": sse(one)[:-20] + b"\n\n",
        "array": sse(one, [1]), "deep": b"data: " + _DEEP + b"\n\n", "number": sse(7),
        "half-event": sse(one) + sse(done)[:-30], "no-blank": sse(one) + b"data: " + b"{",
    }  # fmt: skip
    for name, body in broken.items():
        yield Fault(f"sse-{name}", NETWORK, "cut", _stream(body))
    censored = {"type": "error", "message": "censorship_block: no"}
    yield Fault("sse-censored", CONTENT, http=_stream(sse(one, censored)))
    harmless = {
        "done-only": sse(done), "done-twice": sse(one, two, done, done),
        "after-done": sse(one, two, done, failed, "junk", one),
        "delta-twice": sse(one, one, two, done),
        "cr": sse(one, two, done).replace(b"\n", b"\r"), "bom": b"\xef\xbb\xbf" + sse(one, done),
        "crlf": sse(one, two, done).replace(b"\n", b"\r\n"),
        "unknown": sse({"type": "x"}, {}, done),
        "retry": b"retry: " + b"9" * 5000 + b"\nid: \0\nevent: \xff\n" + sse(one, done),
        "large": sse({"type": "x", "padding": "x" * 2_000_000}, one, done),
        "separators": sse({**done, "text": "Hello\u2028there\u2029."}),
        "surrogate": sse({**one, "delta": "\ud83d"}, {**done, "text": "\ud83d half \udfff"}),
        "surrogate-usage": sse({**done, "usage": {"\ud800": "\udfff", "n": 1e308}}),
        "infinite-usage": sse(done).replace(b'"input_tokens": 5', b'"input_tokens": 1e999'),
        "nan-usage": sse(done).replace(b'"input_tokens": 5', b'"input_tokens": NaN'),
        "session": sse({**done, "meta": {"session_id": "\x1b[2J\ud800\nhint: no"}}),
        "utf-8": sse(one).replace(b"Hello", b"Hell\xff") + sse(done),
    }  # fmt: skip
    for name, body in harmless.items():
        yield Fault(f"sse-{name}", 0, http=_stream(body))
    line = endless(lambda _: _unsized(Answer(b"", "text/event-stream")), lambda _: b"data: x")
    yield Fault("sse-endless-line", NETWORK, "cut", line)
    yield Fault("sse-wrong-type", NETWORK, http=altered(lambda good: replace(good, kind="a/b")))


def transcript_fields() -> Iterator[Fault]:
    events = transcript_events()
    for number in (0, 2):
        for path in paths(events[number]):
            for name, value in {**VALUES, "missing": MISSING}.items():
                broken = name == "nested" or (number == 2 and path == "type")
                code = NETWORK if broken else 0
                body = _changed(events, number, path, value)
                yield Fault(
                    f"{number}.{path}={name}", code, "cut" if code else "never", _stream(body)
                )


def speeches(sound: bytes) -> Iterator[Fault]:
    """Sound as events."""
    one, two, done, end = speech_events(sound)
    failed = {"type": "speech.audio.error", "error": {"message": "no more", "type": "x"}}
    broken = {
        "no-done": sse(one, two), "nothing": b"", "error": sse(one, failed), "only-done": sse(done),
        "marker-first": sse("[DONE]", one),
        "base64": sse({"type": "speech.audio.delta", "audio": "é!"}),
        "not-base64": sse({"type": "speech.audio.delta", "audio": "abc"}), "no-json": sse(one, "x"),
        "deep": b"data: " + _DEEP + b"\n\n",
        "done-number": sse(one, {"type": "speech.audio.done", "audio": 7}),
        "error-key": sse({"type": "speech.audio.error", "error": {"message": KEY, "code": KEY}}),
    }  # fmt: skip
    for name, body in broken.items():
        yield Fault(f"events-{name}", NETWORK, "cut", _stream(body))
    for name, value in VALUES.items():
        if name != "blank":
            delta = {"type": "speech.audio.delta", "audio": value}
            yield Fault(f"events-audio={name}", NETWORK, "cut", _stream(sse(one, delta, done)))
    censored = {"type": "speech.audio.error", "error": {"message": "", "type": "censorship_block"}}
    yield Fault("events-censored", CONTENT, http=_stream(sse(one, censored)))
    harmless = {
        "whole": sse(one, two, done, end), "marker-early": sse(one, two, end),
        "after-done": sse(one, two, done, failed, "junk"),
        "done-twice": sse(one, two, done, done, end),
        "unknown": sse({"type": 7}, one, two, {"x": "\ud800"}, done),
    }  # fmt: skip
    for name, body in harmless.items():
        yield Fault(f"events-{name}", 0, http=_stream(body))


# -- realtime ---------------------------------------------------------------------------------


_OF_BODIES = ("400-gzip-garbage", "400-drip", "400-endless", "400-cut", "413-early")
"""A handshake's answer is read whole, or not at all."""


def handshakes(elsewhere: str) -> Iterator[Fault]:
    """What may answer where a WebSocket was asked for."""
    for one in statuses():
        again = "session" if one.again != "never" else "never"
        if int(one.name) < 600:  # others are no HTTP to this library
            yield replace(one, again=again)
    yield from (
        one if one.again == "never" else replace(one, again="any") for one in redirects(elsewhere)
    )
    for one in complaints():
        if "after" not in one.name and one.name not in _OF_BODIES:
            yield replace(one, name=f"handshake-{one.name}")
    hung_up = {
        "reset": _reset_at_once, "closed": raw(b""), "ssh": raw(b"SSH-2.0-OpenSSH_9\r\n"),
        "http-0.9": raw(b"<h1>hello</h1>\r\n"), "status-line": raw(b"HTTP/1.1 OK\r\n\r\n"),
        "half-head": raw(b"HTTP/1.1 101 Swi"),
        "no-colon": raw(b"HTTP/1.1 101 X\r\nno colon\r\n\r\n"),
        "huge-header": raw(b"HTTP/1.1 101 X\r\nX: " + b"x" * 300_000 + b"\r\n\r\n"),
        "http-1.0": raw(b"HTTP/1.0 101 Switching\r\nUpgrade: websocket\r\n\r\n"),
    }  # fmt: skip
    endlessly = endless(lambda _: b"HTTP/1.1 101 X\r\nX: ", lambda _: b"x")
    yield Fault("endless-header", TIMEOUT, "session", endlessly, slow=True)
    for name, http in hung_up.items():
        yield Fault(name, NETWORK, "any", http)
    never = {
        "200": status("200 OK", b"hello"), "204": bare("204 No Content"),
        "101-bare": bare("101 Switching Protocols"),
        "101-wrong-accept": raw(
            b"HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: AAAA\r\n\r\n"),
    }  # fmt: skip
    for name, http in never.items():
        yield Fault(name, NETWORK, "never", http)


def say(change: Callable[[dict[str, Any]], Any], *, goes_on: bool = True) -> Frames:
    """Other messages than the one that was due: one, a list of them, or bytes as they are."""

    def act(socket: WebSocket, event: dict[str, Any]) -> bool:
        said = change(event)
        for one in said if isinstance(said, list) else [said]:
            if isinstance(one, bytes):
                socket.frame(one)
            else:
                socket.say(one)
        return goes_on

    return act


def close(code: int | None, reason: bytes = b"") -> Frames:
    def act(socket: WebSocket, _event: dict[str, Any]) -> bool:
        socket.close(code, reason)
        _farewell(socket)
        return False

    return act


def _farewell(socket: WebSocket) -> None:
    """Until the client says goodbye or is gone."""
    with suppress(OSError):
        while socket.hear() is not None:
            pass


def sent(data: bytes, *, goes_on: bool = False) -> Frames:
    """Bytes that need be no frame."""

    def act(socket: WebSocket, event: dict[str, Any]) -> bool:
        socket.connection.sendall(data)
        if goes_on:
            socket.say(event)
        else:
            _farewell(socket)
        return goes_on

    return act


def _gone(socket: WebSocket, _event: dict[str, Any]) -> bool:
    socket.connection.close()
    return False


def _torn(socket: WebSocket, _event: dict[str, Any]) -> bool:
    _reset(socket.connection)
    return False


def _silent(socket: WebSocket, _event: dict[str, Any]) -> bool:
    _until_gone(socket.connection)
    return False


def _pings(socket: WebSocket, event: dict[str, Any]) -> bool:
    for number in range(500):
        socket.frame(b"%d" % number, 9)
    socket.say(event)
    return True


def _only_pings(socket: WebSocket, _event: dict[str, Any]) -> bool:
    while True:
        socket.frame(b"", 9)
        time.sleep(0.02)


def _repeated(socket: WebSocket, event: dict[str, Any]) -> bool:
    data = json.dumps(event).encode()
    while True:
        socket.frame(data)


def _fragments(socket: WebSocket, event: dict[str, Any]) -> bool:
    data = json.dumps(event).encode()
    half = len(data) // 2
    socket.frame(data[:half], 1, last=False)
    socket.frame(b"ping", 9)
    socket.frame(b"", 0, last=False)
    socket.frame(data[half:], 0)
    return True


def _binary(socket: WebSocket, event: dict[str, Any]) -> bool:
    socket.frame(json.dumps(event).encode(), 2)
    return True


def _binary_junk(socket: WebSocket, _event: dict[str, Any]) -> bool:
    socket.frame(b"\xff\xfe\x00junk", 2)
    _farewell(socket)
    return False


GREETING, CREATED, START, DELTA, END, START_2, DELTA_2, END_2, DONE = range(9)


def sessions() -> Iterator[Fault]:
    """What may happen in an open session; a loss with nothing owed is none."""
    for fault in _sessions():
        lost_late = fault.at == DONE and fault.again == "session"
        # A reset takes what was on its way with it, which is asked for again then.
        again = "any" if fault.name.startswith("torn") else "never"
        yield replace(fault, code=0, again=again) if lost_late else fault


def _sessions() -> Iterator[Fault]:
    for at in (GREETING, CREATED, DELTA, DONE):
        for code in (1000, 1001, 1002, 1003, 1007, 1008, 1009, 1011, 1012, 1013, 3000, 4000, 4999):
            yield Fault(f"close-{code}@{at}", NETWORK, "session", frames=close(code), at=at)
        for name, frames in {
            "close-empty": close(None), "close-1006": _gone, "close-1005": close(1005),
            "close-999": close(999), "close-65535": close(65535), "torn": _torn,
            "close-reason": close(1011, b"\x1b[2J\xc2\x9b31m\nhint: " + KEY.encode()),
            "close-reason-bytes": close(1011, b"\xff\xfe"), "close-long": close(1000, b"x" * 123),
            "close-half": sent(b"\x88\x01\x03"),
            "close-too-long": sent(b"\x88\x7e\x01\x00" + bytes(256)),
            "reserved-bits": sent(b"\xf1\x01x"), "reserved-opcode": sent(b"\x83\x01x"),
            "masked": sent(b"\x81\x81aaaax"), "lone-continuation": sent(b"\x80\x01x"),
            "oversized": sent(b"\x81\x7f" + (1 << 40).to_bytes(8, "big")),
            "negative": sent(b"\x81\x7f" + b"\xff" * 8),
            "text-not-utf-8": sent(b"\x81\x02\xff\xfe"),
            "http": sent(b"HTTP/1.1 500 Oops\r\nX: " + b"y" * 200),
            "long-ping": sent(b"\x89\x7e\x01\x00" + bytes(256)),
        }.items():  # fmt: skip
            yield Fault(f"{name}@{at}", NETWORK, "session", frames=frames, at=at)
        yield Fault(f"silent@{at}", TIMEOUT, "never", frames=_silent, at=at)
        yield Fault(f"only-pings@{at}", TIMEOUT, "never", frames=_only_pings, at=at)
        for name, frames in {
            "ping-storm": _pings, "fragments": _fragments, "binary": _binary,
            "pong": sent(b"\x8a\x00", goes_on=True),
            "unknown-before": say(lambda event: [{"type": "tts.new"}, {}, {"type": 7}, event]),
            "large-unknown": say(lambda event: [{"type": "x", "p": "x" * 300_000}, event]),
            "surrogate": say(lambda event: [{"type": "\ud800", "x": "\udfff"}, event]),
        }.items():  # fmt: skip
            yield Fault(f"{name}@{at}", 0, frames=frames, at=at)
        for name, data in {
            "not-json": b"this is no JSON", "truncated": b'{"type": "tts.resp', "array": b"[]",
            "number": b"7", "null": b"null", "deep": _DEEP, "empty": b"",
        }.items():  # fmt: skip
            yield Fault(f"{name}@{at}", NETWORK, frames=_junk(data), at=at)
        yield Fault(f"binary-junk@{at}", NETWORK, frames=_binary_junk, at=at)
        yield from _error_events(at)
    yield from _misplaced()


def _junk(data: bytes) -> Frames:
    def act(socket: WebSocket, _event: dict[str, Any]) -> bool:
        socket.frame(data)
        _farewell(socket)
        return False

    return act


def _error_events(at: int) -> Iterator[Fault]:
    kinds: dict[str, tuple[Any, int, str]] = {
        "401": ("401", AUTH, "never"), "402": ("402", QUOTA, "never"), "400": (400, USAGE, "never"),
        "429": ("429", QUOTA, "session"), "503": ("503", NETWORK, "session"),
        "451": ("451", CONTENT, "never"),
        "auth": ("invalid_auth", AUTH, "never"), "quota": ("quota_exceeded", QUOTA, "never"),
        "rate": ("rate_limit_reached", QUOTA, "session"),
        "server": ("server_error", NETWORK, "session"),
        "moderation": ("censorship_block", CONTENT, "never"), "none": (None, NETWORK, "never"),
        "array": ([1], NETWORK, "never"), "nested": (_NESTED, NETWORK, "never"),
        "long": ("x" * 100_000, NETWORK, "never"), "key": (KEY, NETWORK, "never"),
        "escape": ("\x1b[2J\n\u202e", NETWORK, "never"), "surrogate": ("\ud800", NETWORK, "never"),
        "superscript": ("⁴⁰¹", NETWORK, "never"), "digits": ("9" * 5000, NETWORK, "never"),
    }  # fmt: skip
    for name, (code, exit_code, again) in kinds.items():
        frames = say(_failing(code), goes_on=False)
        yield Fault(f"error-{name}@{at}", exit_code, again, frames=_then_close(frames), at=at)


def _failing(code: Any) -> Callable[[dict[str, Any]], Any]:
    data = {"session_id": "tts-session-1", "code": code, "message": f"no {KEY}", "details": []}
    return lambda _: {"type": "tts.response.error", "data": data}


def _then_close(frames: Frames) -> Frames:
    def act(socket: WebSocket, event: dict[str, Any]) -> bool:
        frames(socket, event)
        return close(1000)(socket, event)

    return act


def _misplaced() -> Iterator[Fault]:
    """Messages that are missing, come twice or too early, and fields of the wrong type."""
    for at in range(2, 9):
        twice = say(lambda event: [event, event])
        yield Fault(f"twice@{at}", 0, frames=twice, at=at)
    for at in (GREETING, CREATED):
        yield Fault(f"twice@{at}", 0, frames=say(lambda event: [event, event]), at=at)
        yield Fault(f"missing@{at}", TIMEOUT, "never", frames=_silent, at=at)
    for at in (START, END, START_2, END_2):
        yield Fault(f"missing@{at}", 0, frames=say(lambda _: []), at=at)
    twice_done = say(lambda event: [_DONE_EVENT, event])
    yield Fault("early-done", NETWORK, "any", frames=twice_done, at=DELTA)
    yield Fault("done-twice", 0, frames=twice_done, at=DONE)
    yield Fault(
        "done-at-greeting", NETWORK, "any", frames=say(lambda e: [e, _DONE_EVENT]), at=CREATED
    )
    yield Fault("endless-delta", NETWORK, "any", frames=_repeated, at=DELTA)
    yield Fault("endless-unknown", TIMEOUT, "never", frames=_babble, at=DELTA)
    for at, path, needed in (
        (GREETING, "data.session_id", ()), (GREETING, "event_id", ()), (GREETING, "data", ()),
        (CREATED, "data", ()), (START, "data.text", ()), (START, "data", ()),
        (DELTA, "data.duration", ()), (DELTA, "data.status", ()),
        (DELTA, "data.audio", ("text", "surrogate", "long", "escape")),
        (DELTA, "data", ()), (END, "data.text", ()), (END, "data.ended_at", ()),
        (DONE, "data", ()),
    ):  # fmt: skip
        for name, value in {**VALUES, "missing": MISSING}.items():
            code = NETWORK if name in (*needed, "nested") else 0
            frames = say(_with_field(path, value))
            yield Fault(f"{path}={name}@{at}", code, frames=frames, at=at)


def _with_field(path: str, value: Any) -> Callable[[dict[str, Any]], Any]:
    return lambda event: placed(event, path, value)


_DONE_EVENT = {"type": "tts.response.audio.done", "data": {"session_id": "s", "audio": ""}}


def _babble(socket: WebSocket, _event: dict[str, Any]) -> bool:
    while True:
        socket.say({"type": "tts.response.audio.paused", "data": {}})
        time.sleep(0.01)


def base64(data: bytes) -> str:
    return b64encode(data).decode()
