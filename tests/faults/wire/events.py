"""Event streams of recognition and speech."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from tests.faults.wire.answers import altered, endless, stream, unsized
from tests.faults.wire.fault import CONTENT, KEY, NETWORK, Fault
from tests.faults.wire.values import DEEP, MISSING, NESTED, VALUES, paths, placed
from tests.support.fake_service import Answer, speech_events, sse, transcript_events


def transcripts() -> Iterator[Fault]:
    """Return faults in recognition streams."""
    one, two, done = transcript_events()
    failed = {"type": "error", "message": "no more"}
    broken = {
        "no-done": sse(one, two), "nothing": b"", "comments": b": hello\n\n" * 50,
        "done-marker": sse(one, two, "[DONE]"), "marker-first": sse("[DONE]", one, two),
        "error": sse(one, failed), "error-first": sse(failed),
        "error-object": sse(one, {"type": "x", "error": {"message": "m"}}),
        "error-types": sse({"type": "error", "message": [1], "code": {"a": NESTED}}),
        "error-key": sse({"type": "error", "message": f"bad {KEY}", "code": KEY}),
        "error-escape": sse({"type": "error", "message": "\x1b[2J\x9b31m\nhint: no"}),
        "not-json": sse(one, "this is no JSON"), "half-json": sse(one)[:-20] + b"\n\n",
        "array": sse(one, [1]), "deep": b"data: " + DEEP + b"\n\n", "number": sse(7),
        "half-event": sse(one) + sse(done)[:-30], "no-blank": sse(one) + b"data: " + b"{",
    }  # fmt: skip
    for name, body in broken.items():
        yield Fault(f"sse-{name}", NETWORK, "cut", stream(body))
    censored = {"type": "error", "message": "censorship_block: no"}
    yield Fault("sse-censored", CONTENT, http=stream(sse(one, censored)))
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
        yield Fault(f"sse-{name}", 0, http=stream(body))
    line = endless(lambda _: unsized(Answer(b"", "text/event-stream")), lambda _: b"data: x")
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
                    f"{number}.{path}={name}", code, "cut" if code else "never", stream(body)
                )


def _changed(events: list[Any], number: int, path: str, value: Any) -> bytes:
    changed = list(events)
    changed[number] = placed(changed[number], path, value)
    return sse(*changed)


def _wrapped(event: Any) -> dict[str, Any]:
    """Return the event with line breaks in its base64, as MIME writes it."""
    audio = event["audio"]
    return {**event, "audio": "\r\n".join(audio[at : at + 76] for at in range(0, len(audio), 76))}


def speeches(sound: bytes) -> Iterator[Fault]:
    """Return faults in speech streams."""
    one, two, done, end = speech_events(sound)
    failed = {"type": "speech.audio.error", "error": {"message": "no more", "type": "x"}}
    broken = {
        "no-done": sse(one, two), "nothing": b"", "error": sse(one, failed), "only-done": sse(done),
        "marker-first": sse("[DONE]", one),
        "base64": sse({"type": "speech.audio.delta", "audio": "é!"}),
        "not-base64": sse({"type": "speech.audio.delta", "audio": "abc"}), "no-json": sse(one, "x"),
        "deep": b"data: " + DEEP + b"\n\n",
        "done-number": sse(one, {"type": "speech.audio.done", "audio": 7}),
        "error-key": sse({"type": "speech.audio.error", "error": {"message": KEY, "code": KEY}}),
    }  # fmt: skip
    for name, body in broken.items():
        yield Fault(f"events-{name}", NETWORK, "cut", stream(body))
    for name, value in VALUES.items():
        if name != "blank":
            delta = {"type": "speech.audio.delta", "audio": value}
            yield Fault(f"events-audio={name}", NETWORK, "cut", stream(sse(one, delta, done)))
    censored = {"type": "speech.audio.error", "error": {"message": "", "type": "censorship_block"}}
    yield Fault("events-censored", CONTENT, http=stream(sse(one, censored)))
    harmless = {
        "whole": sse(one, two, done, end), "marker-early": sse(one, two, end),
        "after-done": sse(one, two, done, failed, "junk"),
        "done-twice": sse(one, two, done, done, end),
        "line-breaks": sse(_wrapped(one), _wrapped(two), done, end),
        "unknown": sse({"type": 7}, one, two, {"x": "\ud800"}, done),
    }  # fmt: skip
    for name, body in harmless.items():
        yield Fault(f"events-{name}", 0, http=stream(body))
