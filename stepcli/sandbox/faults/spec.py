"""Parse fault specifications such as ``speech:2:429,retry-after=1``."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

FAULT_SYNTAX = """\
ENDPOINT:WHEN:ACTION[,NAME=VALUE...]

ENDPOINT  speech realtime asr preview clone voices
          system_voices files delete models accounts, or *
          for any of them; plan/ or open/ before it for that
          base only. A realtime request is a connection.
WHEN      which requests to the endpoint, counted from 1
          since the fault was set: 2, 2-4, 2+ (the second
          and all later ones), or * for all.
ACTION    a status from 200 to 599, or one of the words
          below:

Replace the response
  429,retry-after=1  respond with that status; NAME=VALUE is
                     a header, except message= type= code=
                     param= (fields of the error), body=
                     (text) and file= (path)
  redirect,location=URL
                     respond with 307
  html               respond with 200 and an HTML page
  empty              respond with 200 and no body

Interrupt the response, with after=N (default 0) after
N bytes of a body, events of a stream or messages of a
WebSocket, which starts with tts.connection.done
  reset              reset the connection; without after=,
                     before any response
  cut                close the connection without completing
                     the response
  stall              send nothing more; with for=SECONDS,
                     for that long
  malformed          send the next event as broken JSON
  error,message=TEXT send an error event and end the stream;
                     also code=, and type= for speech
  frame,bytes=N      send an unknown event of that size,
                     then continue
  endless            repeat the last event, or 1 kB of the
                     body, forever
  close,code=1011    close the WebSocket; also reason=

Change the response
  type,value=TEXT    replace the content type
  header,bytes=N     add a header of that size
  drip,rate=N        send N bytes a second; piece=N bytes at
                     a time
  drop,event=TYPE    leave out the events of that type
  repeat,event=TYPE  send each event of that type twice
  empty-done         leave the final text of a recognition
                     empty
  edit,field=NAME,value=JSON
                     change that field (a.b for nested
                     fields) in every event or JSON body
                     that has it; without value=, remove it

