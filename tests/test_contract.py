"""stepcli/api/PROTOCOL.md, section by section, against the sandbox.

The clients are independent of stepcli (httpx, websockets, the openai package), so that a mistake
shared by the sandbox and stepcli is found.
"""

from __future__ import annotations

import io
import json
from base64 import b64decode, b64encode
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import soundfile
from websockets.sync.client import connect

from tests.sandbox.client import SENTENCE, SandboxClient, run_sandbox

if TYPE_CHECKING:
    from openai import OpenAI

SPEECH = {"model": "stepaudio-2.5-tts", "voice": "lively-girl", "input": "Dinner is ready."}


@pytest.fixture(scope="module")
def service() -> Iterator[SandboxClient]:
    with run_sandbox() as server:
        yield server


def events(answer: httpx.Response) -> list[Any]:
    """Return the events of a stream; ``[DONE]`` as it is."""
    assert answer.headers["content-type"].startswith("text/event-stream")
    lines = [line.removeprefix("data:").strip() for line in answer.text.split("\n") if line]
    return [line if line == "[DONE]" else json.loads(line) for line in lines]


class TestBases:
    """Section 1: bases, keys, headers."""

    def test_endpoints_live_on_their_base(self, service: SandboxClient) -> None:
        """Speech and recognition live on both."""
        assert service.base.endswith("/step_plan/v1")
        assert service.open == service.base.replace("/step_plan", "")
        both = {f"{base}/audio/speech" for base in (service.base, service.open)}
        assert {service.api.post(url, json=SPEECH).status_code for url in both} == {200}

    @pytest.mark.parametrize("path", ["files", "audio/system_voices?model=step-tts-2", "accounts"])
    def test_plan_base_returns_404_for_open_endpoints(
        self, service: SandboxClient, path: str
    ) -> None:
        assert service.api.get(f"{service.base}/{path}").status_code == 404

    def test_every_request_needs_the_key(self, service: SandboxClient) -> None:
        """Also on unknown paths."""
        for path in ("audio/speech", "audio/asr/sse", "audio/voices/preview", "audio/nothing"):
            answer = httpx.post(f"{service.base}/{path}", json={})
            assert answer.status_code == 401
            assert set(answer.json()["error"]) == {"message", "type"}

    def test_every_response_has_its_own_trace_id(self, service: SandboxClient) -> None:
        answers = [
            service.api.post(f"{service.base}/audio/speech", json=SPEECH),
            service.api.post(f"{service.base}/audio/speech", json={}),
            service.api.get(f"{service.base}/nowhere"),
            httpx.get(f"{service.open}/models"),
        ]
        assert len({answer.headers["X-Trace-Id"] for answer in answers}) == 4


class TestErrors:
    """Section 2: errors over HTTP."""

    @pytest.mark.parametrize(
        ("method", "path", "status"),
        [
            ("POST", "audio/speech", 400),
            ("GET", "audio/speech", 405),
            ("GET", "audio/asr/sse", 405),
            ("POST", "audio/speech/", 404),
            ("POST", "chat/completions", 404),
        ],
    )
    def test_errors_have_a_message_and_a_type(
        self, service: SandboxClient, method: str, path: str, status: int
    ) -> None:
        answer = service.api.request(method, f"{service.base}/{path}", json={})
        assert answer.status_code == status
        error = answer.json()["error"]
        assert set(error) <= {"message", "type", "param"}
        assert isinstance(error["message"], str)

    def test_model_on_the_wrong_path_is_not_supported(self, service: SandboxClient) -> None:
        body = SPEECH | {"model": "step-tts-2"}
        answer = service.api.post(f"{service.base}/audio/speech", json=body)
        assert answer.json()["error"]["message"] == "model not supported"

    @pytest.mark.parametrize("status", [402, 403, 413, 429, 451, 500, 503, 504])
    def test_every_status_can_be_produced_by_a_fault(
        self, service: SandboxClient, status: int
    ) -> None:
        service.reset()
        service.fault(f"speech:1:{status}")
        answer = service.api.post(f"{service.base}/audio/speech", json=SPEECH)
        assert answer.status_code == status
        assert set(answer.json()["error"]) == {"message", "type"}


