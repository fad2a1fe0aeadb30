"""The realtime protocol as a state machine, and its splitting of text into sentences."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepcli.sandbox.endpoints.realtime_protocol import (
    CreateData,
    EndSession,
    RealtimeServerProtocol,
    SendMessage,
    SentenceSplitter,
    SpeakSentence,
)
from stepcli.sandbox.http.responses import ServiceError


class ProtocolDriver:
    """Sends messages to a protocol and records its ``tts.create``."""

    def __init__(self) -> None:
        self.created: list[CreateData] = []
        self.protocol = RealtimeServerProtocol("s", self.created.append)

    def send(self, type: str, **data: Any) -> list[Any]:
        """Return the actions for a message."""
        return self.protocol.receive(json.dumps({"type": type, "data": {"session_id": "s"} | data}))

    def refused(self, type: str, **data: Any) -> ServiceError:
        """Return the error for a message that is refused."""
        with pytest.raises(ServiceError) as refusal:
            self.send(type, **data)
        return refusal.value


@pytest.fixture
def driver() -> ProtocolDriver:
    return ProtocolDriver()


def test_session_creates_speaks_flushes_and_ends(driver: ProtocolDriver) -> None:
    assert driver.send("tts.create", voice_id="v") == [SendMessage("tts.response.created", {})]
    assert driver.created[0].voice_id == "v"
    assert driver.send("tts.text.delta", text="One. Two") == [SpeakSentence("One.")]
    flushed = driver.send("tts.text.flush")
    assert flushed == [SendMessage("tts.text.flushed", {}), SpeakSentence(" Two")]
    assert driver.send("tts.text.delta", text="Three") == []
    assert driver.send("tts.text.done") == [SpeakSentence("Three"), EndSession()]


@pytest.mark.parametrize("type", ["tts.text.delta", "tts.text.flush", "tts.text.done"])
def test_messages_before_create_are_out_of_order(driver: ProtocolDriver, type: str) -> None:
    data = {"text": "x"} if type == "tts.text.delta" else {}
    assert driver.refused(type, **data).type == "out_of_order"


@pytest.mark.parametrize("type", ["tts.text.delta", "tts.text.flush", "tts.text.done"])
def test_messages_after_done_are_out_of_order(driver: ProtocolDriver, type: str) -> None:
    """Including a second ``tts.text.done``."""
    driver.send("tts.create", voice_id="v")
    driver.send("tts.text.done")
    data = {"text": "x"} if type == "tts.text.delta" else {}
    assert driver.refused(type, **data).type == "out_of_order"


def test_second_create_is_out_of_order(driver: ProtocolDriver) -> None:
    """A refused ``tts.create`` does not count."""
    assert driver.refused("tts.create").param == "data.voice_id"
    driver.send("tts.create", voice_id="v")
    assert driver.refused("tts.create", voice_id="v").type == "out_of_order"


def test_session_id_must_match(driver: ProtocolDriver) -> None:
    assert (
        driver.refused("tts.create", session_id="other", voice_id="v").type == "session_not_found"
    )
    assert driver.refused("tts.create", session_id=None, voice_id="v").param == "data.session_id"


@pytest.mark.parametrize(
    ("data", "param"),
    [
        ({"voice_id": ""}, "data.voice_id"),
        ({"response_format": "wav_stream"}, "data.response_format"),
        ({"sample_rate": 44100}, "data.sample_rate"),
        ({"speed_ratio": 3}, "data.speed_ratio"),
        ({"speed": 1}, "data.speed"),
        ({"volume_ratio": 0}, "data.volume_ratio"),
        ({"mode": "auto"}, "data.mode"),
        ({"markdown_filter": "no"}, "data.markdown_filter"),
    ],
    ids=str,
)
def test_invalid_create_field_is_named(
    driver: ProtocolDriver, data: dict[str, Any], param: str
) -> None:
    assert driver.refused("tts.create", **{"voice_id": "v"} | data).param == param


def test_text_delta_must_have_1_to_1000_characters(driver: ProtocolDriver) -> None:
    driver.send("tts.create", voice_id="v")
    assert driver.refused("tts.text.delta", text="x" * 1001).param == "data.text"
    assert driver.refused("tts.text.delta", text="").param == "data.text"
    assert driver.refused("tts.text.delta").param == "data.text"
    assert driver.refused("tts.text.delta", text="x", more=1).param == "data.more"


@pytest.mark.parametrize(
    "frame", ["", "{", "[]", '"x"', '{"type": "tts.create"}', '{"type": 1, "data": {}}']
)
def test_malformed_message_is_refused(driver: ProtocolDriver, frame: str) -> None:
    with pytest.raises(ServiceError):
        driver.protocol.receive(frame)


def test_unknown_message_type_is_named(driver: ProtocolDriver) -> None:
    assert "tts.sing" in driver.refused("tts.sing").message


def split(mode: str, *bits: str) -> list[list[str]]:
    """Return the sentences that each bit completes, and the rest."""
    splitter = SentenceSplitter(mode)
    return [*(splitter.add(bit) for bit in bits), splitter.flush()]


@pytest.mark.parametrize(
    ("mode", "bits", "expected"),
    [
        ("sentence", ["你好。世界！"], [["你好。", "世界！"], []]),
        ("sentence", ["One. Two! Three"], [["One. Two!"], [" Three"]]),
        ("default", ["One. Two! Three"], [["One.", " Two!"], [" Three"]]),
        ("default", ["Hello the", "re.", " How"], [[], [], ["Hello there."], [" How"]]),
        ("default", ["It costs 3.50", " now"], [[], [], ["It costs 3.50 now"]]),
        ("default", ["a line\nanother"], [["a line\n"], ["another"]]),
        ("sentence", ["a line\nanother"], [[], ["a line\nanother"]]),
        ("default", ["Really?! Yes"], [["Really?!"], [" Yes"]]),
        ("default", ["He said “no!” twice"], [["He said “no!”"], [" twice"]]),
        ("default", ["(Stop! Wait.) Go on. "], [["(Stop! Wait.) Go on."], []]),
        ("default", ["（笑！）", "好。"], [[], ["（笑！）好。"], []]),
        ("default", ["Sad :( " + "x" * 200 + ". Yes"], [["Sad :( " + "x" * 200 + "."], [" Yes"]]),
        ("default", ["!!! ", "Yes."], [[], [], ["!!! Yes."]]),
        ("default", [" \n "], [[], []]),
    ],
    ids=str,
)
def test_sentences_end_outside_parentheses_by_mode(
    mode: str, bits: list[str], expected: list[list[str]]
) -> None:
    assert split(mode, *bits) == expected


@given(st.sampled_from(["default", "sentence"]), st.lists(st.text("ab (.)!。\n"), max_size=20))
def test_sentences_join_to_the_text(mode: str, bits: list[str]) -> None:
    """Except for white space at its end."""
    spoken = "".join(sentence for sentences in split(mode, *bits) for sentence in sentences)
    assert "".join(bits).rstrip() == spoken.rstrip()