A comma in a value needs no escaping unless NAME= follows
it. The first fault that matches is performed. Examples:
  speech:2:429,retry-after=1
  asr:*:cut,after=3
  asr:1:error,message=quota exceeded
  plan/preview:*:404,body=404 page not found
  open/*:*:402
  realtime:1:close,code=1011,after=5
"""
"""Help text of at most 60 columns."""

ENDPOINTS = (
    "speech", "realtime", "asr", "preview", "clone", "voices", "system_voices", "files", "delete",
    "models", "accounts",
)  # fmt: skip

_WHEN = re.compile(r"(?P<first>\d+)(?:-(?P<last>\d+)|(?P<open>\+))?|\*")
_NEXT_SETTING = re.compile(r",(?=[A-Za-z][A-Za-z0-9_-]*=)")

Setting = str | int | float
Parser = Callable[[str], Setting]
"""Parses a setting; raises ValueError with a description of what it must be."""


def _count(text: str) -> int:
    if not re.fullmatch(r"\d+", text):
        raise ValueError("a whole number")
    return int(text)


def _positive(text: str) -> int:
    if not (number := _count(text)):
        raise ValueError("at least 1")
    return number


def _seconds(text: str) -> float:
    if not re.fullmatch(r"\d+(\.\d+)?", text):
        raise ValueError("a number of seconds")
    return float(text)


def _file(text: str) -> str:
    if not Path(text).is_file():
        raise ValueError("a file")
    return text


_AFTER: Mapping[str, Parser] = {"after": _count}
_ACTIONS: Mapping[str, Mapping[str, Parser]] = {
    "redirect": {"location": str},
    "html": {},
    "empty": {},
    "reset": _AFTER,
    "cut": _AFTER,
    "stall": {**_AFTER, "for": _seconds},
    "malformed": _AFTER,
    "error": {**_AFTER, "message": str, "type": str, "code": str},
    "frame": {**_AFTER, "bytes": _positive},
    "endless": _AFTER,
    "close": {**_AFTER, "code": _positive, "reason": str},
    "type": {"value": str},
    "header": {"bytes": _positive},
    "drip": {"rate": _positive, "piece": _positive},
    "drop": {"event": str},
    "repeat": {"event": str},
    "empty-done": {},
    "edit": {"field": str, "value": str},
}
_REQUIRED = {
    "redirect": ("location",),
    "frame": ("bytes",),
    "type": ("value",),
    "header": ("bytes",),
    "drip": ("rate",),
    "drop": ("event",),
    "repeat": ("event",),
    "edit": ("field",),
}


@dataclass(frozen=True)
class FaultSpec:
    """A parsed fault. ``last`` is ``None`` for no end; ``action`` is a word or a status.

    ``base`` is ``plan``, ``open`` or, for both, ``None``.
    """

    spec: str
    base: str | None
    endpoint: str
    first: int
    last: int | None
    action: str
    settings: Mapping[str, Setting] = field(default_factory=dict)

    def applies_to(self, n: int) -> bool:
        """Return whether the fault is for the ``n``-th request, counted from 1."""
        return self.first <= n and (self.last is None or n <= self.last)

    def text(self, name: str, default: str = "") -> str:
        """Return a setting as text."""
        return str(self.settings.get(name, default))

    def number(self, name: str, default: float = 0) -> float:
        """Return a setting as a number."""
        return float(self.settings.get(name, default))


def parse_fault(spec: str) -> FaultSpec:
    """Parse ``ENDPOINT:WHEN:ACTION[,NAME=VALUE...]`` (see ``FAULT_SYNTAX``).

    Raise ValueError with one sentence if it is invalid.
    """
    target, when, rest = _split(spec)
    base, endpoint = _parse_target(target)
    if endpoint not in (*ENDPOINTS, "*"):
        known = ", ".join(ENDPOINTS)
        raise ValueError(f"fault {spec!r}: unknown endpoint {endpoint!r}, use one of {known}, *")
    action, *settings = _NEXT_SETTING.split(rest)
    first, last = _parse_when(spec, when)
    parsed = _parse_settings(spec, action, settings)
    return FaultSpec(spec, base, endpoint, first, last, action, parsed)


def _split(spec: str) -> list[str]:
    parts = spec.split(":", 2)
    if len(parts) != 3:
        raise ValueError(f"fault {spec!r} must have the form ENDPOINT:WHEN:ACTION")
    return parts


def _parse_target(target: str) -> tuple[str | None, str]:
    """Return the base and the endpoint of ``plan/speech``, ``open/speech`` or ``speech``."""
    base, slash, endpoint = target.partition("/")
    return (base, endpoint) if slash and base in ("plan", "open") else (None, target)


def _parse_when(spec: str, when: str) -> tuple[int, int | None]:
    match = _WHEN.fullmatch(when)
    if not match:
        raise ValueError(f"fault {spec!r}: {when!r} must have the form 2, 2-4, 2+ or *")
    if match["first"] is None:
        return 1, None
    first = int(match["first"])
    last = None if match["open"] else int(match["last"] or first)
    if first < 1 or (last is not None and last < first):
        raise ValueError(f"fault {spec!r}: requests are counted from 1 upwards")
    return first, last


def _parse_settings(spec: str, action: str, settings: list[str]) -> dict[str, Setting]:
    pairs = [each.partition("=")[::2] for each in settings]
    parsers = _ACTIONS.get(action)
    if re.fullmatch(r"[2-5]\d\d", action):
        parsers = {**dict.fromkeys(dict(pairs), str), "file": _file}
    if parsers is None:
        known = ", ".join(_ACTIONS)
        raise ValueError(f"fault {spec!r}: unknown action {action!r}, use a status or {known}")
    for name in _REQUIRED.get(action, ()):
        if name not in dict(pairs):
            raise ValueError(f"fault {spec!r}: {action} requires {name}=")
    for name, _ in pairs:
        if name not in parsers:
            raise ValueError(f"fault {spec!r}: {action} does not accept {name}=")
    return {name: _parse_setting(spec, parsers[name], name, value) for name, value in pairs}


def _parse_setting(spec: str, parser: Parser, name: str, value: str) -> Setting:
    try:
        return parser(value)
    except ValueError as exc:
        raise ValueError(f"fault {spec!r}: {name}={value} is not {exc}") from None
