"""The realtime dialogue as a state machine."""

from __future__ import annotations

import json
from typing import Any

import pytest

from stepcli.sandbox.endpoints.realtime_protocol import Create, Dialogue, Finish, Reply, Speak
from stepcli.sandbox.http.errors import Refusal


class Conversation:
    """A dialogue, and what it was begun with."""

    def __init__(self) -> None:
        self.begun: list[Create] = []
        self.dialogue = Dialogue("s", self.begun.append)

    def say(self, type: str, **data: Any) -> list[Any]:
        """What a message leads to."""
        return self.dialogue.receive(json.dumps({"type": type, "data": {"session_id": "s"} | data}))

    def refused(self, type: str, **data: Any) -> Refusal:
        """Why a message is refused."""
        with pytest.raises(Refusal) as refusal:
            self.say(type, **data)
        return refusal.value


@pytest.fixture
def talk() -> Conversation:
    return Conversation()


def test_a_whole_session(talk: Conversation) -> None:
    """Created, spoken sentence by sentence, flushed, finished."""
    assert talk.say("tts.create", voice_id="v") == [Reply("tts.response.created", {})]
    assert talk.begun[0].voice_id == "v"
    assert talk.say("tts.text.delta", text="One. Two") == [Speak("One.")]
    flushed = talk.say("tts.text.flush")
    assert flushed == [Reply("tts.text.flushed", {}), Speak(" Two")]
    assert talk.say("tts.text.delta", text="Three") == []
    assert talk.say("tts.text.done") == [Speak("Three"), Finish()]


@pytest.mark.parametrize("type", ["tts.text.delta", "tts.text.flush", "tts.text.done"])
def test_create_comes_first(talk: Conversation, type: str) -> None:
    """Anything before it is out of order."""
    data = {"text": "x"} if type == "tts.text.delta" else {}
    assert talk.refused(type, **data).type == "out_of_order"


@pytest.mark.parametrize("type", ["tts.text.delta", "tts.text.flush", "tts.text.done"])
def test_nothing_comes_after_done(talk: Conversation, type: str) -> None:
    """Not even a second one."""
    talk.say("tts.create", voice_id="v")
    talk.say("tts.text.done")
    data = {"text": "x"} if type == "tts.text.delta" else {}
    assert talk.refused(type, **data).type == "out_of_order"


def test_there_is_one_create(talk: Conversation) -> None:
    """A second one is out of order; one that was refused does not count."""
    assert talk.refused("tts.create").param == "data.voice_id"
    talk.say("tts.create", voice_id="v")
    assert talk.refused("tts.create", voice_id="v").type == "out_of_order"


def test_the_session_must_be_this_one(talk: Conversation) -> None:
    """By its id, in every message."""
    assert talk.refused("tts.create", session_id="other", voice_id="v").type == "session_not_found"
    assert talk.refused("tts.create", session_id=None, voice_id="v").param == "data.session_id"


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
def test_settings_are_checked(talk: Conversation, data: dict[str, Any], param: str) -> None:
    """As strictly as over HTTP, by the dialogue's own names."""
    assert talk.refused("tts.create", **{"voice_id": "v"} | data).param == param


def test_text_is_checked(talk: Conversation) -> None:
    """At most a thousand characters at once, and some."""
    talk.say("tts.create", voice_id="v")
    assert talk.refused("tts.text.delta", text="x" * 1001).param == "data.text"
    assert talk.refused("tts.text.delta", text="").param == "data.text"
    assert talk.refused("tts.text.delta").param == "data.text"
    assert talk.refused("tts.text.delta", text="x", more=1).param == "data.more"


@pytest.mark.parametrize(
    "frame", ["", "{", "[]", '"x"', '{"type": "tts.create"}', '{"type": 1, "data": {}}']
)
def test_what_is_no_message_is_refused(talk: Conversation, frame: str) -> None:
    """Whatever comes, it is an answer and no accident."""
    with pytest.raises(Refusal):
        talk.dialogue.receive(frame)


def test_an_unknown_type_is_refused(talk: Conversation) -> None:
    """By its name."""
    assert "tts.sing" in talk.refused("tts.sing").message
