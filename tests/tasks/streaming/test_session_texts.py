"""A long text is divided among sessions at sentence ends, and nothing of it is lost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pytest

from stepcli.tasks.streaming.session_texts import (
    LONGEST_SESSION_SECONDS,
    SESSION_SECONDS,
    SessionTexts,
)
from stepcli.text.speaking_time import speaking_time


def divided(texts: Iterable[str] | SessionTexts) -> list[str]:
    sessions = texts if isinstance(texts, SessionTexts) else SessionTexts(texts)
    return ["".join(pieces) for pieces in sessions]


def numbered(count: int) -> str:
    return "".join(f"This is sentence number {number} of Mr. Smith. " for number in range(count))


LONG = numbered(200)


@pytest.mark.parametrize("size", [1, 3, 17, 5000, len(LONG)])
def test_sessions_end_at_sentences_however_the_text_arrives(size: int) -> None:
    found = divided(LONG[start : start + size] for start in range(0, len(LONG), size))
    assert "".join(found) == LONG
    assert len(found) > 2
    assert all(text.startswith("This") and text.endswith("Smith. ") for text in found)
    assert all(speaking_time(text) < SESSION_SECONDS + 10 for text in found)


@pytest.mark.parametrize(
    "text", ["春" * 4000, "word " * 8000, "a" * 20000, "\n" * 5000 + "a " * 9000]
)
def test_text_without_sentences_is_divided_too(text: str) -> None:
    found = divided([text])
    assert "".join(found) == text
    assert all(speaking_time(one) < LONGEST_SESSION_SECONDS + 25 for one in found)


@pytest.mark.parametrize("text", ["", " ", "Short. Text.", numbered(20) + "\n\n", "(" * 5000])
def test_text_for_one_session_is_not_divided(text: str) -> None:
    assert divided([text]) == [text]


def test_no_session_begins_before_its_text_is_there() -> None:
    """A text that ends after a long session needs no other one."""
    text = LONG[: len(divided([LONG])[0])]
    assert divided([text]) == [text]
    assert divided([text, " \n", "", "\n"]) == [text + " \n\n"]


def test_text_counts_as_unread_until_the_next_piece_is_asked_for() -> None:
    """A piece that cannot be passed on is not lost."""
    texts = SessionTexts(["One. ", LONG])
    session = next(iter(texts))
    assert next(session) == texts.unread() == "One. "
    piece = next(session)
    assert texts.unread() == LONG
    next(session)
    assert piece + texts.unread() == LONG
    assert not texts.settled.is_set()


def test_texts_are_settled_while_more_is_awaited() -> None:
    def written() -> Iterator[str]:
        settled.append(texts.settled.is_set())
        yield "One. "
        settled.append(texts.settled.is_set())

    settled: list[bool] = []
    texts = SessionTexts(written())
    assert divided(texts) == ["One. "]
    assert settled == [True, True]
