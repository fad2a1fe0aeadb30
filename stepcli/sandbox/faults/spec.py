"""What a fault is and how it is written; nothing here knows how one is done."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

FAULTS = """\
ENDPOINT:WHEN:ACTION[,NAME=VALUE...]

ENDPOINT  speech realtime asr preview clone voices system_voices files
          delete models accounts, or * for any of them. A realtime request
          is a connection.
WHEN      which of the endpoint's requests since the fault was set, counted
          from 1: 2, 2-4, 2+ (the second and all later ones), or * for all.
ACTION    a status from 200 to 599, or a word of these:

Instead of an answer
  429,retry-after=1     that status; NAME=VALUE is a header, except message=
                        type= code= param= (fields of the error), body=
                        (text) and file= (path) (the body itself)
  redirect,location=URL 307 to there
  html                  200 with a page of HTML
  empty                 200 with no body

On the way, with after=N (else 0) after N bytes of a body, events of a stream
or frames of a WebSocket, whose first is tts.connection.done
  reset                 the connection is reset; without after=, before any
                        answer
  cut                   the connection is closed without its proper end
  stall                 nothing more is said; with for=SECONDS, for so long
  malformed             the next event is broken JSON
  error,message=TEXT    an error event, and the end of the stream; code= as
                        well, type= for speech
  frame,bytes=N         an event of that size which nobody knows, and then
                        the rest
  endless               the last event, or 1 kB of the body, again and again
  close,code=1011       the WebSocket is closed; reason= as well

To the answer as it goes by
  type,value=TEXT       another content type
  header,bytes=N        a header of that size
  drip,rate=N           N bytes a second; piece=N bytes at a time
  drop,event=TYPE       without the events of that type
  repeat,event=TYPE     with each event of that type twice
  edit,field=NAME,value=JSON
                        with that field (a.b goes deeper) changed in every
                        event or JSON body that has it; without value= it is
                        missing

A comma inside a value needs no care unless NAME= follows it. The first fault
that fits is done. Examples:
  speech:2:429,retry-after=1
  asr:*:cut,after=3
  realtime:1:close,code=1011,after=5
"""

ENDPOINTS = (
    "speech", "realtime", "asr", "preview", "clone", "voices", "system_voices", "files", "delete",
    "models", "accounts",
)  # fmt: skip

_WHEN = re.compile(r"(?P<first>\d+)(?:-(?P<last>\d+)|(?P<on>\+))?|\*")
_NEXT_SETTING = re.compile(r",(?=[A-Za-z][A-Za-z0-9_-]*=)")

Setting = str | int | float
Kind = Callable[[str], Setting]
"""Reads a setting; raises ``ValueError`` with what it must be."""


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


_AFTER: Mapping[str, Kind] = {"after": _count}
_ACTIONS: Mapping[str, Mapping[str, Kind]] = {
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
    "edit": {"field": str, "value": str},
}
_NEEDED = {
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
class Fault:
    """One way to misbehave. ``last`` is ``None`` for ever, ``action`` a word or a status."""

    spec: str
    endpoint: str
    first: int
    last: int | None
    action: str
    settings: Mapping[str, Setting] = field(default_factory=dict)

    def strikes(self, n: int) -> bool:
        """Whether it is for the ``n``-th request, from 1."""
        return self.first <= n and (self.last is None or n <= self.last)

    def text(self, name: str, default: str = "") -> str:
        """A setting that is text."""
        return str(self.settings.get(name, default))

    def number(self, name: str, default: float = 0) -> float:
        """A setting that is a number."""
        return float(self.settings.get(name, default))


def parse_fault(spec: str) -> Fault:
    """Read ``ENDPOINT:WHEN:ACTION[,NAME=VALUE...]`` (see ``FAULTS``).

    Raises ``ValueError`` with a sentence that says what is wrong.
    """
    endpoint, when, rest = _three_parts(spec)
    if endpoint not in (*ENDPOINTS, "*"):
        raise ValueError(
            f"fault {spec!r}: no endpoint {endpoint!r}, only {', '.join(ENDPOINTS)}, *"
        )
    action, *settings = _NEXT_SETTING.split(rest)
    first, last = _when(spec, when)
    return Fault(spec, endpoint, first, last, action, _settings(spec, action, settings))


def _three_parts(spec: str) -> list[str]:
    parts = spec.split(":", 2)
    if len(parts) != 3:
        raise ValueError(f"fault {spec!r} is not written ENDPOINT:WHEN:ACTION")
    return parts


def _when(spec: str, when: str) -> tuple[int, int | None]:
    found = _WHEN.fullmatch(when)
    if not found:
        raise ValueError(f"fault {spec!r}: {when!r} is none of 2, 2-4, 2+, *")
    if found["first"] is None:
        return 1, None
    first = int(found["first"])
    last = None if found["on"] else int(found["last"] or first)
    if first < 1 or (last is not None and last < first):
        raise ValueError(f"fault {spec!r}: requests are counted from 1 upwards")
    return first, last


def _settings(spec: str, action: str, given: list[str]) -> dict[str, Setting]:
    pairs = [each.partition("=")[::2] for each in given]
    kinds = _ACTIONS.get(action)
    if re.fullmatch(r"[2-5]\d\d", action):
        kinds = {**dict.fromkeys(dict(pairs), str), "file": _file}
    if kinds is None:
        raise ValueError(
            f"fault {spec!r}: {action!r} is neither a status nor {', '.join(_ACTIONS)}"
        )
    for name in _NEEDED.get(action, ()):
        if name not in dict(pairs):
            raise ValueError(f"fault {spec!r}: {action} needs {name}=")
    for name, _ in pairs:
        if name not in kinds:
            raise ValueError(f"fault {spec!r}: {action} takes no {name}=")
    return {name: _setting(spec, kinds[name], name, value) for name, value in pairs}


def _setting(spec: str, kind: Kind, name: str, value: str) -> Setting:
    try:
        return kind(value)
    except ValueError as wanted:
        raise ValueError(f"fault {spec!r}: {name}={value} is not {wanted}") from None
