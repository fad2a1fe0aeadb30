"""Parsing of fault specifications."""

from __future__ import annotations

import re

import pytest

from stepcli.sandbox import FAULT_SYNTAX, parse_fault
from stepcli.sandbox.faults.filters import TRANSFORMS
from stepcli.sandbox.faults.interruptions import INTERRUPTIONS
from stepcli.sandbox.faults.spec import ENDPOINTS

ACTIONS = {"redirect", "html", "empty", *TRANSFORMS, *INTERRUPTIONS}


@pytest.mark.parametrize(
    ("when", "struck"),
    [("1", [1]), ("3", [3]), ("2-4", [2, 3, 4]), ("4+", [4, 5]), ("*", [1, 2, 3, 4, 5])],
)
def test_when_selects_requests(when: str, struck: list[int]) -> None:
    fault = parse_fault(f"speech:{when}:500")
    assert [n for n in range(1, 6) if fault.applies_to(n)] == struck


def test_commas_and_colons_stay_in_values() -> None:
    fault = parse_fault("asr:*:429,retry-after=1,message=wait: a, b,type=x")
    assert fault.action == "429"
    assert fault.settings == {"retry-after": "1", "message": "wait: a, b", "type": "x"}


@pytest.mark.parametrize(
    ("target", "base", "endpoint"),
    [("speech", None, "speech"), ("plan/speech", "plan", "speech"), ("open/*", "open", "*")],
)
def test_base_may_precede_the_endpoint(target: str, base: str | None, endpoint: str) -> None:
    fault = parse_fault(f"{target}:1:500")
    assert (fault.base, fault.endpoint) == (base, endpoint)


def test_numeric_settings_are_parsed() -> None:
    fault = parse_fault("speech:1:stall,after=10,for=1.5")
    assert (fault.number("after"), fault.number("for"), fault.number("code", 7)) == (10, 1.5, 7)


@pytest.mark.parametrize(
    ("spec", "complaint"),
    [
        ("speech", "must have the form ENDPOINT:WHEN:ACTION"),
        ("speech:500", "must have the form ENDPOINT:WHEN:ACTION"),
        ("voice:1:500", "unknown endpoint 'voice'"),
        ("both/speech:1:500", "unknown endpoint 'both/speech'"),
        ("speech:0:500", "counted from 1"),
        ("speech:4-2:500", "counted from 1"),
        ("speech:first:500", "'first' must have the form"),
        ("speech:1:600", "unknown action '600'"),
        ("speech:1:", "unknown action ''"),
        ("speech:1:cut,after=soon", "after=soon is not a whole number"),
        ("speech:1:cut,later=1", "cut does not accept later="),
        ("speech:1:stall,for=x", "for=x is not a number of seconds"),
        ("speech:1:drip", "drip requires rate="),
        ("speech:1:drip,rate=0", "rate=0 is not at least 1"),
        ("speech:1:200,file=/no/such/file", "is not a file"),
    ],
)
def test_invalid_fault_is_explained_in_one_sentence(spec: str, complaint: str) -> None:
    """The sentence quotes the fault."""
    with pytest.raises(ValueError, match=re.escape(complaint)) as refused:
        parse_fault(spec)
    assert repr(spec) in str(refused.value)
    assert "\n" not in str(refused.value)


def test_syntax_help_names_every_endpoint_and_action() -> None:
    """Its examples are valid."""
    for word in {*ENDPOINTS, *ACTIONS}:
        assert re.search(rf"\b{word}\b", FAULT_SYNTAX)
    for example in re.findall(r"(?m)^  (\S+:[\d*]:.+)$", FAULT_SYNTAX.rpartition("Examples:")[2]):
        parse_fault(example)
    assert max(map(len, FAULT_SYNTAX.splitlines())) <= 80


@pytest.mark.parametrize("action", sorted(ACTIONS))
def test_every_action_is_parsed(action: str) -> None:
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
