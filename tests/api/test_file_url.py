"""URLs as inputs: what is one, how it is shown, and what its file is called."""

from __future__ import annotations

import pytest

from stepcli.api.file_url import FileURL
from stepcli.errors import UsageError


@pytest.mark.parametrize("text", ["a.wav", "http", "C:/talk.wav", "a:b", "-"])
def test_file_name_is_not_a_url(text: str) -> None:
    assert FileURL.parse(text) is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("https://example.org/a/b%20c.mp3?x=/y.wav#t", "b c.mp3"),
        ("HTTP://example.org", "example.org"),
        ("https://example.org/..%2F..%2Fetc", ".._.._etc"),
        ("https://example.org/a/", "a"),
    ],
)
def test_file_is_called_like_the_last_segment(text: str, name: str) -> None:
    url = FileURL.parse(text)
    assert url
    assert url.file_name == name


def test_credentials_are_not_shown() -> None:
    url = FileURL.parse("https://me:secret@example.org:8080/a")
    assert str(url) == "https://example.org:8080/a"
    assert "secret" not in repr(url)


@pytest.mark.parametrize(
    "text", ["file:///etc/passwd", "ftp://h/a", "http://", "https://h:x/", "http://a b/", "x://s@h"]
)
def test_other_url_is_a_usage_error(text: str) -> None:
    with pytest.raises(UsageError, match="cannot fetch"):
        FileURL.parse(text)