class TestSpeech:
    """Section 3: ``POST {plan}/audio/speech``."""

    def test_body_is_mp3_by_default(self, service: SandboxClient) -> None:
        answer = service.api.post(f"{service.base}/audio/speech", json=SPEECH)
        info = soundfile.info(io.BytesIO(answer.content))
        assert (info.format, info.channels, info.samplerate) == ("MP3", 1, 24000)

    def test_joined_deltas_are_the_file(self, service: SandboxClient) -> None:
        url = f"{service.base}/audio/speech"
        *deltas, done, end = events(service.api.post(url, json=SPEECH | {"stream_format": "sse"}))
        joined = b"".join(b64decode(delta["audio"]) for delta in deltas)
        assert joined == service.api.post(url, json=SPEECH).content
        assert (done, end) == ({"type": "speech.audio.done", "audio": ""}, "[DONE]")

    def test_input_is_limited_to_1000_characters(self, service: SandboxClient) -> None:
        """Characters, not bytes."""
        url, body = f"{service.base}/audio/speech", SPEECH | {"response_format": "pcm"}
        assert service.api.post(url, json=body | {"input": "好" * 1000}).status_code == 200
        assert service.api.post(url, json=body | {"input": "好" * 1001}).status_code == 400


class TestRealtime:
    """Section 4: ``WS {plan}/realtime/audio``."""

    def test_session_has_the_documented_order(self, service: SandboxClient) -> None:
        url = f"{service.base.replace('http', 'ws', 1)}/realtime/audio?model=stepaudio-2.5-tts"
        key = {"Authorization": "Bearer sandbox-key"}
        with connect(url, additional_headers=key) as socket:
            first = json.loads(socket.recv())
            session = {"session_id": first["data"]["session_id"]}
            for type, more in (
                ("tts.create", {"voice_id": "lively-girl", "mode": "sentence"}),
                ("tts.text.delta", {"text": "晚饭好了。来吃吧"}),
                ("tts.text.done", {}),
            ):
                socket.send(json.dumps({"type": type, "data": session | more}))
            frames = [first, *map(json.loads, socket)]
        kinds = [frame["type"] for frame in frames]
        assert [kind for kind in kinds if kind != "tts.response.audio.delta"] == [
            "tts.connection.done",
            "tts.response.created",
            "tts.response.sentence.start",
            "tts.response.sentence.end",
            "tts.response.sentence.start",
            "tts.response.sentence.end",
            "tts.response.audio.done",
        ]
        for frame in frames:
            assert frame["event_id"]
            assert frame["data"]["session_id"] == session["session_id"]
            if frame["type"] == "tts.response.audio.delta":
                data = frame["data"]
                assert data["status"] in ("unfinished", "finished")
                sound, rate = soundfile.read(io.BytesIO(b64decode(data["audio"])))
                assert 0 < len(sound) / rate <= 0.401


class TestVoices:
    """Section 5: voices and files."""

    def test_upload_preview_clone_list_speak_delete(self, service: SandboxClient) -> None:
        long = SPEECH | {"input": f"{SENTENCE}, and so was yesterday.", "response_format": "wav"}
        recording = service.api.post(f"{service.base}/audio/speech", json=long).content
        form: dict[str, Any] = {
            "data": {"purpose": "storage"},
            "files": {"file": ("me.wav", recording)},
        }
        file = service.api.post(f"{service.open}/files", **form).json()
        chosen = {"model": "stepaudio-2.5-tts", "file_id": file["id"]}
        url = f"{service.base}/audio/voices"
        heard = service.api.post(f"{url}/preview", json=chosen | {"sample_text": "Hello"}).json()
        assert b64decode(heard["sample_audio"]).startswith(b"RIFF")
        voice = service.api.post(url, json=chosen).json()["id"]
        listed = service.api.get(f"{service.open}/audio/voices?limit=1").json()
        assert listed["first_id"] == listed["last_id"] == listed["data"][0]["id"] == voice
        spoken = service.api.post(f"{service.base}/audio/speech", json=SPEECH | {"voice": voice})
        assert spoken.status_code == 200
        gone = service.api.delete(f"{service.open}/files/{file['id']}").json()
        assert (gone["id"], gone["deleted"]) == (file["id"], True)


