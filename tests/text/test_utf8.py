"""UTF-8 in blocks: each character as soon as it is complete."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepcli.errors import UsageError
from stepcli.text.utf8 import decode_all, decode_utf8, guessed_encoding


def test_character_split_between_blocks_is_whole() -> None:
    assert list(decode_utf8([b"a\xe4", b"\xbd", b"\xa0b"], "stdin")) == ["a", "你b"]


@given(st.text(alphabet=st.characters(codec="utf-8")), st.lists(st.integers(1, 5)))
def test_any_split_yields_the_text(text: str, sizes: list[int]) -> None:
    data, blocks = text.encode(), []
    for size in sizes:
        blocks.append(data[:size])
        data = data[size:]
    assert "".join(decode_utf8([*blocks, data], "stdin")) == text.removeprefix("\ufeff")


def test_byte_order_mark_is_dropped() -> None:
    assert list(decode_utf8([b"\xef", b"\xbb\xbf", b"hi\xef\xbb\xbf"], "stdin")) == ["hi\ufeff"]


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
def test_error_names_the_offset_of_the_first_invalid_byte(
    blocks: list[bytes], offset: int, before: list[str]
) -> None:
    """Offsets count from the beginning of the input, including the byte order mark."""
    texts = decode_utf8(blocks, "stdin")
    assert [next(texts) for _ in before] == before
    with pytest.raises(UsageError, match=f"stdin is not UTF-8: byte 0x.. at offset {offset}$"):
        next(texts)


@pytest.mark.parametrize(
    ("text", "codec", "name"),
    [
        ("你好", "gbk", "GB18030"),
        ("你好，世界。Hello.", "gb18030", "GB18030"),
        ("今天天氣很好", "big5", "BIG5"),
        ("café au lait", "latin-1", "WINDOWS-1252"),
        ("this is “quoted”", "cp1252", "WINDOWS-1252"),
        ("Hello", "utf-16", "UTF-16"),
        ("Hello", "utf-16-le", "UTF-16LE"),
        ("Hello", "utf-16-be", "UTF-16BE"),
    ],
)
def test_encoding_is_guessed(text: str, codec: str, name: str) -> None:
    assert guessed_encoding(text.encode(codec)) == name
    assert text.encode(codec).decode(name) == text


def test_error_names_the_command_that_converts_the_file() -> None:
    with pytest.raises(UsageError) as caught:
        decode_all("你好".encode("gbk"), "my notes.txt")
    command = "iconv -f GB18030 -t UTF-8 'my notes.txt' > 'my notes.txt.utf8'"
    assert caught.value.hint == f"convert it first: {command}"
