"""Text as it is sent: cleaned, and with its stage directions followed or spoken."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from stepcli.errors import UsageError
from stepcli.text.cleanup import clean, clean_blocks
from stepcli.text.spoken_form import is_audible
from stepcli.text.stage_directions import DIRECTION, literal

_COMMAS = str.maketrans("()（）", ",,，，")
_OPEN_DIRECTION = re.compile(r"[(（][^()（）]{0,1000}\Z")


@dataclass(frozen=True, slots=True)
class Preparation:
    """What is done to text before it is sent.

    It is cleaned unless it is `verbatim`. With `literal`, text in parentheses is spoken.
    """

    literal: bool = False
    verbatim: bool = False

    def apply(self, text: str) -> str:
        """Return the whole `text` prepared. Raise UsageError if nothing of it remains."""
        prepared = self.convert(text)
        if not prepared.strip():
            raise UsageError("the text is blank")
        return prepared

    def convert(self, text: str) -> str:
        """Return `text`, one of several, prepared; nothing of it may remain."""
        text = text if self.verbatim else clean(text)
        return literal(text) if self.literal else text

    def apply_to_blocks(self, blocks: Iterable[str]) -> Iterator[str]:
        """Yield the text of `blocks` prepared, as it arrives.

        Parentheses become commas one by one, because what follows them is not known yet.
        """
        blocks = blocks if self.verbatim else clean_blocks(blocks)
        return (block.translate(_COMMAS) if self.literal else block for block in blocks)


def count_directions(text: str) -> int:
    """Return the number of stage directions in `text`.

    Raise UsageError if there is nothing else in it to speak.
    """
    if is_only_direction(text):
        raise UsageError(
            "the text is only a stage direction, which is not spoken",
            hint="add text to speak, or use --literal to speak text in ( )",
        )
    return len(DIRECTION.findall(text))


def is_only_direction(text: str) -> bool:
    """Return whether `text` has stage directions, and nothing else to speak."""
    return bool(DIRECTION.search(text)) and not is_audible(text)


class DirectionCounter:
    """Passes text on and counts its stage directions."""

    def __init__(self) -> None:
        self.count = 0

    def passing(self, blocks: Iterable[str]) -> Iterator[str]:
        """Yield `blocks`, counting the directions that each one completes."""
        begun = ""
        for block in blocks:
            text = begun + block
            self.count += len(DIRECTION.findall(text))
            found = _OPEN_DIRECTION.search(text)
            begun = found[0] if found else ""
            yield block