class TestRecognition:
    """Section 6: ``POST {plan}/audio/asr/sse``."""

    def ask(self, service: SandboxClient, sound: bytes, **transcription: Any) -> list[Any]:
        """Return the events for a recording."""
        wanted = {"model": "stepaudio-2.5-asr", "language": "en"} | transcription
        audio = {
            "data": b64encode(sound).decode(),
            "input": {"transcription": wanted, "format": {"type": "mp3"}},
        }
        return events(service.api.post(f"{service.base}/audio/asr/sse", json={"audio": audio}))

    def test_speech_is_recognized(self, service: SandboxClient) -> None:
        """At most two words in ten are wrong; deltas join to the text."""
        spoken = service.api.post(f"{service.base}/audio/speech", json=SPEECH | {"input": SENTENCE})
        *deltas, done = self.ask(service, spoken.content, enable_timestamp=True)
        heard = done["text"].lower().strip(".").split()
        wrong = len(set(SENTENCE.lower().split()) ^ set(heard))
        assert wrong <= 2 * len(heard) / 10
        assert "".join(delta["delta"] for delta in deltas) == done["text"]
        length = soundfile.info(io.BytesIO(spoken.content)).duration * 1000
        assert all(0 <= each["start_time"] <= each["end_time"] <= length for each in deltas)

    def test_error_event_ends_the_stream(self, service: SandboxClient) -> None:
        """It is not followed by ``done``."""
        spoken = service.api.post(f"{service.base}/audio/speech", json=SPEECH)
        (error,) = self.ask(service, spoken.content, language="zh")
        assert error["type"] == "error"


class TestOpenai:
    """The ``openai`` package as an independent client.

    It is imported here only, because that takes as long as collecting a thousand tests.
    """

    def client(self, base: str, key: str = "sandbox-key") -> OpenAI:
        """Return the client of the package, configured for the sandbox."""
        from openai import OpenAI

        return OpenAI(base_url=base, api_key=key, max_retries=0)

    def test_openai_gets_speech(self, service: SandboxClient) -> None:
        with self.client(service.base) as client:
            spoken = client.audio.speech.create(
                model="stepaudio-2.5-tts",
                voice="lively-girl",
                input="Dinner is ready.",
                response_format="wav",
                speed=1.5,
            )
        body = SPEECH | {"response_format": "wav", "speed": 1.5}
        assert spoken.content == service.api.post(f"{service.base}/audio/speech", json=body).content

    def test_openai_reports_errors_by_status(self, service: SandboxClient) -> None:
        from openai import AuthenticationError, BadRequestError

        with self.client(service.base) as client, pytest.raises(BadRequestError) as bad:
            client.audio.speech.create(model="stepaudio-2.5-tts", voice="nobody", input="Hi")
        assert "voice_id does not exist" in bad.value.message
        with self.client(service.base, "wrong") as client, pytest.raises(AuthenticationError):
            client.audio.speech.create(model="stepaudio-2.5-tts", voice="lively-girl", input="Hi")

    def test_openai_lists_models(self, service: SandboxClient) -> None:
        with self.client(service.open) as client:
            assert "stepaudio-2.5-tts" in [model.id for model in client.models.list()]
