"""Bytes to text, each character as soon as it is there."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepcli.errors import UsageError
from stepcli.tasks.streaming.stream import decoded


def test_a_character_in_two_reads_comes_whole() -> None:
    assert list(decoded([b"a\xe4", b"\xbd", b"\xa0b"], "stdin")) == ["a", "你b"]


@given(st.text(alphabet=st.characters(codec="utf-8")), st.lists(st.integers(1, 5)))
def test_any_split_gives_the_text(text: str, sizes: list[int]) -> None:
    data, blocks = text.encode(), []
    for size in sizes:
        blocks.append(data[:size])
        data = data[size:]
    assert "".join(decoded([*blocks, data], "stdin")) == text.removeprefix("\ufeff")


def test_a_byte_order_mark_is_no_text() -> None:
    assert list(decoded([b"\xef", b"\xbb\xbf", b"hi\xef\xbb\xbf"], "stdin")) == ["hi\ufeff"]


@pytest.mark.parametrize(
    ("blocks", "offset", "before"),
    [
        ([b"\xff"], 0, []),
        ([b"Hello. ", b"and \xff"], 11, ["Hello. "]),
        ([b"\xef\xbb\xbfab", b"c\xfe"], 6, ["ab"]),
        ([b"ab\xe4", b"\xbdc"], 2, ["ab"]),
        ([b"ab\xe4\xbd"], 2, ["ab"]),
    ],
)
def test_the_first_byte_that_is_not_utf8_is_named(
    blocks: list[bytes], offset: int, before: list[str]
) -> None:
    """Counted from the beginning of the input, marks and earlier reads included."""
    texts = decoded(blocks, "stdin")
    assert [next(texts) for _ in before] == before
    with pytest.raises(UsageError, match=f"stdin is not UTF-8: byte 0x.. at offset {offset}$"):
        next(texts)
