"""Previews, cloned and official voices, and uploaded files."""

from __future__ import annotations

import io
from base64 import b64decode
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import soundfile

from stepcli.sandbox.tts.voices import fundamental_frequency
from tests.sandbox.client import SandboxClient, run_sandbox

SAYING = "This is how a sample of a voice could sound, if somebody had spoken it for us today."
MODEL = "stepaudio-2.5-tts"


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxClient]:
    """A sandbox without files and voices."""
    with run_sandbox() as server:
        yield server


def sample(server: SandboxClient, voice: str, text: str = SAYING, format: str = "wav") -> bytes:
    """Return a few seconds of speech."""
    return server.speak(text, voice=voice, response_format=format).content


def preview(server: SandboxClient, file_id: str, text: str = "Hello there", **more: Any) -> Any:
    """Request a preview."""
    body = {"model": MODEL, "file_id": file_id, "sample_text": text} | more
    return server.api.post(f"{server.base}/audio/voices/preview", json=body)


def clone(server: SandboxClient, file_id: str, **more: Any) -> Any:
    """Request a clone."""
    body = {"model": MODEL, "file_id": file_id} | more
    return server.api.post(f"{server.base}/audio/voices", json=body)


def pitch(wav: bytes) -> float:
    """Return the fundamental frequency of a WAV file."""
    sound, rate = soundfile.read(io.BytesIO(wav), dtype="int16")
    return fundamental_frequency(sound, rate)


def test_preview_is_wav_with_the_pitch_of_its_sample(server: SandboxClient) -> None:
    pitches = {}
    for voice in ("lively-girl", "zixinnansheng"):
        result = preview(
            server, server.upload(sample(server, voice)), response_format="mp3", sample_rate=16000
        ).json()
        wav = b64decode(result["sample_audio"])
        assert soundfile.info(io.BytesIO(wav)).samplerate == 16000
        assert result["sample_text"] == "Hello there"
        assert result["request_id"]
        pitches[voice] = pitch(wav)
    assert pitches["lively-girl"] > 1.3 * pitches["zixinnansheng"]


def test_second_preview_text_for_a_sample_is_refused(server: SandboxClient) -> None:
    """Also after another upload of the same sample."""
    recording = sample(server, "vibrant-youth")
    file_id = server.upload(recording)
    assert preview(server, file_id, "One").status_code == 200
    assert preview(server, file_id, "One").status_code == 200
    assert preview(server, file_id, "Two").json()["error"]["param"] == "sample_text"
    assert preview(server, server.upload(recording), "Two").status_code == 400


def test_preview_creates_no_voice(server: SandboxClient) -> None:
    before = server.api.get(f"{server.open}/audio/voices").json()
    preview(
        server, server.upload(sample(server, "vibrant-youth", f"Well. {SAYING}"))
    ).raise_for_status()
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
def test_invalid_preview_field_is_named(
    server: SandboxClient, more: dict[str, Any], param: str
) -> None:
    file_id = server.upload(sample(server, "vibrant-youth", f"Now. {SAYING}"))
    body = {"model": MODEL, "file_id": file_id, "sample_text": "Hello"} | more
    response = server.api.post(f"{server.base}/audio/voices/preview", json=body)
    assert response.status_code == 400
    assert response.json()["error"]["param"] == param


@pytest.mark.parametrize("ask", [preview, clone])
def test_samples_are_wav_or_mp3_of_1_5_to_22_9_seconds(server: SandboxClient, ask: Any) -> None:
    seconds = {1.4: 400, 1.5: 200, 22.9: 200, 23.0: 400}
    for length, status in seconds.items():
        tone = np.sin(np.arange(int(length * 16000)) * 0.05) * 0.3
        file = io.BytesIO()
        soundfile.write(file, tone, 16000, format="WAV")
        assert ask(server, server.upload(file.getvalue())).status_code == status
    speech = sample(server, "lively-girl", format="mp3")
    assert ask(server, server.upload(speech)).status_code == 200
    for other in (sample(server, "lively-girl", format="flac"), b"", b"no sound at all" * 100):
        response = ask(server, server.upload(other))
        assert response.json()["error"]["param"] == "file_id"


def test_cloned_voice_has_the_pitch_of_its_sample(server: SandboxClient) -> None:
    pitches = []
    for voice in ("magnetic-voiced-male", "livelybreezy-female"):
        result = clone(server, server.upload(sample(server, voice))).json()
        assert result["id"].startswith("voice-tone-")
        assert (result["object"], result["duplicated"]) == ("audio.voice", False)
        wav = server.speak(SAYING, voice=result["id"], response_format="wav").content
        pitches.append(pitch(wav) / pitch(sample(server, voice)))
    assert pitches == pytest.approx([1, 1], abs=0.25)


def test_same_sample_gives_the_same_voice(server: SandboxClient) -> None:
    recording = sample(server, "soft-spoken-gentleman")
    first = clone(server, server.upload(recording)).json()
    again = clone(server, server.upload(recording)).json()
    assert again == first | {"duplicated": True}


