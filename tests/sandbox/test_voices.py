"""Files, previews, cloned voices and their list."""

from __future__ import annotations

import io
from base64 import b64decode
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import soundfile

from stepcli.sandbox.tts.synthesis import fundamental
from tests.sandbox.running import Running, running

SAYING = "This is how a sample of a voice could sound, if somebody had spoken it for us today."
MODEL = "stepaudio-2.5-tts"


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    """A service that nobody left anything with."""
    with running() as server:
        yield server


def sample(server: Running, voice: str, text: str = SAYING, format: str = "wav") -> bytes:
    """Some seconds of speech."""
    return server.speak(text, voice=voice, response_format=format).content


def preview(server: Running, file_id: str, text: str = "Hello there", **more: Any) -> Any:
    """The answer to a preview."""
    body = {"model": MODEL, "file_id": file_id, "sample_text": text} | more
    return server.api.post(f"{server.base}/audio/voices/preview", json=body)


def clone(server: Running, file_id: str, **more: Any) -> Any:
    """The answer to a cloning."""
    body = {"model": MODEL, "file_id": file_id} | more
    return server.api.post(f"{server.base}/audio/voices", json=body)


def height(wav: bytes) -> float:
    """The fundamental frequency of a WAV file's speech."""
    sound, rate = soundfile.read(io.BytesIO(wav), dtype="int16")
    return fundamental(sound, rate)


def test_a_file_is_described_and_deleted(server: Running) -> None:
    """What was sent is what is said of it, and it can be deleted once."""
    form = {"data": {"purpose": "storage"}, "files": {"file": ("a name.wav", b"12345")}}
    told = server.api.post(f"{server.open}/files", **form).json()  # type: ignore[arg-type]
    assert told["id"].startswith("file-")
    assert (told["bytes"], told["filename"], told["purpose"]) == (5, "a name.wav", "storage")
    gone = server.api.delete(f"{server.open}/files/{told['id']}").json()
    assert gone == {"id": told["id"], "object": "file", "deleted": True}
    assert server.api.delete(f"{server.open}/files/{told['id']}").status_code == 404


@pytest.mark.parametrize(
    "form",
    [
        {"data": {"purpose": "assistants"}, "files": {"file": ("x", b"1")}},
        {"files": {"file": ("x", b"1")}},
        {"data": {"purpose": "storage", "file": "text"}, "files": {"other": ("x", b"1")}},
        {"data": {"purpose": "storage"}, "files": {"other": ("x", b"1")}},
        {"json": {"purpose": "storage"}},
        {"content": b"nothing", "headers": {"content-type": "multipart/form-data; boundary=x"}},
        {"content": b"nothing", "headers": {"content-type": "multipart/form-data"}},
    ],
    ids=str,
)
def test_bad_uploads_are_refused(server: Running, form: Any) -> None:
    """Another purpose, no file, another field, no form."""
    answer = server.api.post(f"{server.open}/files", **form)
    assert answer.status_code == 400
    assert answer.json()["error"]["type"] == "request_params_invalid"


def test_an_upload_has_its_limit(server: Running) -> None:
    """128 MB, and not a byte more."""
    form = {"data": {"purpose": "storage"}, "files": {"file": ("x", bytes((128 << 20) + 1))}}
    answer = server.api.post(f"{server.open}/files", **form)  # type: ignore[arg-type]
    assert answer.status_code == 413


def test_a_preview_sounds_like_its_sample(server: Running) -> None:
    """WAV whatever was asked, at the asked rate, and high for a high voice."""
    heights = {}
    for voice in ("lively-girl", "zixinnansheng"):
        told = preview(
            server, server.upload(sample(server, voice)), response_format="mp3", sample_rate=16000
        ).json()
        wav = b64decode(told["sample_audio"])
        assert soundfile.info(io.BytesIO(wav)).samplerate == 16000
        assert told["sample_text"] == "Hello there"
        assert told["request_id"]
        heights[voice] = height(wav)
    assert heights["lively-girl"] > 1.3 * heights["zixinnansheng"]


def test_a_preview_says_one_sentence_of_a_file(server: Running) -> None:
    """The same one again, but no other; also when the file is uploaded again."""
    recording = sample(server, "vibrant-youth")
    file_id = server.upload(recording)
    assert preview(server, file_id, "One").status_code == 200
    assert preview(server, file_id, "One").status_code == 200
    assert preview(server, file_id, "Two").json()["error"]["param"] == "sample_text"
    assert preview(server, server.upload(recording), "Two").status_code == 400


def test_a_preview_makes_no_voice(server: Running) -> None:
    """The list is as it was."""
    before = server.api.get(f"{server.open}/audio/voices").json()
    preview(server, server.upload(sample(server, "wenrounvsheng"))).raise_for_status()
    assert server.api.get(f"{server.open}/audio/voices").json() == before


