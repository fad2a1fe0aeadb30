"""The state of a running service: voices, files and downloads."""

from __future__ import annotations

import pytest

from stepcli.sandbox.endpoints.models import MODELS
from stepcli.sandbox.http.responses import ServiceError
from stepcli.sandbox.options import SandboxOptions, VoiceSite
from stepcli.sandbox.state import GeneratedFile, SandboxState, UploadedFile, new_id
from stepcli.sandbox.tts.voices import STOCK_SPEAKER, Speaker

DEFAULT, MINI, WITHOUT_CLONES = (
    MODELS[name] for name in ("stepaudio-2.5-tts", "step-tts-mini", "stepaudio-3-tts")
)
SPEAKER = Speaker("m3", 10)
SAMPLE = UploadedFile("file-1", "a.wav", "storage", b"sound", 0)


@pytest.fixture
def state() -> SandboxState:
    return SandboxState(SandboxOptions(site=VoiceSite.AI))


def test_model_without_clones_speaks_with_an_official_voice_instead(state: SandboxState) -> None:
    clone = state.add_clone(SAMPLE, SPEAKER)
    assert state.speaker(clone.id, DEFAULT, "voice") == SPEAKER
    assert state.speaker(clone.id, WITHOUT_CLONES, "voice") == STOCK_SPEAKER


@pytest.mark.parametrize(
    ("voice", "model"),
    [("nobody", DEFAULT), ("lively-girl", MINI), ("linjiajiejie", DEFAULT)],
    ids=["unknown", "of another model", "of another site"],
)
def test_voice_that_the_model_lacks_is_refused(
    state: SandboxState, voice: str, model: object
) -> None:
    assert state.speaker("lively-girl", DEFAULT, "voice")
    with pytest.raises(ServiceError, match="voice_id does not exist") as refused:
        state.speaker(voice, model, "voice")  # type: ignore[arg-type]
    assert (refused.value.status, refused.value.param) == (400, "voice")


def test_sample_with_the_same_contents_is_cloned_once(state: SandboxState) -> None:
    clone = state.add_clone(SAMPLE, SPEAKER)
    assert state.clone_of(UploadedFile("file-2", "b.wav", "storage", b"sound", 0)) is clone
    assert state.clone_of(UploadedFile("file-3", "a.wav", "storage", b"noise", 0)) is None


def test_unknown_file_has_the_status_of_its_endpoint(state: SandboxState) -> None:
    state.files[SAMPLE.id] = SAMPLE
    assert state.file("file-1") is SAMPLE
    with pytest.raises(ServiceError, match="file file-2 not found") as refused:
        state.file("file-2", status=404)
    assert refused.value.status == 404


def test_oldest_downloads_are_dropped(state: SandboxState) -> None:
    for number in range(65):
        state.add_download(str(number), GeneratedFile(b"sound", "audio/mpeg"))
    assert (len(state.downloads), "0" in state.downloads, "1" in state.downloads) == (
        64,
        False,
        True,
    )


def test_ids_are_unique() -> None:
    assert len({new_id("file-") for _ in range(100)}) == 100