def test_clone_accepts_a_transcript_but_no_sample_text(server: SandboxClient) -> None:
    file_id = server.upload(sample(server, "elegantgentle-female"))
    assert set(clone(server, file_id, text=SAYING).json()) == {"id", "object", "duplicated"}
    assert clone(server, file_id, sample_text="Hello").json()["error"]["param"] == "sample_text"


def test_cloning_is_not_supported_for_stepaudio_3(server: SandboxClient) -> None:
    body = {"model": "stepaudio-3-tts", "file_id": server.upload(sample(server, "lively-girl"))}
    response = server.api.post(f"{server.open}/audio/voices", json=body)
    assert response.json()["error"]["message"] == "model not supported"


def test_stepaudio_3_replaces_a_cloned_voice_by_a_stock_voice(server: SandboxClient) -> None:
    recording = sample(server, "magnetic-voiced-male", f"So. {SAYING}")
    voice = clone(server, server.upload(recording)).json()["id"]
    body = {"model": "stepaudio-3-tts", "input": SAYING, "response_format": "wav"}
    spoken = [
        server.api.post(f"{server.open}/audio/speech", json=body | {"voice": name}).content
        for name in (voice, "lively-girl")
    ]
    assert spoken[0] == spoken[1]


def test_voices_are_paged_in_both_directions() -> None:
    with run_sandbox() as server:
        made = []
        for length in range(5):
            recording = sample(server, "lively-girl", SAYING + " more" * length)
            made.append(clone(server, server.upload(recording)).json()["id"])

        def page(**query: Any) -> tuple[list[str], bool]:
            result = server.api.get(f"{server.open}/audio/voices", params=query).json()
            ids = [each["id"] for each in result["data"]]
            assert result["object"] == "list"
            assert (result["first_id"], result["last_id"]) == (
                (ids[0], ids[-1]) if ids else (None, None)
            )
            return ids, result["has_more"]

        assert page() == (made[::-1], False)
        assert page(order="asc", limit=2) == (made[:2], True)
        assert page(order="asc", limit=2, after=made[1]) == (made[2:4], True)
        assert page(order="asc", limit=2, after=made[3]) == (made[4:], False)
        assert page(limit=3, after=made[3]) == (made[2::-1], False)
        assert page(order="asc", limit=2, before=made[4]) == (made[2:4], True)
        assert page(order="asc", limit=2, before=made[1]) == (made[:1], False)
        assert page(after=made[0]) == ([], False)
        for wrong in ({"limit": 0}, {"limit": 101}, {"order": "up"}, {"after": "x"}, {"page": 2}):
            response = server.api.get(f"{server.open}/audio/voices", params=wrong)
            assert response.json()["error"]["param"] == next(iter(wrong))


def system_voices(server: SandboxClient) -> dict[str, Any]:
    url = f"{server.open}/audio/system_voices"
    voices: dict[str, Any] = server.api.get(url, params={"model": "step-tts-2"}).json()
    return voices


def test_international_site_has_seven_official_voices() -> None:
    with run_sandbox("--site", "ai") as server:
        voices = system_voices(server)["voices"]
    assert len(voices) == 7
    assert {"lively-girl", "zixinnansheng"} < set(voices)


def test_mainland_voices_are_described_beginning_with_their_sex(server: SandboxClient) -> None:
    result = system_voices(server)
    assert len(result["voices"]) == 39
    assert set(result["voices"]) == set(result["voices-details"])
    for details in result["voices-details"].values():
        assert set(details) == {"voice-name", "voice-description", "recommended_scene"}
        assert details["voice-description"][0] in "男女"


@pytest.mark.parametrize("query", [{}, {"model": MODEL}])
def test_official_voices_are_listed_for_step_tts_2_only(
    server: SandboxClient, query: dict[str, str]
) -> None:
    url = f"{server.open}/audio/system_voices"
    assert server.api.get(url, params=query).status_code == 400


def test_file_is_uploaded_described_and_deleted(server: SandboxClient) -> None:
    form = {"data": {"purpose": "storage"}, "files": {"file": ("a name.wav", b"12345")}}
    result = server.api.post(f"{server.open}/files", **form).json()  # type: ignore[arg-type]
    assert result["id"].startswith("file-")
    assert (result["bytes"], result["filename"], result["purpose"]) == (5, "a name.wav", "storage")
    gone = server.api.delete(f"{server.open}/files/{result['id']}").json()
    assert gone == {"id": result["id"], "object": "file", "deleted": True}
    assert server.api.delete(f"{server.open}/files/{result['id']}").status_code == 404


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
def test_invalid_upload_is_refused(server: SandboxClient, form: Any) -> None:
    response = server.api.post(f"{server.open}/files", **form)
    assert response.status_code == 400
    assert response.json()["error"]["type"] == "request_params_invalid"


def test_upload_over_128_mib_gets_413(server: SandboxClient) -> None:
    form = {"data": {"purpose": "storage"}, "files": {"file": ("x", bytes((128 << 20) + 1))}}
    response = server.api.post(f"{server.open}/files", **form)  # type: ignore[arg-type]
    assert response.status_code == 413
