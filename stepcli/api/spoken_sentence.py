"""Word times of a spoken sentence, as speech and streaming report them (PROTOCOL.md, section 3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from stepcli.api.strict_json import as_seconds, as_text


@dataclass(frozen=True, slots=True)
class SpokenItem:
    """A word, or one Chinese character, with its punctuation; times in seconds, None if unknown."""

    text: str
    start: float | None
    end: float | None


@dataclass(frozen=True, slots=True)
class SpokenSentence:
    """A sentence as the service cuts it, without stage directions.

    Times count from the beginning of the answer, or of the session when streaming. There are no
    items where the service could not align the text.
    """

    text: str
    items: tuple[SpokenItem, ...]
    request_id: str = ""

    @classmethod
    def from_json(cls, data: object) -> SpokenSentence:
        """Return the sentence that `data` of an event describes.

        Items that are not as documented have no times; so have all if they are said to take no
        time together.
        """
        if not isinstance(data, Mapping):
            return cls("", ())
        listed = data.get("items")
        items = tuple(_item(one) for one in listed) if isinstance(listed, list) else ()
        if not any(item.end for item in items):
            items = ()
        return cls(as_text(data.get("text")), items, as_text(data.get("request_id")))

    @property
    def end(self) -> float:
        """The end of its last word in seconds, 0 if that is unknown."""
        return max((item.end or 0.0 for item in self.items), default=0.0)

    def stretched(self, factor: float) -> SpokenSentence:
        """Return the sentence with all times multiplied by `factor`."""
        return self._changed(lambda seconds: seconds * factor)

    def moved(self, offset: float) -> SpokenSentence:
        """Return the sentence with all times `offset` seconds later, which may be negative."""
        return self._changed(lambda seconds: seconds + offset)

    def _changed(self, change: Callable[[float], float]) -> SpokenSentence:
        items = [
            replace(item, start=change(item.start), end=change(item.end))
            if item.start is not None and item.end is not None
            else item
            for item in self.items
        ]
        return replace(self, items=tuple(items))

    def to_json(self) -> dict[str, Any]:
        """Return the data of an event for `from_json`."""
        items = [
            {
                "text": item.text,
                "start_time": _milliseconds(item.start),
                "end_time": _milliseconds(item.end),
            }
            for item in self.items
        ]
        return {"text": self.text, "request_id": self.request_id, "items": items}


def _item(value: object) -> SpokenItem:
    data = value if isinstance(value, Mapping) else {}
    start, end = as_seconds(data.get("start_time")), as_seconds(data.get("end_time"))
    if start is None or end is None or end < start:
        start = end = None
    return SpokenItem(as_text(data.get("text")), start, end)


def _milliseconds(seconds: float | None) -> float | None:
    return None if seconds is None else seconds * 1000