@pytest.mark.parametrize(
    ("more", "param"),
    [
        ({"sample_text": "x" * 122}, "sample_text"),
        ({"sample_text": ""}, "sample_text"),
        ({"file_id": "file-unknown"}, "file_id"),
        ({"model": "step-tts-2"}, "model"),
        ({"instruction": "x" * 201}, "instruction"),
        ({"speed": 9}, "speed"),
        ({"voice": "lively-girl"}, "voice"),
    ],
    ids=str,
)
def test_what_is_refused_of_a_preview(server: Running, more: dict[str, Any], param: str) -> None:
    """A 400 that names the field."""
    file_id = server.upload(sample(server, "linjiajiejie"))
    body = {"model": MODEL, "file_id": file_id, "sample_text": "Hello"} | more
    answer = server.api.post(f"{server.base}/audio/voices/preview", json=body)
    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == param


@pytest.mark.parametrize("ask", [preview, clone])
def test_samples_have_their_limits(server: Running, ask: Any) -> None:
    """WAV or MP3, from 1.5 to 22.9 seconds."""
    seconds = {1.4: 400, 1.5: 200, 22.9: 200, 23.0: 400}
    for length, status in seconds.items():
        tone = np.sin(np.arange(int(length * 16000)) * 0.05) * 0.3
        file = io.BytesIO()
        soundfile.write(file, tone, 16000, format="WAV")
        assert ask(server, server.upload(file.getvalue())).status_code == status
    speech = sample(server, "lively-girl", format="mp3")
    assert ask(server, server.upload(speech)).status_code == 200
    for other in (sample(server, "lively-girl", format="flac"), b"", b"no sound at all" * 100):
        answer = ask(server, server.upload(other))
        assert answer.json()["error"]["param"] == "file_id"


def test_a_cloned_voice_speaks_as_its_sample_does(server: Running) -> None:
    """By its id, over HTTP; low from a low sample and high from a high one."""
    heights = []
    for voice in ("magnetic-voiced-male", "livelybreezy-female"):
        told = clone(server, server.upload(sample(server, voice))).json()
        assert told["id"].startswith("voice-tone-")
        assert (told["object"], told["duplicated"]) == ("audio.voice", False)
        wav = server.speak(SAYING, voice=told["id"], response_format="wav").content
        heights.append(height(wav) / height(sample(server, voice)))
    assert heights == pytest.approx([1, 1], abs=0.25)


def test_the_same_sample_makes_one_voice(server: Running) -> None:
    """It is told which, and that it is not new."""
    recording = sample(server, "soft-spoken-gentleman")
    first = clone(server, server.upload(recording)).json()
    again = clone(server, server.upload(recording)).json()
    assert again == first | {"duplicated": True}


def test_a_clone_can_say_something_at_once(server: Running) -> None:
    """At most fifty characters, as WAV."""
    file_id = server.upload(sample(server, "elegantgentle-female"))
    told = clone(server, file_id, sample_text="Hello", text=SAYING).json()
    assert told["sample_text"] == "Hello"
    assert b64decode(told["sample_audio"]).startswith(b"RIFF")
    assert clone(server, file_id, sample_text="x" * 51).status_code == 400


def test_pages_of_voices() -> None:
    """Forwards and backwards in both orders, with true cursors."""
    with running() as server:
        made = []
        for length in range(5):
            recording = sample(server, "lively-girl", SAYING + " more" * length)
            made.append(clone(server, server.upload(recording)).json()["id"])

        def page(**query: Any) -> tuple[list[str], bool]:
            told = server.api.get(f"{server.open}/audio/voices", params=query).json()
            ids = [each["id"] for each in told["data"]]
            assert told["object"] == "list"
            assert (told["first_id"], told["last_id"]) == (
                (ids[0], ids[-1]) if ids else (None, None)
            )
            return ids, told["has_more"]

        assert page() == (made[::-1], False)
        assert page(order="asc", limit=2) == (made[:2], True)
        assert page(order="asc", limit=2, after=made[1]) == (made[2:4], True)
        assert page(order="asc", limit=2, after=made[3]) == (made[4:], False)
        assert page(limit=3, after=made[3]) == (made[2::-1], False)
        assert page(order="asc", limit=2, before=made[4]) == (made[2:4], True)
        assert page(order="asc", limit=2, before=made[1]) == (made[:1], False)
        assert page(after=made[0]) == ([], False)
        for wrong in ({"limit": 0}, {"limit": 101}, {"order": "up"}, {"after": "x"}, {"page": 2}):
            answer = server.api.get(f"{server.open}/audio/voices", params=wrong)
            assert answer.json()["error"]["param"] == next(iter(wrong))


def test_official_voices_are_described(server: Running) -> None:
    """By their ids, each with its three descriptions; one model only."""
    url = f"{server.open}/audio/system_voices"
    told = server.api.get(url, params={"model": "step-tts-2"}).json()
    assert {"lively-girl", "zixinnansheng", "cixingnansheng"} < set(told["voices"])
    assert set(told["voices"]) == set(told["voices-details"])
    for details in told["voices-details"].values():
        assert set(details) == {"voice-name", "voice-description", "recommended_scene"}
    assert server.api.get(url).status_code == 400
    assert server.api.get(url, params={"model": MODEL}).status_code == 400


def test_models_and_the_account_are_told(server: Running) -> None:
    """The models by id, the account with its balance."""
    told = server.api.get(f"{server.open}/models").json()
    assert {"stepaudio-2.5-tts", "stepaudio-2.5-asr"} < {each["id"] for each in told["data"]}
    assert server.api.get(f"{server.open}/accounts").json()["balance"] > 0
