"""How a fault is written."""

from __future__ import annotations

import re

import pytest

from stepcli.sandbox import FAULTS, parse_fault
from stepcli.sandbox.faults.interruptions import UNDERWAY
from stepcli.sandbox.faults.spec import ENDPOINTS
from stepcli.sandbox.faults.transforms import ALTERED

ACTIONS = {"redirect", "html", "empty", *ALTERED, *UNDERWAY}


@pytest.mark.parametrize(
    ("when", "struck"),
    [("1", [1]), ("3", [3]), ("2-4", [2, 3, 4]), ("4+", [4, 5]), ("*", [1, 2, 3, 4, 5])],
)
def test_when_it_strikes(when: str, struck: list[int]) -> None:
    """One request, some, all from one on, all."""
    fault = parse_fault(f"speech:{when}:500")
    assert [n for n in range(1, 6) if fault.strikes(n)] == struck


def test_settings_are_split_at_their_names() -> None:
    """A comma or a colon in a value stays in it."""
    fault = parse_fault("asr:*:429,retry-after=1,message=wait: a, b,type=x")
    assert fault.action == "429"
    assert fault.settings == {"retry-after": "1", "message": "wait: a, b", "type": "x"}


def test_numbers_are_numbers() -> None:
    """Where an action counts."""
    fault = parse_fault("speech:1:stall,after=10,for=1.5")
    assert (fault.number("after"), fault.number("for"), fault.number("code", 7)) == (10, 1.5, 7)


@pytest.mark.parametrize(
    ("spec", "complaint"),
    [
        ("speech", "is not written ENDPOINT:WHEN:ACTION"),
        ("speech:500", "is not written ENDPOINT:WHEN:ACTION"),
        ("voice:1:500", "no endpoint 'voice'"),
        ("speech:0:500", "counted from 1"),
        ("speech:4-2:500", "counted from 1"),
        ("speech:first:500", "'first' is none of"),
        ("speech:1:600", "'600' is neither a status"),
        ("speech:1:", "'' is neither a status"),
        ("speech:1:cut,after=soon", "after=soon is not a whole number"),
        ("speech:1:cut,later=1", "cut takes no later="),
        ("speech:1:stall,for=x", "for=x is not a number of seconds"),
        ("speech:1:drip", "drip needs rate="),
        ("speech:1:drip,rate=0", "rate=0 is not at least 1"),
        ("speech:1:200,file=/no/such/file", "is not a file"),
    ],
)
def test_what_cannot_be_read_is_said(spec: str, complaint: str) -> None:
    """In one sentence that quotes the fault."""
    with pytest.raises(ValueError, match=re.escape(complaint)) as refused:
        parse_fault(spec)
    assert repr(spec) in str(refused.value)
    assert "\n" not in str(refused.value)


def test_the_help_names_everything() -> None:
    """Every endpoint and every action, and its examples can be read."""
    for word in {*ENDPOINTS, *ACTIONS}:
        assert re.search(rf"\b{word}\b", FAULTS)
    for example in re.findall(r"\w+:[\d*]:\S+", FAULTS.rpartition("Examples:")[2]):
        parse_fault(example)
    assert max(map(len, FAULTS.splitlines())) <= 80


@pytest.mark.parametrize("action", sorted(ACTIONS))
def test_every_action_can_be_written(action: str) -> None:
    """With all that any of them needs."""
    needs = {
        "redirect": ",location=/",
        "frame": ",bytes=1",
        "type": ",value=a",
        "header": ",bytes=1",
        "drip": ",rate=1",
        "drop": ",event=a",
        "repeat": ",event=a",
        "edit": ",field=a",
    }
    assert parse_fault(f"*:1:{action}{needs.get(action, '')}").action == action
