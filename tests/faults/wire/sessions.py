"""Faults of a realtime session, from its handshake on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from tests.faults.wire import frames as on
from tests.faults.wire.answers import bare, endless, raw, reset_at_once, status
from tests.faults.wire.fault import AUTH, CONTENT, KEY, NETWORK, QUOTA, TIMEOUT, USAGE, Fault
from tests.faults.wire.refusals import complaints, redirects, statuses
from tests.faults.wire.values import DEEP, MISSING, NESTED, VALUES, placed

_OF_BODIES = ("400-gzip-garbage", "400-drip", "400-endless", "400-cut", "413-early")
"""The response to a handshake is read completely or not at all."""


def handshakes(elsewhere: str) -> Iterator[Fault]:
    """Return responses in place of a WebSocket handshake."""
    for one in statuses():
        again = "session" if one.again != "never" else "never"
        if int(one.name) < 600:  # the library does not accept others as HTTP
            yield replace(one, again=again)
    yield from (
        one if one.again == "never" else replace(one, again="any") for one in redirects(elsewhere)
    )
    for one in complaints():
        if "after" not in one.name and one.name not in _OF_BODIES:
            yield replace(one, name=f"handshake-{one.name}")
    hung_up = {
        "reset": reset_at_once, "closed": raw(b""), "ssh": raw(b"SSH-2.0-OpenSSH_9\r\n"),
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


GREETING, CREATED, START, DELTA, END, START_2, DELTA_2, END_2, DONE = range(9)


def sessions() -> Iterator[Fault]:
    """Return faults in an open session.

    A loss after the last sentence is a failure that no other session can make good. A reset is
    left out there: it discards sentences in transit or not, depending on timing. A frame that is
    too large to be read is taken for the last one, which repeats all audio.
    """
    for fault in _sessions():
        lost_late = fault.at == DONE and fault.again == "session"
        if not lost_late:
            yield fault
        elif fault.name.startswith(("oversized", "negative")):
            yield replace(fault, code=0, again="never")
        elif not fault.name.startswith("torn"):
            yield replace(fault, again="never")


def _sessions() -> Iterator[Fault]:
    for at in (GREETING, CREATED, DELTA, DONE):
        for code in (1000, 1001, 1002, 1003, 1007, 1008, 1009, 1011, 1012, 1013, 3000, 4000, 4999):
            yield Fault(f"close-{code}@{at}", NETWORK, "session", frames=on.close(code), at=at)
        for name, frames in {
            "close-empty": on.close(None), "close-1006": on.gone, "close-1005": on.close(1005),
            "close-999": on.close(999), "close-65535": on.close(65535), "torn": on.torn,
            "close-reason": on.close(1011, b"\x1b[2J\xc2\x9b31m\nhint: " + KEY.encode()),
            "close-reason-bytes": on.close(1011, b"\xff\xfe"),
            "close-long": on.close(1000, b"x" * 123),
            "close-half": on.sent(b"\x88\x01\x03"),
            "close-too-long": on.sent(b"\x88\x7e\x01\x00" + bytes(256)),
            "reserved-bits": on.sent(b"\xf1\x01x"), "reserved-opcode": on.sent(b"\x83\x01x"),
            "masked": on.sent(b"\x81\x81aaaax"), "lone-continuation": on.sent(b"\x80\x01x"),
            "oversized": on.sent(b"\x81\x7f" + (1 << 40).to_bytes(8, "big")),
            "negative": on.sent(b"\x81\x7f" + b"\xff" * 8),
            "text-not-utf-8": on.sent(b"\x81\x02\xff\xfe"),
            "http": on.sent(b"HTTP/1.1 500 Oops\r\nX: " + b"y" * 200),
            "long-ping": on.sent(b"\x89\x7e\x01\x00" + bytes(256)),
        }.items():  # fmt: skip
            yield Fault(f"{name}@{at}", NETWORK, "session", frames=frames, at=at)
        yield Fault(f"silent@{at}", TIMEOUT, "never", frames=on.silent, at=at)
        yield Fault(f"only-pings@{at}", TIMEOUT, "never", frames=on.only_pings, at=at)
        for name, frames in {
            "ping-storm": on.pings, "fragments": on.fragments, "binary": on.binary,
            "pong": on.sent(b"\x8a\x00", goes_on=True),
            "unknown-before": on.say(lambda event: [{"type": "tts.new"}, {}, {"type": 7}, event]),
            "large-unknown": on.say(lambda event: [{"type": "x", "p": "x" * 300_000}, event]),
            "surrogate": on.say(lambda event: [{"type": "\ud800", "x": "\udfff"}, event]),
        }.items():  # fmt: skip
            yield Fault(f"{name}@{at}", 0, frames=frames, at=at)
        for name, data in {
            "not-json": b"this is no JSON", "truncated": b'{"type": "tts.resp', "array": b"[]",
            "number": b"7", "null": b"null", "deep": DEEP, "empty": b"",
        }.items():  # fmt: skip
            yield Fault(f"{name}@{at}", NETWORK, frames=on.junk(data), at=at)
        yield Fault(f"binary-junk@{at}", NETWORK, frames=on.binary_junk, at=at)
        yield from _error_events(at)
    yield from _misplaced()


def _error_events(at: int) -> Iterator[Fault]:
    kinds: dict[str, tuple[Any, int, str]] = {
        "401": ("401", AUTH, "never"), "402": ("402", QUOTA, "never"), "400": (400, USAGE, "never"),
        "429": ("429", QUOTA, "session"), "503": ("503", NETWORK, "session"),
        "451": ("451", CONTENT, "never"),
        "auth": ("invalid_auth", AUTH, "never"), "quota": ("quota_exceeded", QUOTA, "never"),
        "rate": ("rate_limit_reached", QUOTA, "session"),
        "server": ("server_error", NETWORK, "session"),
        "moderation": ("censorship_block", CONTENT, "never"), "none": (None, NETWORK, "never"),
        "array": ([1], NETWORK, "never"), "nested": (NESTED, NETWORK, "never"),
        "long": ("x" * 100_000, NETWORK, "never"), "key": (KEY, NETWORK, "never"),
        "escape": ("\x1b[2J\n\u202e", NETWORK, "never"), "surrogate": ("\ud800", NETWORK, "never"),
        "superscript": ("⁴⁰¹", NETWORK, "never"), "digits": ("9" * 5000, NETWORK, "never"),
    }  # fmt: skip
    for name, (code, exit_code, again) in kinds.items():
        frames = on.say(_failing(code), goes_on=False)
        yield Fault(f"error-{name}@{at}", exit_code, again, frames=on.then_close(frames), at=at)


def _failing(code: Any) -> Callable[[dict[str, Any]], Any]:
    data = {"session_id": "tts-session-1", "code": code, "message": f"no {KEY}", "details": []}
    return lambda _: {"type": "tts.response.error", "data": data}


def _misplaced() -> Iterator[Fault]:
    """Return missing, repeated and premature messages, and fields of the wrong type."""
    for at in range(2, 9):
        twice = on.say(lambda event: [event, event])
        yield Fault(f"twice@{at}", 0, frames=twice, at=at)
    for at in (GREETING, CREATED):
        yield Fault(f"twice@{at}", 0, frames=on.say(lambda event: [event, event]), at=at)
        yield Fault(f"missing@{at}", TIMEOUT, "never", frames=on.silent, at=at)
    spelled = on.say(lambda event: placed(event, "data.text", "one thousand &amp; fifty cents"))
    for at in (START, END, START_2, END_2):
        yield Fault(f"spelled-out@{at}", 0, frames=spelled, at=at)
    for at in (END, END_2):
        yield Fault(
            f"spelled-out-then-closed@{at}",
            NETWORK,
            "any",
            frames=on.then_close(spelled),
            at=at,
        )
    for at in (START, END, START_2, END_2):
        yield Fault(f"missing@{at}", 0, frames=on.say(lambda _: []), at=at)
    twice_done = on.say(lambda event: [_DONE_EVENT, event])
    yield Fault("early-done", NETWORK, "any", frames=twice_done, at=DELTA)
    yield Fault("done-twice", 0, frames=twice_done, at=DONE)
    yield Fault(
        "done-at-greeting", NETWORK, "any", frames=on.say(lambda e: [e, _DONE_EVENT]), at=CREATED
    )
    yield Fault("endless-delta", NETWORK, "any", frames=on.repeated, at=DELTA)
    yield Fault("endless-unknown", TIMEOUT, "never", frames=on.babble, at=DELTA)
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
            frames = on.say(_with_field(path, value))
            yield Fault(f"{path}={name}@{at}", code, frames=frames, at=at)


def _with_field(path: str, value: Any) -> Callable[[dict[str, Any]], Any]:
    return lambda event: placed(event, path, value)


_DONE_EVENT = {"type": "tts.response.audio.done", "data": {"session_id": "s", "audio": ""}}
