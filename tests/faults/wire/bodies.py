"""Bodies other than the requested one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

from tests.faults.wire.answers import altered, bare, endless, raw, unsized
from tests.faults.wire.fault import CONTENT, NETWORK, QUOTA, Fault
from tests.faults.wire.values import DEEP, MISSING, VALUES, error, paths, placed
from tests.support.fake_service import Answer, answer_of


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


def bodies_as_audio() -> Iterator[Fault]:
    """Return bodies that are not audio, with media types that say they are or say nothing."""
    bodies = {
        "json": error(message="why"), "html": b"<html><h1>Log in</h1></html>", "null": b"null",
        "spaces": b" \r\n\t" + error(message="why"), "byte": b"x", "words": b"hello " * 1000,
    }  # fmt: skip
    for name, body in bodies.items():
        for kind in ("audio/mpeg", "audio/pcm", "application/octet-stream", "a/b"):
            yield Fault(f"{name}-as-{kind}", NETWORK, http=raw(Answer(body, kind).whole))
    problem = Answer(error(message="why"), "application/problem+json")
    yield Fault("problem-json", NETWORK, http=raw(problem.whole))
    exceeded = Answer(error(message="no", type="quota_exceeded"), "audio/mpeg")
    yield Fault("quota-as-audio", QUOTA, http=raw(exceeded.whole))
    partial = altered(lambda good: replace(good, status="206 Partial Content"))
    yield Fault("206", NETWORK, http=partial)
    odd = altered(lambda good: replace(good, kind="application/octet-stream"))
    yield Fault("octet-stream", 0, http=odd)


def endless_bodies() -> Iterator[Fault]:
    """Return faults that repeat the body.

    A listener hears much of it, so that a long text continues with another request or none.
    """
    yield Fault("endless", NETWORK, "any", endless(unsized, _unfinished))


def _unfinished(good: Answer) -> bytes:
    """Return the first event of a stream, or the complete body of anything else."""
    return good.body.partition(b"\n\n")[0] + b"\n\n" if "event" in good.kind else good.body


def json_bodies(endpoint: str) -> Iterator[Fault]:
    """Return invalid JSON, and values of the wrong type in every field."""
    good = json.dumps(answer_of(endpoint)).encode()
    bodies = {
        "truncated": good[:-2], "twice": good * 2, "array": b"[]", "string": b'"x"',
        "null": b"null",
        "number": b"7", "deep": DEEP, "utf-8": good[:-1] + b', "\xff": 1}', "true": b"true",
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
