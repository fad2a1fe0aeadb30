"""Times as the user writes them."""

from __future__ import annotations

import pytest

from stepcli.cli.params._click import BadParameter
from stepcli.cli.params.input_options import seconds_of


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90", 90),
        ("12.5", 12.5),
        (".5", 0.5),
        ("1:30", 90),
        ("90:00", 5400),
        ("01:02:03.5", 3723.5),
        ("100:00:00", 360000),
    ],
)
def test_time_is_seconds_or_a_clock(text: str, seconds: float) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "-1", "1:60", "1:60:00", "1:2:3:4", "1h", "nan", "1:", ":30", "1,5"]
)
def test_other_text_is_not_a_time(text: str) -> None:
    with pytest.raises(BadParameter):
        seconds_of(text)
